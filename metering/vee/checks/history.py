"""Checks of a day against the days before: zero, unit, multiplier, high/low. They come last: they read the most."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from statistics import median

from gridhall.kit.workdays import near_lunar_new_year
from gridhall.metering.vee.checks.completeness import estimated_in
from gridhall.metering.vee.checks.verdicts import exact, judge, skip
from gridhall.metering.vee.evidence import Curve, Evidence, Past
from gridhall.metering.vee.model import Outcome
from gridhall.metering.vee.thresholds import HighLow, Thresholds

BEFORE_NEW_YEAR, AFTER_NEW_YEAR = 14, 21
"""Days around the lunar new year in which homes stand empty or full and days before say little: 春运 with its ends."""


def zero(evidence: Evidence, limits: Thresholds) -> Outcome:
    """An active point that usually draws energy does not draw nothing for hours."""
    curve, limit = evidence.curve, limits.zero
    if curve is None:
        return skip("zero", "no_readings")
    usual = _usual(evidence, limits.high_low)
    if usual is None:
        return skip("zero", "thin_history")
    if usual < exact(limit.least_kwh):
        return skip("zero", "at_rest")
    hours = _zeros(curve)
    return judge(
        "zero",
        failed=hours >= exact(limit.hours),
        measured=hours,
        threshold=exact(limit.hours),
        by=limit,
        hours=hours,
        usual_kwh=usual,
    )


def unit(evidence: Evidence, limits: Thresholds) -> Outcome:
    """A day is not a thousand times (or a thousandth of) what is usual: then somebody took Wh for kWh."""
    limit = limits.unit
    return _by_factor("unit", evidence, limits, exact(limit.factor), exact(limit.slack))


def multiplier(evidence: Evidence, limits: Thresholds) -> Outcome:
    """A day is not the multiplier (倍率) times what is usual, nor its like part: it was applied twice, or never."""
    if evidence.multiplier == 1:
        return skip("multiplier", "no_multiplier")
    return _by_factor("multiplier", evidence, limits, Decimal(evidence.multiplier), exact(limits.multiplier.slack))


def high_low(evidence: Evidence, limits: Thresholds) -> Outcome:
    """A day's use is not far above or below the mean of the days before.

    Around the lunar new year it is compared with the same days of last year's, counted from that new year.
    """
    curve, limit = evidence.curve, limits.high_low
    if curve is None or not curve.whole:
        return skip("high_low", "not_whole")
    festive = near_lunar_new_year(evidence.day, before=BEFORE_NEW_YEAR, after=AFTER_NEW_YEAR)
    days = _good(evidence.last_year.values()) if festive else _window(evidence, limit.days)
    if len(days) < limit.least_days:
        return skip("high_low", "around_new_year" if festive else "thin_history")
    mean = sum(days, Decimal(0)) / len(days)
    ratio = curve.total / mean if mean else Decimal(1 if not curve.total else 10**6)
    low, high = exact(limit.low), exact(limit.high)
    return judge(
        "high_low",
        failed=not low <= ratio <= high and abs(curve.total - mean) > exact(limit.least_kwh),
        measured=ratio,
        threshold=low if ratio < low else high,
        by=limit,
        kwh=curve.total,
        mean_kwh=round(mean, 3),
        days=len(days),
        compared_with="last_lunar_year" if festive else "days_before",
    )


def _by_factor(code: str, evidence: Evidence, limits: Thresholds, factor: Decimal, slack: Decimal) -> Outcome:
    curve = evidence.curve
    if curve is None or not curve.present or not curve.total or estimated_in(curve):
        return skip(code, "no_readings")
    usual = _usual(evidence, limits.high_low)
    if not usual:
        return skip(code, "thin_history")
    whole_day = curve.total * len(curve.values) / curve.present
    ratio = whole_day / usual
    times = max(ratio, 1 / ratio)
    return judge(
        code,
        failed=factor / slack <= times <= factor * slack,
        measured=ratio,
        threshold=factor,
        by=limits.unit if code == "unit" else limits.multiplier,
        kwh=curve.total,
        usual_kwh=usual,
    )


def _usual(evidence: Evidence, limit: HighLow) -> Decimal | None:
    """Return the median of the days before, which single odd days do not move; None of too few."""
    days = _window(evidence, limit.days)
    return median(days) if len(days) >= limit.least_days else None


def _window(evidence: Evidence, days: int) -> list[Decimal]:
    first = evidence.day - timedelta(days=days)
    return _good(past for day, past in evidence.past.items() if first <= day < evidence.day)


def _good(days: Iterable[Past]) -> list[Decimal]:
    return [day.kwh for day in days if day.whole and not day.estimated]


def _zeros(curve: Curve) -> Decimal:
    runs = (len(list(run)) for nothing, run in groupby(curve.values, key=(0).__eq__) if nothing)
    return Decimal(max(runs, default=0) * curve.minutes) / 60

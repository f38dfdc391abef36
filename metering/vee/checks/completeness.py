"""Checks of whether a day is there as it should be: missing, interval size, duplicate, prolonged estimation."""

from datetime import timedelta
from decimal import Decimal
from itertools import groupby

from gridhall.kit.localdays import DAY_MINUTES
from gridhall.metering.histories.packing import MISSING
from gridhall.metering.quality import ESTIMATES
from gridhall.metering.vee.checks.verdicts import judge, skip
from gridhall.metering.vee.evidence import Curve, Evidence
from gridhall.metering.vee.model import Outcome
from gridhall.metering.vee.thresholds import Thresholds

_ONE_DAY = timedelta(days=1)


def missing(evidence: Evidence, limits: Thresholds) -> Outcome:
    """Every interval of a day has a value."""
    curve, limit = evidence.curve, limits.missing
    expected = len(curve.values) if curve else evidence.slots
    gone = expected - curve.present if curve else expected
    longest = _longest_gap(curve) if curve else evidence.slots * evidence.minutes
    return judge(
        "missing",
        failed=gone > limit.intervals,
        measured=Decimal(gone),
        threshold=Decimal(limit.intervals),
        by=limit,
        missing=gone,
        expected=expected,
        longest_gap_minutes=longest,
    )


def interval_size(evidence: Evidence, limits: Thresholds) -> Outcome:
    """Intervals are as long as the meter is registered for, and every one of them is used.

    A meter that is registered for quarters and sends half hours leaves every second quarter empty.
    """
    curve = evidence.curve
    if curve is None:
        return skip("interval_size", "no_readings")
    if curve.minutes == DAY_MINUTES:
        return skip("interval_size", "no_curve")
    minutes = curve.minutes * _stride(curve)
    return judge(
        "interval_size",
        failed=minutes != evidence.minutes,
        measured=Decimal(minutes),
        threshold=Decimal(evidence.minutes),
        by=limits.interval_size,
        minutes=minutes,
        registered=evidence.minutes,
    )


def duplicate(evidence: Evidence, limits: Thresholds) -> Outcome:
    """A day is no copy of another: a head-end that has nothing new sends yesterday's curve again.

    Rows of one day that repeat are no fault: the feed counts them, and they change nothing.
    """
    if not evidence.print:
        return skip("duplicate", "no_curve_to_tell")
    limit = limits.duplicate
    twin = evidence.prints.get(evidence.print)
    back = (evidence.day - twin).days if twin else 0
    return judge(
        "duplicate",
        failed=0 < back <= limit.days,
        measured=Decimal(back),
        threshold=Decimal(limit.days),
        by=limit,
        same_as=twin,
    )


def prolonged_estimation(evidence: Evidence, limits: Thresholds) -> Outcome:
    """Days are not estimated for long: then somebody has to read the meter."""
    curve, limit = evidence.curve, limits.prolonged_estimation
    if curve is None:
        return skip("prolonged_estimation", "no_readings")
    days, day = 0, evidence.day
    if estimated_in(curve):
        days = 1
        while (before := evidence.past.get(day := day - _ONE_DAY)) and before.estimated:
            days += 1
    return judge(
        "prolonged_estimation",
        failed=days > limit.days,
        measured=Decimal(days),
        threshold=Decimal(limit.days),
        by=limit,
        days=days,
    )


def estimated_in(curve: Curve) -> bool:
    """Tell whether any interval is an estimate."""
    return any(code in ESTIMATES for code in set(curve.quality))


def _longest_gap(curve: Curve) -> int:
    runs = (len(list(run)) for gone, run in groupby(curve.values, key=MISSING.__eq__) if gone)
    return max(runs, default=0) * curve.minutes


def _stride(curve: Curve) -> int:
    """Return how far apart the values stand, where they stand evenly through the whole day; else 1."""
    places = [slot for slot, value in enumerate(curve.values) if value >= 0]
    for stride in (2, 3, 4, 6):
        if len(curve.values) % stride == 0 and len(places) == len(curve.values) // stride:
            first = places[0]
            if places == list(range(first, len(curve.values), stride)):
                return stride
    return 1

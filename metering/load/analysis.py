"""A household's load analysis from a month of its curve: pure, and silent where the curve is thin."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from gridhall.kit.localdays import Days
from gridhall.kit.quantity import from_scaled
from gridhall.metering.histories.series import IntervalSeries
from gridhall.metering.load.base import base_load
from gridhall.metering.load.model import DayUse, Highest, LoadAnalysis, PeriodShare, Reason, TooLittle
from gridhall.metering.load.profile import EVENING, LEAST_OF_KIND, MORNING, on_the_clock, peak, profile
from gridhall.metering.load.whole_days import WholeDay, whole_days

LEAST_WHOLE_DAYS: Final = 14
"""Two weeks, so that every weekday is met twice."""

_SHOWN_DAYS: Final = 3
_HOUR: Final = 60
_SHARE: Final = Decimal("0.0001")


def analyse(curve: IntervalSeries, *, zone: str, least: int = LEAST_WHOLE_DAYS) -> LoadAnalysis | TooLittle:
    """Return what the whole days of a curve tell, or why they tell nothing.

    zone: where the point lies, which says what a day off is. least: how many whole days it takes.
    """
    days = whole_days(curve, zone=zone)
    if not curve.present:
        return TooLittle(Reason.NOTHING_MEASURED, needed=least)
    if len(on_the_clock(days, minutes=curve.minutes)) < least:
        return TooLittle(Reason.FEW_WHOLE_DAYS, whole=len(days), needed=least)
    energy = sum(day.energy for day in days)
    if not energy:
        return TooLittle(Reason.NOTHING_USED, whole=len(days), needed=least)
    working = [day for day in days if not day.off]
    usual = working if len(on_the_clock(working, minutes=curve.minutes)) >= LEAST_OF_KIND else days
    highest = _highest(days, curve)
    kwh = from_scaled(energy, scale=curve.scale)
    hours = Decimal(sum(len(day.values) for day in days) * curve.minutes) / _HOUR
    return LoadAnalysis(
        days=Days(curve.days[0], curve.days[-1] + timedelta(days=1)),
        whole=len(days),
        coverage=(Decimal(curve.present) / curve.expected).quantize(_SHARE),
        as_of=curve.as_of,
        minutes=curve.minutes,
        scale=curve.scale,
        kwh=kwh,
        base=base_load(days, curve=curve),
        morning=peak(usual, curve=curve, between=MORNING),
        evening=peak(usual, curve=curve, between=EVENING),
        highest=highest,
        load_factor=(kwh / hours / highest.kw).quantize(_SHARE),
        periods=_periods(days, curve, energy),
        working=profile(working, curve=curve),
        off=profile([day for day in days if day.off], curve=curve),
        largest=_largest(days, curve.scale),
    )


def _highest(days: Sequence[WholeDay], curve: IntervalSeries) -> Highest:
    value, index = max(
        ((value, -index) for day in days for index, value in enumerate(day.values, start=day.first)),
    )
    kw = from_scaled(value, scale=curve.scale) * _HOUR / curve.minutes
    return Highest(at=curve.start + timedelta(minutes=curve.minutes) * -index, kw=kw)


def _periods(days: Sequence[WholeDay], curve: IntervalSeries, energy: int) -> tuple[PeriodShare, ...]:
    sums = [0] * len(curve.period_codes)
    for day in days:
        for index, value in enumerate(day.values, start=day.first):
            sums[curve.periods[index]] += value
    return tuple(
        PeriodShare(code, from_scaled(value, scale=curve.scale), (Decimal(value) / energy).quantize(_SHARE))
        for code, value in zip(curve.period_codes, sums, strict=True)
    )


def _largest(days: Sequence[WholeDay], scale: int) -> tuple[DayUse, ...]:
    ordered = sorted(days, key=lambda day: (-day.energy, day.day))
    return tuple(DayUse(day.day, from_scaled(day.energy, scale=scale)) for day in ordered[:_SHOWN_DAYS])

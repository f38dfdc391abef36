"""The typical day, and when in it most is drawn. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from gridhall.kit.localdays import DAY_MINUTES
from gridhall.kit.quantity import from_scaled
from gridhall.metering.histories.series import IntervalSeries
from gridhall.metering.load.model import Peak, Profile
from gridhall.metering.load.ranks import at_rank
from gridhall.metering.load.whole_days import WholeDay

LEAST_OF_KIND: Final = 3
"""Fewer days of a kind make no typical day."""

MORNING: Final = (5 * 60, 11 * 60)
EVENING: Final = (17 * 60, 23 * 60)
"""Minutes of the local day between which the peak of the morning and of the evening is looked for."""

_HOUR: Final = 60
_WATT: Final = Decimal("0.001")


def profile(days: Sequence[WholeDay], *, curve: IntervalSeries) -> Profile | None:
    """Return the typical one of some days: median and quartiles of each slot of the clock; None of fewer than three."""
    usual = on_the_clock(days, minutes=curve.minutes)
    if len(usual) < LEAST_OF_KIND:
        return None
    slots = [sorted(values) for values in zip(*(day.values for day in usual), strict=True)]
    energy = from_scaled(sum(day.energy for day in usual), scale=curve.scale)
    return Profile(
        days=len(usual),
        mean_kwh=(energy / len(usual)).quantize(_WATT),
        median=tuple(at_rank(values, per_mille=500) for values in slots),
        lower=tuple(at_rank(values, per_mille=250) for values in slots),
        upper=tuple(at_rank(values, per_mille=750) for values in slots),
    )


def peak(days: Sequence[WholeDay], *, curve: IntervalSeries, between: tuple[int, int]) -> Peak:
    """Return the hour between two minutes of the clock that draws most in the mean of the days, the first of equals."""
    usual = on_the_clock(days, minutes=curve.minutes)
    slots = max(1, _HOUR // curve.minutes)
    sums = [sum(values) for values in zip(*(day.values for day in usual), strict=True)]
    starts = range(between[0] // curve.minutes, between[1] // curve.minutes - slots + 1)
    hours = {start: sum(sums[start : start + slots]) for start in starts}
    start = max(hours, key=lambda one: hours[one])
    kw = from_scaled(hours[start], scale=curve.scale) / len(usual)
    return Peak(minute=start * curve.minutes, kw=kw.quantize(_WATT))


def on_the_clock(days: Sequence[WholeDay], *, minutes: int) -> list[WholeDay]:
    """Return the days of 24 hours: where the clock changes, a slot is not the slot of other days."""
    return [day for day in days if len(day.values) * minutes == DAY_MINUTES]

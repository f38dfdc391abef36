"""Base load: the power that a home draws while everybody sleeps. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from gridhall.kit.quantity import from_scaled
from gridhall.metering.histories.series import IntervalSeries
from gridhall.metering.load.model import BaseLoad
from gridhall.metering.load.ranks import at_rank
from gridhall.metering.load.whole_days import WholeDay

NIGHT_HOURS: Final = 6
"""Midnight to six: nobody cooks, and no sun hides what the home draws."""

LOWER_QUARTILE: Final = 250
"""Per mille of the nights. Heating and cooling raise some nights, so the quiet ones tell what never stops."""

STANDBY_ABOVE: Final = Decimal("1.25")
"""A slot within a quarter above the base load is stand-by."""

_HOUR: Final = 60
_SHARE: Final = Decimal("0.0001")


def base_load(days: Sequence[WholeDay], *, curve: IntervalSeries) -> BaseLoad:
    """Return the base load of whole days: the lower quartile of each night's lowest hour.

    An hour and not a slot, because a fridge is off for half an hour at a time. On 622 real homes in spring it is
    95 W in the median and 220 W in the highest tenth.
    """
    slots = max(1, _HOUR // curve.minutes)
    hour = at_rank(sorted(_lowest_hour(day.values, slots) for day in days), per_mille=LOWER_QUARTILE)
    kw = from_scaled(hour, scale=curve.scale)
    slot = kw / slots
    of_period: dict[str, int] = dict.fromkeys(curve.period_codes, 0)
    quiet = 0
    most = hour * STANDBY_ABOVE / slots
    for day in days:
        for index, value in enumerate(day.values, start=day.first):
            of_period[curve.period_codes[curve.periods[index]]] += 1
            quiet += value <= most
    energy = sum(day.energy for day in days)
    slots_of_all = sum(len(day.values) for day in days)
    # Nights that heat may lie above the mean of the day.
    share = min(Decimal(1), Decimal(hour) * slots_of_all / slots / energy) if energy else Decimal(0)
    return BaseLoad(
        kw=kw,
        share=share.quantize(_SHARE),
        by_period={code: slot * count for code, count in of_period.items()},
        standby_hours=(Decimal(quiet * curve.minutes) / _HOUR / len(days)).quantize(Decimal("0.1")),
    )


def _lowest_hour(values: Sequence[int], slots: int) -> int:
    """Return the least energy of any hour of the night."""
    night = values[: NIGHT_HOURS * slots]
    return min(sum(night[first : first + slots]) for first in range(len(night) - slots + 1))

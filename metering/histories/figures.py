"""The lowest, highest and mean slot of a series, and the peak demand of a curve. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from gridhall.kit.quantity import from_scaled
from gridhall.metering.histories.comparing import is_whole
from gridhall.metering.histories.series import IntervalSeries, TotalsSeries

_MINUTES_AN_HOUR: Final = 60


@dataclass(frozen=True, slots=True)
class Figures:
    """least, most, mean: of the `slots` slots that are whole. least_at, most_at: index of the first such slot."""

    least: Decimal
    most: Decimal
    mean: Decimal
    least_at: int
    most_at: int
    slots: int


@dataclass(frozen=True, slots=True)
class Demand:
    """The highest average power (最大需量) of a slot of `minutes`, and when that slot began."""

    kw: Decimal
    at: datetime
    minutes: int


def figures_of(series: IntervalSeries | TotalsSeries) -> Figures | None:
    """Return the figures of a series, None where no slot is whole.

    A day or month of which more than a twentieth is missing is neither the lowest nor does it pull the mean down.
    """
    if isinstance(series, IntervalSeries):
        whole = [(value, index) for index, value in enumerate(series.values) if value is not None]
    else:
        columns = zip(series.totals, series.present, series.expected, strict=True)
        whole = [
            (value, index)
            for index, (value, present, expected) in enumerate(columns)
            if value is not None and is_whole(present=present, expected=expected)
        ]
    if not whole:
        return None
    least, most = min(whole), max(whole, key=lambda one: (one[0], -one[1]))
    return Figures(
        least=from_scaled(least[0], scale=series.scale),
        most=from_scaled(most[0], scale=series.scale),
        mean=from_scaled(sum(value for value, _ in whole), scale=series.scale) / len(whole),
        least_at=least[1],
        most_at=most[1],
        slots=len(whole),
    )


def peak_demand(series: IntervalSeries) -> Demand | None:
    """Return the peak demand of a curve, the first of several equal ones; None where no slot is present."""
    most = max((value for value in series.values if value is not None), default=None)
    if most is None:
        return None
    return Demand(
        kw=from_scaled(most, scale=series.scale) * _MINUTES_AN_HOUR / series.minutes,
        at=series.start + timedelta(minutes=series.minutes) * series.values.index(most),
        minutes=series.minutes,
    )

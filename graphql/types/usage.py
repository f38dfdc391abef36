"""Usage histories as a client sees them: columns, not an object a reading."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum

import strawberry

from gridhall.graphql.scalars import Codes, Labels, Numbers
from gridhall.metering.calendars.model import Calendar
from gridhall.metering.histories.series import IntervalSeries, TotalsSeries


@strawberry.enum(description="How long the slots of a usage history are.")
class Resolution(Enum):
    """How long the slots are."""

    INTERVAL = "interval"
    DAY = "day"
    MONTH = "month"


@strawberry.type(description="The energy of one time-of-use period, a value a slot.")
class PeriodUsage:
    """The energy of one period."""

    code: str = strawberry.field(description="critical_peak, peak, flat, valley, deep_valley or total.")
    title: str
    kwh: Numbers
    total: float = strawberry.field(description="Sum of the slots that are there, kWh.")


@strawberry.type(description="A usage history in columns: the i-th entry of every column belongs to the i-th slot.")
class Usage:
    """A usage history in columns."""

    resolution: Resolution
    minutes: int | None = strawberry.field(description="Length of an interval slot; null for days and months.")
    labels: Labels = strawberry.field(description="Start of each slot: an instant, a day or a month.")
    kwh: Numbers
    quality: Codes = strawberry.field(description="ESPI quality code, the worst of a day or month; 0 is valid.")
    periods: list[PeriodUsage]
    total: float = strawberry.field(description="Sum of the slots that are there, kWh.")
    present: int = strawberry.field(description="Measured intervals that are there.")
    expected: int = strawberry.field(description="Measured intervals that should be there.")
    as_of: datetime | None = strawberry.field(description="When the newest of it was stored.")

    @strawberry.field(description="Share of the intervals that are there, 0 to 1.")
    def coverage(self) -> float:
        """Return the share of intervals that are there."""
        return round(self.present / self.expected, 4) if self.expected else 0.0


def of_intervals(series: IntervalSeries, *, calendar: Calendar, titles: Sequence[str], zone_labels: list[str]) -> Usage:
    """Present an interval series."""
    kwh = _kwh(series.values, series.scale)
    periods = [
        _period(code, title, [value if at == index else None for value, at in zip(kwh, series.periods, strict=True)])
        for index, (code, title) in enumerate(zip(calendar.periods, titles, strict=True))
    ]
    return Usage(
        resolution=Resolution.INTERVAL,
        minutes=series.minutes,
        labels=Labels(zone_labels),
        kwh=Numbers(kwh),
        quality=Codes(list(series.quality)),
        periods=periods,
        total=float(series.total),
        present=series.present,
        expected=series.expected,
        as_of=series.as_of,
    )


def of_totals(series: TotalsSeries, *, resolution: Resolution, titles: dict[str, str]) -> Usage:
    """Present a series of days or months."""
    kwh = _kwh(series.totals, series.scale)
    return Usage(
        resolution=resolution,
        minutes=None,
        labels=Labels(list(series.labels)),
        kwh=Numbers(kwh),
        quality=Codes(list(series.quality)),
        periods=[
            _period(code, titles.get(code, code), _kwh(values, series.scale))
            for code, values in series.by_period.items()
        ],
        total=_sum(kwh),
        present=sum(series.present),
        expected=sum(series.expected),
        as_of=series.as_of,
    )


def _period(code: str, title: str, kwh: list[float | None]) -> PeriodUsage:
    return PeriodUsage(code=code, title=title, kwh=Numbers(kwh), total=_sum(kwh))


def _kwh(values: Sequence[int | None], scale: int) -> list[float | None]:
    """Return counts as kWh: the division is correctly rounded, so the shortest text of each is the exact decimal."""
    unit = 10**scale
    return [None if value is None else value / unit for value in values]


def _sum(kwh: Sequence[float | None]) -> float:
    return float(sum((Decimal(str(value)) for value in kwh if value is not None), Decimal(0)))

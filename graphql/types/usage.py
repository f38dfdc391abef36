"""Usage histories as a client sees them: columns, not an object a reading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from zoneinfo import ZoneInfo

import strawberry

from gridhall.graphql.context import Info
from gridhall.graphql.scalars import Codes, Labels, Numbers
from gridhall.graphql.types.checks import UsageNotice, notices_of
from gridhall.graphql.types.tariff import in_language
from gridhall.graphql.types.usage_figures import (
    Comparison,
    Comparisons,
    ExpiredDetail,
    PeakDemand,
    UsageFigures,
    compared,
    expired_detail,
)
from gridhall.kit.localdays import Days, local_day
from gridhall.metering.calendars import calendar, period_titles
from gridhall.metering.histories.comparing import Against
from gridhall.metering.histories.queries import comparison
from gridhall.metering.histories.ranges import Resolution
from gridhall.metering.histories.series import IntervalSeries, TotalsSeries
from gridhall.metering.points.model import ServicePoint

strawberry.enum(
    Resolution,
    description="How long the slots of a usage history are.",
)


@strawberry.enum(description="What is counted: energy drawn (import) or fed in (export), active or reactive.")
class Channel(Enum):
    """What is counted."""

    IMPORT_KWH = "import-kwh"
    EXPORT_KWH = "export-kwh"
    IMPORT_KVARH = "import-kvarh"
    EXPORT_KVARH = "export-kvarh"

    @property
    def unit(self) -> str:
        """The unit that the channel is counted in."""
        return "kVArh" if self.value.endswith("kvarh") else "kWh"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which history was read. days: as asked for; held: those that the account may read of the point."""

    point: ServicePoint
    channel: Channel
    days: Days
    held: Days


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
    channel: Channel
    unit: str = strawberry.field(description="What the numbers count: kWh, or kVArh of a reactive channel.")
    minutes: int | None = strawberry.field(description="Length of an interval slot; null for longer slots.")
    labels: Labels = strawberry.field(description="Start of each slot: an instant, a day, a month or a year.")
    kwh: Numbers = strawberry.field(description="Energy of each slot in `unit`; null where nothing is there.")
    quality: Codes = strawberry.field(
        description="ESPI quality code, a longer slot's worst: 0 measured, 7 edited, 8 and 9 estimated, 10 doubted."
    )
    slots_present: Codes = strawberry.field(
        description="How many intervals of each slot are there, estimates among them."
    )
    slots_expected: Codes = strawberry.field(description="How many intervals of each slot should be there.")
    periods: list[PeriodUsage]
    total: float = strawberry.field(description="Sum of the slots that are there, kWh.")
    present: int = strawberry.field(description="Intervals that are there, estimates among them: `quality` tells.")
    expected: int = strawberry.field(description="Intervals that should be there.")
    as_of: datetime | None = strawberry.field(description="When the newest of it was stored.")
    figures: UsageFigures | None = strawberry.field(description="Lowest, highest and mean of the slots that are whole.")
    peak_demand: PeakDemand | None = strawberry.field(description="Of intervals only: the highest average power.")
    expired: ExpiredDetail | None = strawberry.field(description="Why intervals are missing that once were there.")
    without_curve: list[date] = strawberry.field(
        description="Of intervals only: days of which the energy is known but not when it flowed; they are null.",
    )
    asked: strawberry.Private[Asked]

    @strawberry.field(description="Share of the intervals that are there, 0 to 1.")
    def coverage(self) -> float:
        """Return the share of intervals that are there."""
        return round(self.present / self.expected, 4) if self.expected else 0.0

    @strawberry.field(description="What the checks found on single days, for histories of up to 62 days.")
    async def notices(self, info: Info) -> list[UsageNotice]:
        """Return what is worth knowing of single days."""
        return await notices_of(info, self.asked, channel=self.asked.channel.value)

    @strawberry.field(description="Compared like for like, day against day, as far as the range has passed.")
    async def comparison(self, info: Info, against: Comparisons = Against.PREVIOUS_PERIOD) -> Comparison:
        """Return the comparison with another range."""
        found = await comparison(
            point=self.asked.point,
            channel=self.asked.channel.value,
            days=self.asked.days,
            held=self.asked.held,
            against=against,
            histories=info.context.hall.months,
            today=local_day(info.context.hall.clock.now(), self.asked.point.zone),
        )
        return compared(found, info)


def of_intervals(series: IntervalSeries, *, asked: Asked, info: Info) -> Usage:
    """Present an interval series."""
    kwh = _kwh(series.values, series.scale)
    titles = titles_of(asked.point, info.context.language)
    zone, step = ZoneInfo(asked.point.zone), timedelta(minutes=series.minutes)
    labels = [(series.start + step * index).astimezone(zone).isoformat() for index in range(len(kwh))]
    there = [0 if value is None else 1 for value in series.values]
    periods = [
        _period(
            code, titles[code], [value if at == index else None for value, at in zip(kwh, series.periods, strict=True)]
        )
        for index, code in enumerate(series.period_codes)
    ]
    return Usage(
        resolution=Resolution.INTERVAL,
        channel=asked.channel,
        unit=asked.channel.unit,
        minutes=series.minutes,
        labels=Labels(labels),
        kwh=Numbers(kwh),
        quality=Codes(list(series.quality)),
        slots_present=Codes(list(there)),
        slots_expected=Codes([1] * len(kwh)),
        periods=periods,
        total=float(series.total),
        present=series.present,
        expected=series.expected,
        as_of=series.as_of,
        figures=UsageFigures.of(series, labels),
        peak_demand=PeakDemand.of(series, zone),
        expired=expired_detail(series, info),
        without_curve=list(series.without_curve),
        asked=asked,
    )


def of_totals(series: TotalsSeries, *, resolution: Resolution, asked: Asked, info: Info) -> Usage:
    """Present a series of days, months or years."""
    titles = titles_of(asked.point, info.context.language)
    return Usage(
        resolution=resolution,
        channel=asked.channel,
        unit=asked.channel.unit,
        minutes=None,
        labels=Labels(list(series.labels)),
        kwh=Numbers(_kwh(series.totals, series.scale)),
        quality=Codes(list(series.quality)),
        slots_present=Codes(list(series.present)),
        slots_expected=Codes(list(series.expected)),
        periods=[_period(code, titles[code], _kwh(values, series.scale)) for code, values in series.by_period.items()],
        total=float(series.total),
        present=sum(series.present),
        expected=sum(series.expected),
        as_of=series.as_of,
        figures=UsageFigures.of(series, series.labels),
        peak_demand=None,
        expired=None,
        without_curve=[],
        asked=asked,
    )


def titles_of(point: ServicePoint, language: str) -> Mapping[str, str]:
    """Return the names of periods in a language, by code."""
    titles = period_titles(calendar(point.calendar))
    return {code: in_language(title.zh, title.en, language) for code, title in titles.items()}


def _period(code: str, title: str, kwh: list[float | None]) -> PeriodUsage:
    return PeriodUsage(code=code, title=title, kwh=Numbers(kwh), total=_sum(kwh))


def _kwh(values: Sequence[int | None], scale: int) -> list[float | None]:
    """Return counts as kWh: the division is correctly rounded, so the shortest text of each is the exact decimal."""
    unit = 10**scale
    return [None if value is None else value / unit for value in values]


def _sum(kwh: Sequence[float | None]) -> float:
    return float(sum((Decimal(str(value)) for value in kwh if value is not None), Decimal(0)))

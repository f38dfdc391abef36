"""Reading what load analyses and projections are made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from gridhall.kit.localdays import Days
from gridhall.kit.quantity import from_scaled
from gridhall.metering.histories.queries import MonthReader, day_series, interval_series
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.histories.series import TotalsSeries
from gridhall.metering.load.analysis import LEAST_WHOLE_DAYS, analyse
from gridhall.metering.load.change import Change, against
from gridhall.metering.load.expectation import LEARNT
from gridhall.metering.load.model import LoadAnalysis, TooLittle
from gridhall.metering.load.whole_days import whole_totals
from gridhall.metering.load.years import a_year_before, moves_with_the_moon
from gridhall.metering.points.model import ServicePoint

LOOKED_BACK: Final = timedelta(days=430)
"""A year, the four weeks before it, and as far as Spring Festival moves."""


@dataclass(frozen=True, slots=True)
class DailyUse:
    """The days of one or more points before `today`, for a projection.

    used: energy of whole days in counts of 10**-scale. by_period: kWh a period of each day, gaps or not.
    """

    today: date
    zone: str
    scale: int
    used: Mapping[date, int]
    by_period: Mapping[date, Mapping[str, Decimal]]
    as_of: datetime | None

    def measured(self, days: Days) -> dict[str, Decimal]:
        """Return the kWh a period of some days, as far as they are there."""
        sums: dict[str, Decimal] = {}
        for day in days:
            for period, kwh in self.by_period.get(day, {}).items():
                sums[period] = sums.get(period, Decimal(0)) + kwh
        return sums

    def lately(self) -> dict[str, Decimal]:
        """Return the kWh a period of the four weeks before today."""
        return self.measured(Days(self.today - timedelta(days=LEARNT), self.today))


async def load_of(
    *, point: ServicePoint, days: Days, histories: HistoryRepository, least: int = LEAST_WHOLE_DAYS
) -> LoadAnalysis | TooLittle:
    """Return what the curve of some days, at most a few months, tells of a home."""
    curve = await interval_series(point=point, days=days, histories=histories)
    return analyse(curve, zone=point.zone, least=least)


async def daily_use(*, points: Sequence[ServicePoint], today: date, histories: MonthReader) -> DailyUse:
    """Return the days of more than a year before today of points that one account pays for together, at least one."""
    days = Days(today - LOOKED_BACK, today)
    series = [await day_series(point=point, days=days, histories=histories) for point in points]
    scale = max(one.scale for one in series)
    whole = [whole_totals(one) for one in series]
    shared = set(whole[0]).intersection(*whole[1:])
    factors = [10 ** (scale - one.scale) for one in series]
    return DailyUse(
        today=today,
        zone=points[0].zone,
        scale=scale,
        used={day: sum(of[day] * by for of, by in zip(whole, factors, strict=True)) for day in sorted(shared)},
        by_period=_by_period(series),
        as_of=max((one.as_of for one in series if one.as_of), default=None),
    )


async def change_of(*, point: ServicePoint, days: Days, histories: MonthReader) -> Change | TooLittle:
    """Return how the use of some days differs from that of last year, each by its mean day."""
    earlier = a_year_before(days, zone=point.zone)
    now = await day_series(point=point, days=days, histories=histories)
    then = await day_series(point=point, days=earlier, histories=histories)
    return against(
        now=now, then=then, days=days, earlier=earlier, lunar=moves_with_the_moon(days.start, zone=point.zone)
    )


def _by_period(series: Sequence[TotalsSeries]) -> dict[date, dict[str, Decimal]]:
    found: dict[date, dict[str, Decimal]] = {}
    for one in series:
        for period, values in one.by_period.items():
            for label, value in zip(one.labels, values, strict=True):
                if value is not None:
                    of_day = found.setdefault(date.fromisoformat(label), {})
                    of_day[period] = of_day.get(period, Decimal(0)) + from_scaled(value, scale=one.scale)
    return found

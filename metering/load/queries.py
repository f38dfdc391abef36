"""Reading what load analyses and projections are made from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from gridhall.kit.localdays import Days, Month
from gridhall.kit.quantity import from_scaled
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import month_key, month_of
from gridhall.metering.histories.queries import MonthReader, day_series, interval_series
from gridhall.metering.histories.ranges import overlap
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.histories.summing import finest
from gridhall.metering.load.analysis import LEAST_WHOLE_DAYS, analyse
from gridhall.metering.load.change import Change, against
from gridhall.metering.load.expectation import LEARNT
from gridhall.metering.load.model import LoadAnalysis, TooLittle
from gridhall.metering.load.years import a_year_before, moves_with_the_moon
from gridhall.metering.points.model import ServicePoint

LOOKED_BACK: Final = timedelta(days=430)
"""A year, the four weeks before it, and as far as Spring Festival moves."""

LATELY: Final = timedelta(days=62)
"""How far back the periods of use are asked of: a billing period, or four weeks."""


@dataclass(frozen=True, slots=True)
class DailyUse:
    """The days of one or more points before `today`, for a projection.

    used: energy of whole days in counts of 10**-scale. by_period: kWh a period of each day of the last two
    months, gaps or not.
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


async def daily_use(
    *, points: Sequence[ServicePoint], today: date, histories: MonthReader, since: date = date.min
) -> DailyUse:
    """Return the days of more than a year before today of points that one account pays for together, at least one.

    since: the first day on which it does; what was used before is somebody else's. Read straight from the months,
    since a projection asks of each day only whether it is whole, and how much.
    """
    days = Days(max(since, today - LOOKED_BACK), today)
    labels = sorted({Month.of(day) for day in days})
    keys = [month_key(point.id, IMPORT_KWH, month) for point in points for month in labels]
    found = await histories.months(keys)
    scale = max((finest(month.days.values()) for month in found.values()), default=0)
    used: dict[date, int] = {}
    whole: Counter[date] = Counter()
    by_period: dict[date, dict[str, Decimal]] = {}
    for month in found.values():
        first = month_of(month.key).first
        for number, entry in month.days.items():
            day = first.replace(day=number)
            if day not in days:
                continue
            if entry.present >= entry.expected > 0:
                whole[day] += 1
                used[day] = used.get(day, 0) + sum(entry.totals.values()) * 10 ** (scale - entry.scale)
            if day >= today - LATELY:
                of_day = by_period.setdefault(day, {})
                for period, energy in entry.totals.items():
                    of_day[period] = of_day.get(period, Decimal(0)) + from_scaled(energy, scale=entry.scale)
    return DailyUse(
        today=today,
        zone=points[0].zone,
        scale=scale,
        used={day: used[day] for day in sorted(used) if whole[day] == len(points)},
        by_period=by_period,
        as_of=max((month.as_of for month in found.values()), default=None),
    )


async def change_of(
    *, point: ServicePoint, days: Days, histories: MonthReader, held: Days | None = None
) -> Change | TooLittle:
    """Return how the use of some days differs from that of last year, each by its mean day.

    held: the days that may be read at all, None for every day; others count as if they had no history.
    """
    earlier = a_year_before(days, zone=point.zone)
    now = await day_series(point=point, days=days, histories=histories)
    then = await day_series(point=point, days=overlap(earlier, held), histories=histories)
    return against(
        now=now, then=then, days=days, earlier=earlier, lunar=moves_with_the_moon(days.start, zone=point.zone)
    )

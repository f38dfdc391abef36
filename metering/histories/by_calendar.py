"""The energy of whole months as other calendars than the point's own would divide it. Nothing is written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from gridhall.kit.localdays import Days, Month
from gridhall.kit.quantity import from_scaled
from gridhall.metering.calendars import calendar
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key, day_of, month_key
from gridhall.metering.histories.model import DayBucket, DayTotals
from gridhall.metering.histories.queries import DayReader
from gridhall.metering.histories.ranges import overlap
from gridhall.metering.histories.totals import totals_by_period, totals_of

_NOTHING = Decimal(0)


@dataclass(slots=True)
class Divided:
    """What is known of a month by one calendar: kWh a period, and of how many days."""

    kwh: dict[str, Decimal]
    days: Decimal = _NOTHING

    def add(self, totals: Mapping[str, int], *, scale: int, days: Decimal) -> None:
        """Add the energy of a day, or of what there is of one."""
        for period, energy in totals.items():
            self.kwh[period] = self.kwh.get(period, _NOTHING) + from_scaled(energy, scale=scale)
        self.days += days


@dataclass(frozen=True, slots=True)
class MonthDivided:
    """A month of one or more points together.

    whole: all that was measured, as `total`. by_calendar: what of it each calendar can divide. A day with half its
    slots is half a day; with two points, each is half of one.
    """

    month: Month
    whole: Divided
    by_calendar: Mapping[str, Divided]


async def months_divided(
    *,
    points: Mapping[UUID, Days],
    months: Sequence[Month],
    calendars: Collection[str],
    histories: DayReader,
) -> list[MonthDivided]:
    """Return months divided by each of the calendars. points: with the days on which they count. Two round trips."""
    found = {one: MonthDivided(one, Divided({}), {code: Divided({}) for code in calendars}) for one in months}
    span = Days(months[0].first, months[-1].shift(1).first)
    wanted = {id_: overlap(span, held) for id_, held in points.items()}
    buckets = await histories.days([day_key(id_, IMPORT_KWH, day) for id_, days in wanted.items() for day in days])
    kept = await _kept(wanted, months, histories)
    for id_, days in wanted.items():
        for day in days:
            bucket = buckets.get(day_key(id_, IMPORT_KWH, day))
            totals = totals_of(bucket) if bucket else kept.get((id_, day))
            if totals is not None:
                _add(found[Month.of(day)], bucket, totals, share=Decimal(1) / len(points))
    return list(found.values())


async def _kept(
    wanted: Mapping[UUID, Days], months: Sequence[Month], histories: DayReader
) -> dict[tuple[UUID, date], DayTotals]:
    """Return the totals of days, for those whose slots are not kept any more."""
    keys = {(id_, month): month_key(id_, IMPORT_KWH, month) for id_ in wanted for month in months}
    found = await histories.months(list(keys.values()))
    return {
        (id_, day): totals
        for (id_, _), key in keys.items()
        if key in found
        for day, totals in found[key].dated().items()
    }


def _add(to: MonthDivided, bucket: DayBucket | None, totals: DayTotals, *, share: Decimal) -> None:
    if not totals.present:
        return
    days = share * totals.present / totals.expected
    to.whole.add({"total": sum(totals.totals.values())}, scale=totals.scale, days=days)
    for code, divided in to.by_calendar.items():
        by_period = _by(code, bucket, totals)
        if by_period is not None:
            divided.add(by_period, scale=totals.scale, days=days)


def _by(code: str, bucket: DayBucket | None, totals: DayTotals) -> Mapping[str, int] | None:
    """Return the energy of a day by a calendar, None where nobody can tell."""
    periods = calendar(code).periods
    if len(periods) == 1:
        return {periods[0]: sum(totals.totals.values())}
    if bucket is not None and bucket.has_curve and bucket.calendar != code:
        return totals_by_period(
            bucket.unpacked(), code=code, day=day_of(bucket.key), minutes=bucket.minutes, zone=bucket.zone
        )
    same = bucket is not None and bucket.calendar == code and totals.totals.keys() <= set(periods)
    return totals.totals if same else None

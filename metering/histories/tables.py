"""Maintained totals of days laid out as columns of days, months or years. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from gridhall.kit.localdays import Days, Month, slots_in
from gridhall.metering.calendars import calendar
from gridhall.metering.histories.model import DayTotals, MonthOfDays
from gridhall.metering.histories.ranges import months_of, overlap
from gridhall.metering.histories.series import TotalsSeries
from gridhall.metering.histories.summing import add_up, finest
from gridhall.metering.points.model import ServicePoint

USUAL_MINUTES: Final = 15
"""Slot length assumed of a point that has no usage at all in what is asked."""

Row = tuple[str, Sequence[DayTotals], int]
"""Label, totals of the days that are kept, and how many slots are expected."""


class DaysKept:
    """The days of one channel of a point that are in months as they were read.

    Slots of days from `until` on (say, today) are not expected yet, but counted where they are there. Days that are
    not `held` look as if nothing of them were kept.
    """

    def __init__(
        self,
        *,
        point: ServicePoint,
        channel: str,
        months: Mapping[Month, MonthOfDays],
        until: date | None = None,
        held: Days | None = None,
    ) -> None:
        self._point = point
        self._channel = channel
        self._months = months
        self._until = until
        self._held = held
        self._minutes = next((month.minutes for month in months.values()), USUAL_MINUTES)

    def of(self, days: Days) -> Iterator[tuple[date, DayTotals | None]]:
        """Yield each of the days with its totals, None where nothing of it is kept."""
        kept: Mapping[int, DayTotals] = {}
        month: Month | None = None
        for day in days:
            if month is None or day.day == 1:
                month = Month.of(day)
                kept = self._months[month].days if month in self._months else {}
            hidden = self._held is not None and day not in self._held
            yield day, None if hidden else kept.get(day.day)

    @property
    def as_of(self) -> datetime | None:
        """When the newest of the months was written."""
        return max((month.as_of for month in self._months.values()), default=None)

    def by_day(self, days: Days) -> TotalsSeries:
        """Return a column of days."""
        return self._table(
            [(day.isoformat(), [entry] if entry else [], self._expected(day, entry)) for day, entry in self.of(days)]
        )

    def by_month(self, days: Days) -> TotalsSeries:
        """Return a column of the months in which the days fall; of the first and last only those days count."""
        return self._table([self._row(str(month), overlap(month.days, days)) for month in months_of(days)])

    def by_year(self, days: Days) -> TotalsSeries:
        """Return a column of the years in which the days fall; of the first and last only those days count."""
        years = range(days.start.year, months_of(days)[-1].year + 1) if len(days) else ()
        return self._table(
            [self._row(f"{year:04d}", overlap(Days(date(year, 1, 1), date(year + 1, 1, 1)), days)) for year in years]
        )

    def _row(self, label: str, days: Days) -> Row:
        kept = self._months.get(Month.of(days.start)) if len(days) else None
        if kept and self._is_whole(kept, days):
            # Nearly every month but the running one: nothing is looked at day by day.
            whole = list(kept.days.values())
            return label, whole, sum([entry.expected for entry in whole])
        entries, expected = [], 0
        for day, entry in self.of(days):
            expected += self._expected(day, entry)
            if entry is not None:
                entries.append(entry)
        return label, entries, expected

    def _is_whole(self, kept: MonthOfDays, days: Days) -> bool:
        """Tell whether the days are all those of a month that is over, of which every day is kept."""
        over = self._until is None or days.end <= self._until
        held = self._held is None or (days.start in self._held and days.end <= self._held.end)
        return over and held and len(kept.days) == len(days) and days == Month.of(days.start).days

    def _expected(self, day: date, entry: DayTotals | None) -> int:
        if self._until is not None and day >= self._until:
            return entry.present if entry else 0
        return entry.expected if entry else slots_in(day, self._point.zone, self._minutes)

    def _table(self, rows: Sequence[Row]) -> TotalsSeries:
        """Lay rows out in columns, all at the finest scale that occurs."""
        scale = max((finest(entries) for _, entries, _ in rows), default=0)
        sums = [add_up(entries, scale=scale) for _, entries, _ in rows]
        # Periods of the point's calendar in its order, then those of a calendar that it had before.
        met: Iterable[str] = (period for one in sums for period in one.by_period)
        periods = dict.fromkeys((*calendar(self._point.calendar).periods, *met))
        return TotalsSeries(
            channel=self._channel,
            scale=scale,
            labels=tuple(label for label, _, _ in rows),
            totals=tuple(one.total if one.present else None for one in sums),
            by_period={
                period: tuple(one.by_period.get(period, 0) if one.present else None for one in sums)
                for period in periods
            },
            present=tuple(one.present for one in sums),
            expected=tuple(expected for _, _, expected in rows),
            quality=tuple(one.quality for one in sums),
            as_of=self.as_of,
        )

"""Reads everything that a chunk of bills is made from, in a fixed number of round trips."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.bills.drafting import Sources
from gridhall.billing.bills.meters import Move, Moves, Reads, counted_on, moves_of, stretches
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import Days, Month
from gridhall.kit.quantity import from_scaled
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import month_key, point_of
from gridhall.metering.histories.model import DayTotals
from gridhall.metering.histories.queries import period_totals
from gridhall.metering.histories.ranges import months_of
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.histories.series import PeriodTotals
from gridhall.metering.points.repository import MeterRepository, PointRepository
from gridhall.metering.registers.queries import all_reads_at, reads_at
from gridhall.metering.registers.repository import RegisterRepository
from gridhall.metering.rounds.doubts import doubted_at
from gridhall.metering.rounds.repository import EntryRepository
from gridhall.metering.vee.exceptions.repository import ExceptionRepository

MONTHS_BACK: Final = 12
"""The longest tier cycle."""

Curves = Mapping[AccountId, Mapping[str, Decimal]]
"""Energy of each period by the interval curve, for the accounts whose curves have no gap."""


@dataclass(frozen=True, slots=True)
class Span:
    """What is known of an account over several periods.

    days: all of them. curve: of every point, what each day with a whole curve used, by period.
    """

    days: Days
    reads: Reads
    moves: Moves
    digits: Mapping[str, int]
    doubted: Collection[tuple[UUID, date]]
    curve: Mapping[UUID, Mapping[date, Mapping[str, Decimal]]]


@dataclass(frozen=True, slots=True)
class SourceReader:
    """Where the sources of bills are read. tolerance_days: how far from its day a read may be taken."""

    registers: RegisterRepository
    histories: HistoryRepository
    bills: BillRepository
    points: PointRepository
    meters: MeterRepository
    entries: EntryRepository
    exceptions: ExceptionRepository
    tolerance_days: int

    async def read(self, *, accounts: Sequence[Account], month: Month) -> tuple[Sources, Curves]:
        """Return the sources of the accounts' bills, and the curves that the review compares them with."""
        periods = {account.id: account.period(month) for account in accounts}
        point_ids = {link.point_id for account in accounts for link in account.points_in(periods[account.id])}
        ends = {day for days in periods.values() for day in (days.start, days.end)}
        reads = await reads_at(point_ids=point_ids, days=ends, registers=self.registers)
        moves = await self._moves(periods, accounts)
        sources = Sources(
            reads=reads,
            earlier=await self.bills.before(periods, since=month.shift(-MONTHS_BACK), month=month),
            moves=moves,
            digits=await self._digits(_backwards(periods, accounts, reads, moves)),
            doubted=await doubted_at(
                point_ids=point_ids,
                days=ends,
                tolerance_days=self.tolerance_days,
                entries=self.entries,
                exceptions=self.exceptions,
            ),
        )
        return sources, await self._curves(periods, accounts)

    async def read_over(self, *, account: Account, borders: Sequence[date]) -> Span:
        """Return what is known of an account's registers and days between the first and the last of some borders."""
        days = Days(borders[0], borders[-1])
        ids = [link.point_id for link in account.points_in(days)]
        reads = await reads_at(point_ids=ids, days=borders, registers=self.registers)
        periods = {account.id: days}
        moves = await self._moves(periods, [account])
        return Span(
            days=days,
            reads=reads,
            moves=moves,
            digits=await self._digits(_backwards(periods, [account], reads, moves)),
            doubted=await doubted_at(
                point_ids=ids,
                days=borders,
                tolerance_days=self.tolerance_days,
                entries=self.entries,
                exceptions=self.exceptions,
            ),
            curve=await self._days(ids, days),
        )

    async def _days(self, ids: Sequence[UUID], days: Days) -> dict[UUID, dict[date, dict[str, Decimal]]]:
        """Return the energy of the days of which every slot was measured, by point and period."""
        found: dict[UUID, dict[date, dict[str, Decimal]]] = {}
        keys = [month_key(id_, IMPORT_KWH, month) for id_ in ids for month in months_of(days)]
        for key, month in (await self.histories.months(keys)).items():
            whole = {day: one for day, one in month.dated().items() if day in days and one.present >= one.expected}
            found.setdefault(point_of(key), {}).update({day: _used(one) for day, one in whole.items()})
        return found

    async def _digits(self, numbers: Collection[str]) -> dict[str, int]:
        """Return the digits of meters that seem to have gone over their end; nearly always there is none."""
        if not numbers:
            return {}
        meters = await self.meters.by_numbers(numbers)
        return {number: meter.digits for number, meter in meters.items() if meter.digits is not None}

    async def _moves(self, periods: Mapping[AccountId, Days], accounts: Sequence[Account]) -> Moves:
        """Return the exchanges of the accounts' periods with the reads of both meters; most have none."""
        wanted = {link.point_id: periods[one.id] for one in accounts for link in one.points_in(periods[one.id])}
        points = await self.points.by_ids(wanted)
        found = {id_: list(moves_of(point, days=wanted[id_])) for id_, point in points.items()}
        moved = {id_: moves for id_, moves in found.items() if moves}
        if not moved:
            return {}
        days = {day for moves in moved.values() for day, _, _ in moves}
        reads = await all_reads_at(point_ids=moved, days=days, registers=self.registers)
        return {
            id_: [Move(day, old, new, reads.get((id_, day), ())) for day, old, new in moves]
            for id_, moves in moved.items()
        }

    async def _curves(self, periods: Mapping[AccountId, Days], accounts: Sequence[Account]) -> Curves:
        curves: dict[AccountId, dict[str, Decimal]] = {}
        for days in set(periods.values()):
            group = [account for account in accounts if periods[account.id] == days]
            wanted = {link.point_id for account in group for link in account.points_in(days)}
            totals = await period_totals(point_ids=wanted, days=days, histories=self.histories)
            for account in group:
                found = [totals.get(link.point_id) for link in account.points_in(days)]
                if not found or any(one is None or one.days < len(days) or one.present < one.expected for one in found):
                    continue
                sums: dict[str, Decimal] = {}
                for one in found:
                    for period, kwh in _by_period(one) if one else ():
                        sums[period] = sums.get(period, Decimal(0)) + kwh
                curves[account.id] = sums
        return curves


def _backwards(periods: Mapping[AccountId, Days], accounts: Sequence[Account], reads: Reads, moves: Moves) -> set[str]:
    """Return the meters that show less at the end of a stretch than at its beginning."""
    found = set[str]()
    for account in accounts:
        days = periods[account.id]
        for link in account.points_in(days):
            parts = stretches(point_id=link.point_id, days=days, reads=reads, moves=moves.get(link.point_id, ()))
            for opening, closing in () if isinstance(parts, Waiting) else parts:
                both = opening.values.keys() & closing.values.keys()
                if any(counted_on(opening, closing, register=one, digits=None) is None for one in both):
                    found.add(closing.meter)
    return found


def _used(day: DayTotals) -> dict[str, Decimal]:
    used = {period: from_scaled(value, scale=day.scale) for period, value in day.totals.items()}
    return {"total": sum(used.values(), Decimal(0)), **used}


def _by_period(totals: PeriodTotals) -> Iterator[tuple[str, Decimal]]:
    """Yield the energy of each period and of all together, since a single-rate tariff asks for `total`."""
    for period, value in {**totals.by_period, "total": totals.total}.items():
        yield period, from_scaled(value, scale=totals.scale)

"""Questioning bills: what is told of closed days is noted beside the bills that stand on them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.bills.model import Bill, BillId
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.corrections.model import Correction, Decided, Verdict, borders, of_curve, of_register
from gridhall.billing.corrections.repository import CorrectionRepository
from gridhall.kit.localdays import Month
from gridhall.kit.outbox import Event, Outbox
from gridhall.kit.quantity import from_scaled
from gridhall.metering.closings.model import CLOSED_DAY_CHANGED, ChangeKind
from gridhall.metering.registers.queries import all_reads_at
from gridhall.metering.registers.repository import RegisterRepository

_LONGEST_PERIOD_MONTHS: Final = 2
"""The bill of a day is labelled with its month or with the one before, by the account's reading day."""


@dataclass(frozen=True, slots=True)
class Questioning:
    """What questioning bills needs at hand."""

    accounts: AccountRepository
    bills: BillRepository
    corrections: CorrectionRepository
    registers: RegisterRepository
    outbox: Outbox


async def question(*, questioning: Questioning, event_ids: Sequence[UUID], now: datetime) -> int:
    """Note the corrections that events tell of, beside the issued bills that they touch; return how many.

    Idempotent by what a correction says, so an event may come twice, or its change be seen by `look_again` as well.
    """
    events = [event for event in await questioning.outbox.load(event_ids) if event.kind == CLOSED_DAY_CHANGED]
    bills = await _bills_of(questioning, events)
    found = [
        one for event in events for bill in bills.get(event.about, ()) if (one := _corrected(bill, event, now=now))
    ]
    await questioning.corrections.note(found)
    return len(found)


async def look_again(*, questioning: Questioning, bills: Sequence[Bill], now: datetime) -> int:
    """Compare issued bills with the register reads as they are kept now; note what differs, and return how much.

    Called after the transaction that issued them: a read that changed between the drafting and the closing of its
    day found the day open and told nobody. Two round trips for all of them, one where nothing differs.
    """
    places = {place for bill in bills for place in borders(bill)}
    reads = await all_reads_at(
        point_ids={point_id for point_id, _ in places},
        days={day for _, day in places},
        registers=questioning.registers,
    )
    shown = {
        place: {
            (r.meter, name): from_scaled(value, scale=r.scale) for r in of_place for name, value in r.values.items()
        }
        for place, of_place in reads.items()
    }
    found = [one for bill in bills for one in _differing(bill, shown, now=now)]
    await questioning.corrections.note(found)
    return len(found)


async def leave(*, questioning: Questioning, bill_id: BillId, by: str, reason: str, now: datetime) -> int:
    """Decide that a bill stands although its readings were corrected; return on how many corrections.

    Idempotent: what was decided before is left alone. The other decision is made by rebilling the bill.
    """
    decision = Decided(Verdict.LEAVE, by, reason, now)
    return await questioning.corrections.decide(bill_ids=[bill_id], decision=decision)


def _differing(
    bill: Bill, shown: Mapping[tuple[UUID, date], Mapping[tuple[str, str], Decimal]], *, now: datetime
) -> Iterator[Correction]:
    for point_id, day in borders(bill):
        now_shown = shown.get((point_id, day), {})
        if found := of_register(bill, point_id=point_id, day=day, shown=now_shown, now=now):
            yield found


def _corrected(bill: Bill, event: Event, *, now: datetime) -> Correction | None:
    told = event.payload
    day, after = date.fromisoformat(str(told["day"])), _figures(told["after"])
    if told["kind"] == ChangeKind.CURVE:
        return of_curve(
            bill, point_id=event.about, day=day, before=_figures(told["before"] or {}), after=after, now=now
        )
    shown = {(meter, name): Decimal(value) for (meter, name), value in _split(after)}
    return of_register(bill, point_id=event.about, day=day, shown=shown, now=now)


def _figures(told: object) -> dict[str, str]:
    return {str(name): str(value) for name, value in told.items()} if isinstance(told, Mapping) else {}


def _split(figures: Mapping[str, str]) -> Iterator[tuple[tuple[str, str], str]]:
    for label, value in figures.items():
        meter, _, name = label.rpartition(" ")
        yield (meter, name), value


async def _bills_of(questioning: Questioning, events: Collection[Event]) -> dict[UUID, list[Bill]]:
    """Return the issued bills of the points that the events are about, from the earliest day that they name on."""
    if not events:
        return {}
    holders = await questioning.accounts.holders_of_points({event.about for event in events})
    accounts: set[AccountId] = {account_id for ids in holders.values() for account_id in ids}
    earliest = Month.of(min(date.fromisoformat(str(event.payload["day"])) for event in events))
    found = await questioning.bills.since(accounts, month=earliest.shift(-_LONGEST_PERIOD_MONTHS))
    return {
        point_id: [bill for account_id in ids for bill in found[account_id] if bill.status.shown]
        for point_id, ids in holders.items()
    }

"""What a rebill would change: pure, so that what is approved and what is carried out are the same figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.drafting import Sources, draft
from gridhall.billing.bills.making import make
from gridhall.billing.bills.model import Bill, BillId, BillStatus
from gridhall.billing.bills.pricing import pricing_of
from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen

Shown = Mapping[tuple[UUID, str, str], Decimal | None]
"""What registers show, by point, meter and period."""


@dataclass(frozen=True, slots=True)
class Swap:
    """A bill that is taken back, and the draft in its place."""

    old: Bill
    new: Bill


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rebill does, oldest month first.

    swaps: the bill that was asked for, the earlier ones that share a corrected read with it, and the later ones whose
    tiers or opening move with it. void: a held bill that stands on one of them; its month is billed again. added: of
    months that had no bill.
    """

    swaps: tuple[Swap, ...]
    void: tuple[Bill, ...] = ()
    added: tuple[Bill, ...] = ()

    @property
    def bills(self) -> tuple[Bill, ...]:
        """Every new bill."""
        return (*(swap.new for swap in self.swaps), *self.added)

    @property
    def at_stake(self) -> Fen:
        """By how much the bills change, each either way."""
        return Fen(sum(abs(swap.new.total - swap.old.total) for swap in self.swaps))

    @property
    def figures(self) -> dict[str, int]:
        """The new total of every bill that is taken back, and of every added month: what a second person approves."""
        totals = {str(swap.old.id): int(swap.new.total) for swap in self.swaps}
        return totals | {str(bill.month): int(bill.total) for bill in self.added}


def plan(
    *, account: Account, bill_id: BillId, known: Sequence[Bill], sources: Mapping[Month, Sources], now: datetime
) -> Plan | Waiting:
    """Return what billing a bill's month anew changes; no swap where nothing does. Or say what it waits for.

    known: the account's bills from a cycle before on, whatever their status. sources: of each of their months as the
    readings are now. A month after it is reckoned anew from the registers that it has, since to bill those anew is a
    decision of its own; only where the read that both share moved, it is drafted from the readings.
    """
    bills = [bill for bill in known if bill.status.counts]
    first = next(number for number, bill in enumerate(bills) if bill.id == bill_id)
    while True:
        fresh = _drafted(account, bills[first], known, (), sources[bills[first].month], now)
        if isinstance(fresh, Waiting):
            return fresh
        joined = first > 0 and bills[first - 1].days.end == bills[first].days.start
        if not joined or _opening(fresh) == _opening(bills[first]):
            break
        first -= 1
        if bills[first].month not in sources:
            return Waiting("earlier_months_moved")
    swaps: list[Swap] = []
    void: list[Bill] = []
    moved = True
    for old in bills[first:]:
        read_anew = moved or old.id == bill_id
        new = _repriced(account, old, known, swaps, now)
        if read_anew:
            new = _drafted(account, old, known, swaps, sources[old.month], now)
        if isinstance(new, Waiting) and old.status is not BillStatus.HELD:
            return new
        if isinstance(new, Bill) and _alike(old, new):
            moved = False
        elif isinstance(new, Waiting) or old.status is BillStatus.HELD:
            void.append(old)
        else:
            moved = _closing(new) != _closing(old)
            swaps.append(Swap(old, new))
    return Plan(tuple(swaps), tuple(void))


def _drafted(  # noqa: PLR0917 - the plan so far, and what is billed
    account: Account, old: Bill, known: Sequence[Bill], swaps: Sequence[Swap], read: Sources, now: datetime
) -> Bill | Waiting:
    stood = replace(read, earlier={account.id: _standing(old, known, swaps)})
    return draft(account=account, month=old.month, sources=stood, now=now, replaces=old)


def _repriced(
    account: Account, old: Bill, known: Sequence[Bill], swaps: Sequence[Swap], now: datetime
) -> Bill | Waiting:
    pricing = pricing_of(account, old.days)
    if isinstance(pricing, Waiting):
        return pricing
    return make(
        pricing,
        account=account,
        month=old.month,
        rows=old.registers,
        readings=old.readings,
        known=_standing(old, known, swaps),
        now=now,
        basis=old.basis,
        replaces=old,
    )


def _standing(old: Bill, known: Sequence[Bill], swaps: Sequence[Swap]) -> list[Bill]:
    """Return the bills as they would stand before `old` is billed anew."""
    gone = {old.id, *(swap.old.id for swap in swaps)}
    stood = [replace(bill, status=BillStatus.CANCELLED) if bill.id in gone else bill for bill in known]
    return sorted([*stood, *(swap.new for swap in swaps)], key=lambda bill: (bill.month, bill.sequence))


def _alike(old: Bill, new: Bill) -> bool:
    return (old.lines, old.total, old.kind) == (new.lines, new.total, new.kind) and (
        (_opening(old), _closing(old)) == (_opening(new), _closing(new))
    )


def _opening(bill: Bill) -> Shown:
    return _at(bill, bill.days.start)


def _closing(bill: Bill) -> Shown:
    return _at(bill, bill.days.end)


def _at(bill: Bill, day: date) -> Shown:
    """Return what the registers of a bill show as a day at its border begins."""
    opens = day == bill.days.start
    shown: dict[tuple[UUID, str, str], Decimal | None] = {}
    for row in bill.registers:
        # A meter whose multiplier changed has several rows: its first opens the period, its last closes it.
        key = (row.point_id, row.meter, row.period)
        if opens:
            shown.setdefault(key, row.opening)
        else:
            shown[key] = row.closing
    return shown

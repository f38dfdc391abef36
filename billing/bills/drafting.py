"""From two register reads to a bill: pure, so that every bill can be made again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.bills.making import make
from gridhall.billing.bills.meters import Moves, Reads
from gridhall.billing.bills.model import Bill, BillKind, BillStatus
from gridhall.billing.bills.pricing import pricing_of
from gridhall.billing.bills.rows import read_stretches, readings, register_rows
from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import Days, Month


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that bills of a chunk of accounts are made from.

    earlier: each account's bills since the beginning of its tier cycle, in order; void ones only count on in
    the sequence of their month. moves: meters that were exchanged within the period or at its end.
    digits: of meters that show less than before, as far as they are known. doubted: midnights of points whose read
    somebody has asked to be taken again.
    """

    reads: Reads
    earlier: Mapping[AccountId, Sequence[Bill]]
    moves: Moves = field(default_factory=dict)
    digits: Mapping[str, int] = field(default_factory=dict)
    doubted: Collection[tuple[UUID, date]] = ()

    def counting(self, account_id: AccountId) -> list[Bill]:
        """Return an account's earlier bills that are not void."""
        return [bill for bill in self.earlier.get(account_id, ()) if bill.status.counts]

    def last_before(self, account_id: AccountId, month: Month) -> Bill | None:
        """Return an account's last bill before a month that is not void."""
        return next((bill for bill in reversed(self.counting(account_id)) if bill.month < month), None)


def draft(
    *, account: Account, month: Month, sources: Sources, now: datetime, replaces: Bill | None = None
) -> Bill | Waiting:
    """Make the bill of an account's month, a draft that nobody has reviewed yet, or say what it waits for.

    replaces: the bill in whose place it comes; among the earlier ones it is void already.
    """
    days = account.period(month)
    pricing = pricing_of(account, days)
    if isinstance(pricing, Waiting):
        return pricing
    last = sources.last_before(account.id, month)
    gap = _gap(account, days, last)
    if gap is not None:
        return gap
    parts = read_stretches(
        account.points_in(days), days=days, reads=sources.reads, moves=sources.moves, doubted=sources.doubted
    )
    if isinstance(parts, Waiting):
        return parts
    if last is not None and last.kind is BillKind.PROVISIONAL:
        # Its own last read is there: it is to be settled first, and that bills this month as well.
        return Waiting("earlier_month_provisional", (("month", str(last.month)),))
    rows = register_rows(parts, periods=pricing.periods, rule=pricing.version.quantity, digits=sources.digits)
    if isinstance(rows, Waiting):
        return rows
    return make(
        pricing,
        account=account,
        month=month,
        rows=rows,
        readings=readings(parts),
        known=sources.earlier.get(account.id, ()),
        now=now,
        replaces=replaces,
    )


def _gap(account: Account, days: Days, last: Bill | None) -> Waiting | None:
    """A tier depends on all months before, so months are billed in order and none on top of a held one."""
    if days.start < account.kept_since:
        return Waiting("before_account_was_kept")
    if last is None:
        first = days.start <= account.kept_since
        return None if first else Waiting("earlier_month_not_billed")
    if last.status is BillStatus.HELD:
        return Waiting("earlier_month_held", (("month", str(last.month)),))
    return None if last.days.end == days.start else Waiting("earlier_month_not_billed")

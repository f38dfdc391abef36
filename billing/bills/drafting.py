"""From two register reads to a bill: pure, so that every bill can be made again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.bills.meters import Moves, Reads
from gridhall.billing.bills.model import BILL_RUN, Bill, BillId, BillStatus, Step
from gridhall.billing.bills.rows import read_stretches, readings, register_rows
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.cycle import cycle_days
from gridhall.billing.tariffs.engine import quote
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.waits.model import Waiting
from gridhall.kit.ids import new_id
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


def draft(*, account: Account, month: Month, sources: Sources, now: datetime) -> Bill | Waiting:
    """Make the bill of an account's month, a draft that nobody has reviewed yet, or say what it waits for."""
    days = account.period(month)
    link = account.tariff_in(days)
    if link is None:
        return Waiting("no_single_tariff")
    try:
        version = catalogue.version(link.code, on=days.start)
    except (catalogue.UnknownTariffError, catalogue.NoVersionInForceError):
        return Waiting("no_tariff_version", (("tariff", link.code),))
    known = sources.earlier.get(account.id, ())
    earlier = [bill for bill in known if bill.status.counts]
    last = _last(earlier, month)
    gap = _gap(account, days, last)
    if gap is not None:
        return gap
    parts = read_stretches(
        account.points_in(days), days=days, reads=sources.reads, moves=sources.moves, doubted=sources.doubted
    )
    if isinstance(parts, Waiting):
        return parts
    rows = register_rows(parts, periods=version.periods, rule=version.quantity, digits=sources.digits)
    if isinstance(rows, Waiting):
        return rows
    used: dict[str, Decimal] = {}
    for row in rows:
        used[row.period] = used.get(row.period, Decimal(0)) + row.kwh
    before = used_before(account=account, days=days, version=version, earlier=earlier)
    sequence = 1 + max((bill.sequence for bill in known if bill.month == month), default=0)
    quoted = quote(version, on_month=month, used=used, used_before=before)
    return Bill(
        id=BillId(new_id()),
        number=f"{month.year}{month.number:02d}{account.number}{sequence}",
        account_id=account.id,
        region=account.region,
        org_path=account.org_path,
        month=month,
        days=days,
        tariff_code=version.code,
        tariff_from=version.effective_from,
        lines=quoted.lines,
        registers=rows,
        used_before=before,
        kwh=sum(used.values(), Decimal(0)),
        total=quoted.total,
        status=BillStatus.DRAFT,
        made_at=now,
        sequence=sequence,
        readings=readings(parts),
        trail=(Step(BillStatus.DRAFT, now, BILL_RUN),),
    )


def used_before(*, account: Account, days: Days, version: TariffVersion, earlier: Sequence[Bill]) -> Decimal:
    """Return the kWh of the tier cycle that came before `days`: billed here, or carried from elsewhere."""
    cycle = cycle_days(version.cycle, on=days.start)
    billed = (bill.kwh for bill in earlier if cycle.start <= bill.days.start < days.start)
    carried = Decimal(account.carried_kwh) if account.kept_since in cycle else Decimal(0)
    return sum(billed, carried)


def _last(earlier: Sequence[Bill], month: Month) -> Bill | None:
    before = [bill for bill in earlier if bill.month < month]
    return before[-1] if before else None


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

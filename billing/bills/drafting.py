"""From two register reads to a bill: pure, so that every bill can be made again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.bills.meters import Moves, Reads, counted_on, stretches
from gridhall.billing.bills.model import Bill, BillId, BillStatus, RegisterRow
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.cycle import cycle_days
from gridhall.billing.tariffs.engine import quote
from gridhall.billing.tariffs.model import QuantityRule, TariffVersion
from gridhall.billing.tariffs.quantity import billed_energy
from gridhall.billing.waits.model import Waiting
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Days, Month
from gridhall.kit.quantity import from_scaled
from gridhall.metering.registers.model import RegisterRead


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that bills of a chunk of accounts are made from.

    earlier: each account's bills since the beginning of its tier cycle, in order; rejected ones only count on in
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
    """Make the bill of an account's month, not yet reviewed (so its status is held), or say what it waits for."""
    days = account.period(month)
    link = account.tariff_in(days)
    if link is None:
        return Waiting("no_single_tariff")
    try:
        version = catalogue.version(link.code, on=days.start)
    except (catalogue.UnknownTariffError, catalogue.NoVersionInForceError):
        return Waiting("no_tariff_version", (("tariff", link.code),))
    known = sources.earlier.get(account.id, ())
    earlier = [bill for bill in known if bill.status is not BillStatus.REJECTED]
    last = _last(earlier, month)
    gap = _gap(account, days, last)
    if gap is not None:
        return gap
    rows = _register_rows(account, days, version, sources)
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
        status=BillStatus.HELD,
        made_at=now,
        sequence=sequence,
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


def _register_rows(
    account: Account, days: Days, version: TariffVersion, sources: Sources
) -> tuple[RegisterRow, ...] | Waiting:
    rows: list[RegisterRow] = []
    links = account.points_in(days)
    if not links:
        return Waiting("no_service_point")
    for link in links:
        doubted = next((day for day in (days.start, days.end) if (link.point_id, day) in sources.doubted), None)
        if doubted:
            return Waiting("reread_pending", (("day", doubted.isoformat()),))
        parts = stretches(
            point_id=link.point_id, days=days, reads=sources.reads, moves=sources.moves.get(link.point_id, ())
        )
        if isinstance(parts, Waiting):
            return parts
        for opening, closing in parts:
            for period in version.periods:
                digits = sources.digits.get(closing.meter)
                row = _register_row(period, opening, closing, rule=version.quantity, digits=digits)
                if isinstance(row, Waiting):
                    return row
                rows.append(row)
    return tuple(rows)


def _register_row(
    period: str, opening: RegisterRead, closing: RegisterRead, *, rule: QuantityRule, digits: int | None
) -> RegisterRow | Waiting:
    if period not in opening.values or period not in closing.values:
        return Waiting("register_lacks_period", (("period", period),))
    start = from_scaled(opening.values[period], scale=opening.scale)
    end = from_scaled(closing.values[period], scale=closing.scale)
    used = counted_on(opening, closing, register=period, digits=digits)
    if used is None:
        return Waiting("register_ran_backwards", (("period", period),))
    return RegisterRow(
        point_id=opening.point_id,
        meter=closing.meter,
        period=period,
        opening=start,
        closing=end,
        multiplier=opening.multiplier,
        kwh=billed_kwh(rule, opening=start, closing=start + used, multiplier=opening.multiplier),
    )


def billed_kwh(rule: QuantityRule, *, opening: Decimal, closing: Decimal, multiplier: int) -> Decimal:
    """Return the kWh billed between two register reads by the tariff's rule of quantity.

    What the opening read left over after the same rule was not billed before it, so it is billed now. A closing read
    beyond the end of the register's digits is given as it would be with one digit more.
    """
    left_over = billed_energy(rule, metered=opening * multiplier).carried
    return billed_energy(rule, metered=(closing - opening) * multiplier, carried=left_over).kwh

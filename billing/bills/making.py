"""A bill put together from its register rows: where it stands in the tiers, what it costs, how it is numbered. Pure."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.model import (
    BILL_RUN,
    Basis,
    Bill,
    BillId,
    BillKind,
    BillStatus,
    Reading,
    RegisterRow,
    Step,
)
from gridhall.billing.bills.pricing import Pricing, price
from gridhall.billing.tariffs.cycle import cycle_days
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.waits.model import Waiting
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Days, Month


def make(
    pricing: Pricing,
    *,
    account: Account,
    month: Month,
    rows: Sequence[RegisterRow],
    readings: tuple[Reading, ...],
    known: Sequence[Bill],
    now: datetime,
    basis: Basis | None = None,
    replaces: Bill | None = None,
) -> Bill | Waiting:
    """Return the draft of an account's month that stands on `rows`, or say what it waits for.

    known: the account's bills since the beginning of its tier cycle; of the void ones only the sequence counts.
    With a `basis` it is provisional. replaces: the bill in whose place it comes; among `known` it is void already.
    """
    days = account.period(month)
    counting = [bill for bill in known if bill.status.counts]
    before = used_before(account=account, days=days, version=pricing.version, earlier=counting)
    priced = price(pricing, account=account, days=days, month=month, rows=rows, used_before=before)
    if isinstance(priced, Waiting):
        return priced
    sequence = 1 + max((bill.sequence for bill in known if bill.month == month), default=0)
    return Bill(
        id=BillId(new_id()),
        number=f"{month.year}{month.number:02d}{account.number}{sequence}",
        account_id=account.id,
        region=account.region,
        org_path=account.org_path,
        month=month,
        days=days,
        tariff_code=pricing.version.code,
        tariff_from=pricing.version.effective_from,
        lines=priced.lines,
        registers=tuple(rows),
        used_before=before,
        kwh=sum((row.kwh for row in rows), Decimal(0)),
        uncounted_kwh=priced.uncounted,
        total=priced.total,
        status=BillStatus.DRAFT,
        made_at=now,
        sequence=sequence,
        kind=BillKind.PROVISIONAL if basis else BillKind.REGULAR,
        replaces=replaces.id if replaces else None,
        basis=basis,
        readings=readings,
        trail=(Step(BillStatus.DRAFT, now, BILL_RUN),),
    )


def used_before(*, account: Account, days: Days, version: TariffVersion, earlier: Sequence[Bill]) -> Decimal:
    """Return the kWh of the tier cycle that came before `days`: billed here, or carried from elsewhere."""
    cycle = cycle_days(version.cycle, on=days.start)
    billed = (bill.counted_kwh for bill in earlier if cycle.start <= bill.days.start < days.start)
    carried = Decimal(account.carried_kwh) if account.kept_since in cycle else Decimal(0)
    return sum(billed, carried)

"""From what a supplier tells to a bill of ours that says so. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.making import used_before
from gridhall.billing.bills.model import NO_POINT, Bill, BillOrigin, BillStatus, RegisterRow, Step
from gridhall.billing.bills.pricing import Pricing, pricing_of
from gridhall.billing.bills.states import Move, moved
from gridhall.billing.shadow.model import Record, ToldBill, imported_id, record_key
from gridhall.billing.tariffs.engine import Line

IMPORT: Final = "bill-import"
"""Who moves imported bills."""


def bill_of(
    told: ToldBill,
    *,
    account: Account,
    record: Record,
    known: Sequence[Bill],
    points: Mapping[str, UUID],
    zone: str,
    now: datetime,
) -> Bill:
    """Return the draft of an imported bill: its lines, sums and number are the supplier's.

    known: the account's bills since the beginning of its tier cycle. points: service points by the meters on them.
    """
    pricing = pricing_of(account, told.days)
    counting = [bill for bill in known if bill.status.counts and bill.id != record.bill_id]
    sequence = 1 + max((bill.sequence for bill in known if bill.month == told.month), default=0)
    held = account.points_in(told.days)
    only = held[0].point_id if len(held) == 1 else NO_POINT
    code, since, before = "", told.days.start, Decimal(0)
    if isinstance(pricing, Pricing):
        code, since = pricing.version.code, pricing.version.effective_from
        before = used_before(account=account, days=told.days, version=pricing.version, earlier=counting)
    return Bill(
        id=imported_id(record.key, record.revision),
        number=told.number,
        account_id=account.id,
        region=account.region,
        org_path=account.org_path,
        month=told.month,
        days=told.days,
        tariff_code=code,
        tariff_from=since,
        lines=tuple(Line(one.kind, one.period, one.tier, one.kwh, one.price, one.amount) for one in told.lines),
        registers=tuple(
            RegisterRow(
                point_id=points.get(one.meter, only),
                meter=one.meter,
                period=one.period,
                opening=one.opening,
                closing=one.closing,
                multiplier=one.multiplier,
                kwh=one.kwh,
                days=told.days,
            )
            for one in told.registers
        ),
        used_before=before,
        kwh=sum((one.kwh for one in told.lines if one.kind == "energy"), Decimal(0)),
        total=told.total,
        status=BillStatus.DRAFT,
        made_at=now,
        issued_at=datetime.combine(told.issued_on, time(), ZoneInfo(zone)),
        due_on=told.due_on,
        sequence=sequence,
        origin=BillOrigin.IMPORTED,
        trail=(Step(BillStatus.DRAFT, now, IMPORT),),
        charges=told.charges,
    )


def looked_at(bill: Bill, *, now: datetime) -> Bill:
    """Return an imported bill as ready to be issued: it is the supplier's word; recomputing holds nothing up."""
    return moved(bill, Move.VERIFY, at=now, by=IMPORT)


def record_of(told: ToldBill, *, account: Account, sender: str, now: datetime, revision: int = 1) -> Record:
    """Return the record of an imported bill that was not recomputed yet."""
    return Record(
        region=account.region,
        number=told.number,
        org_path=account.org_path,
        account_id=account.id,
        month=told.month,
        bill_id=imported_id(record_key(account.region, told.number), revision),
        revision=revision,
        digest=told.digest,
        total=told.total,
        imported_by=sender,
        imported_at=now,
    )

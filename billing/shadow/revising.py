"""A supplier's bill that takes another one's place: a credit note and the new bill, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from gridhall.billing.accounts.model import Account
from gridhall.billing.approvals.model import OvertakenError
from gridhall.billing.bills.issuing import Issuing
from gridhall.billing.bills.model import Bill
from gridhall.billing.credits.model import Cause
from gridhall.billing.credits.plan import Plan, Swap
from gridhall.billing.credits.repository import CreditNoteRepository
from gridhall.billing.credits.swapping import Order, swap_bills
from gridhall.billing.shadow import refusals
from gridhall.billing.shadow.making import bill_of, record_of
from gridhall.billing.shadow.model import Finding, Record, ToldBill, Verdict, record_key
from gridhall.billing.shadow.repository import ShadowRepository
from gridhall.kit.mongo import Transaction

_CYCLE_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Revising:
    """What taking revisions needs at hand."""

    issuing: Issuing
    notes: CreditNoteRepository
    records: ShadowRepository


@dataclass(frozen=True, slots=True)
class Revised:
    """A bill took another one's place. before: the record of that one as it was."""

    record: Record
    before: Record


async def revise(
    *,
    revising: Revising,
    told: ToldBill,
    account: Account,
    points: Mapping[str, UUID],
    sender: str,
    now: datetime,
) -> Revised | str:
    """Take a bill that says a known number anew, or names the number that it replaces; or return why it is refused.

    The same number is taken anew only while nothing was paid for it: a customer who paid keeps what was paid for.
    A bill of a new number that names the old one is the supplier's own 冲红; what was paid is prepaid balance and
    then pays it. Either way the old bill is cancelled by a credit note, and stays to be seen.
    """
    issuing = revising.issuing
    key = record_key(account.region, told.number)

    async def work(transaction: Transaction) -> Revised | str:
        found = await revising.records.load(
            [key, record_key(account.region, told.replaces or told.number)], transaction=transaction
        )
        same = found.get(key)
        before = same or found.get(record_key(account.region, told.replaces or ""))
        if before is None:
            return refusals.NOTHING_TO_REPLACE
        old = (await issuing.bills.load([before.bill_id], transaction=transaction))[before.bill_id]
        if why := _unfit(old, told, account, is_same=same is not None):
            return why
        current = (await issuing.accounts.load([account.id], transaction=transaction))[account.id]
        revision = same.revision + 1 if same else 1
        record = record_of(told, account=account, sender=sender, now=now, revision=revision)
        known = (await issuing.bills.since([account.id], month=told.month.shift(-_CYCLE_MONTHS)))[account.id]
        new = bill_of(
            told,
            account=current,
            record=record,
            known=known,
            points=points,
            zone=issuing.zone,
            now=now,
        )
        await swap_bills(
            issuing=issuing,
            notes=revising.notes,
            plan=Plan(swaps=(Swap(old, replace(new, replaces=old.id)),)),
            account=current,
            order=Order(asked=old.id, cause=Cause.SUPPLIER, reason=told.number, prepared_by=sender, approved_by=sender),
            transaction=transaction,
            now=now,
        )
        await revising.records.put(record, transaction=transaction)
        if same is None:
            gone = replace(before, finding=Finding(Verdict.REPLACED), compared_at=now)
            await revising.records.put(gone, transaction=transaction)
        return Revised(record, before)

    try:
        return await issuing.mongo.transact(work)
    except OvertakenError:
        return refusals.MOVED


def _unfit(old: Bill, told: ToldBill, account: Account, *, is_same: bool) -> str | None:
    stands = old.status.counts and old.account_id == account.id and old.month == told.month
    if not stands:
        return refusals.NOTHING_TO_REPLACE
    return refusals.PAID_ALREADY if is_same and old.paid else None

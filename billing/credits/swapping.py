"""Swapping bills: credit notes, new bills, and all that follows from them, in one transaction or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gridhall.billing.accounts.model import Account
from gridhall.billing.approvals.model import OvertakenError
from gridhall.billing.arrears.following import bill_gone, bills_issued
from gridhall.billing.bills.issuing import Issuing, close_days, issued, issued_event, postings_of, prepaid_share
from gridhall.billing.bills.model import BILL_RUN, Bill, BillId, Decision
from gridhall.billing.bills.repository import MonthBilledError
from gridhall.billing.bills.states import Move, moved
from gridhall.billing.credits.model import Cause, CreditNote, credit_note
from gridhall.billing.credits.plan import Plan
from gridhall.billing.credits.repository import CreditNoteRepository
from gridhall.billing.ledger.model import Posting
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import credited
from gridhall.kit.localdays import local_day
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction
from gridhall.kit.outbox import Event


@dataclass(frozen=True, slots=True)
class Order:
    """Who had bills swapped, and why. asked: the bill that was asked for; the others only move with it."""

    asked: BillId | None
    cause: Cause
    reason: str
    prepared_by: str
    approved_by: str


async def swap_bills(
    *,
    issuing: Issuing,
    notes: CreditNoteRepository,
    plan: Plan,
    account: Account,
    order: Order,
    transaction: Transaction,
    now: datetime,
) -> list[CreditNote]:
    """Carry a plan out. What had been paid of a bill and its penalty is prepaid, and then pays the new, oldest first.

    account: as it is in `transaction`. Raises OvertakenError where a bill is not as it was any more.
    """
    taken = await _taken_back(issuing, plan, order, transaction=transaction, now=now)
    postings = [
        credited(account=account, note_id=note.id, total=note.amount, to_prepaid=note.to_prepaid, now=now)
        for note in taken
        if note.amount
    ]
    gone = [note.bill_id for note in taken]
    penalties = await bill_gone(
        following=issuing.following, account_id=account.id, bill_ids=gone, transaction=transaction, now=now
    )
    prepaid = account.balance.prepaid + sum(note.to_prepaid for note in taken) + penalties
    account = replace(account, balance=replace(account.balance, prepaid=Fen(prepaid)))
    await notes.add(taken, transaction=transaction)
    for held in plan.void:
        decision = Decision(by=order.approved_by, reason=order.reason, at=now)
        void = replace(moved(held, Move.REJECT, at=now, by=order.approved_by), decision=decision)
        await issuing.bills.replace_held(void, transaction=transaction)
    out, charged = _issued(issuing, plan, account, order, now=now)
    try:
        await issuing.bills.add(out, transaction=transaction)
    except MonthBilledError:
        raise OvertakenError("billed_meanwhile") from None
    await post(
        postings=[*postings, *charged], ledger=issuing.ledger, accounts=issuing.accounts, transaction=transaction
    )
    await bills_issued(following=issuing.following, bills=out, transaction=transaction)
    await issuing.outbox.add(_events(taken, out, now=now), transaction=transaction)
    await close_days(out, closings=issuing.closings, transaction=transaction, now=now)
    return taken


async def _taken_back(
    issuing: Issuing, plan: Plan, order: Order, *, transaction: Transaction, now: datetime
) -> list[CreditNote]:
    """Cancel the bills as they stand in the transaction, and return the credit note of each."""
    current = await issuing.bills.load([swap.old.id for swap in plan.swaps], transaction=transaction)
    taken: list[CreditNote] = []
    for swap in plan.swaps:
        old = current[swap.old.id]
        note = credit_note(
            old,
            replaced_by=swap.new,
            cause=order.cause if order.asked in {None, old.id} else Cause.TIERS,
            reason=order.reason,
            prepared_by=order.prepared_by,
            approved_by=order.approved_by,
            now=now,
        )
        standing = old.status.shown and old.status.counts
        if not standing or not await issuing.bills.cancel(
            old.id, credit_note=note.id, found=old.status, transaction=transaction
        ):
            raise OvertakenError("cancelled")
        taken.append(note)
    return taken


def _issued(
    issuing: Issuing, plan: Plan, account: Account, order: Order, *, now: datetime
) -> tuple[list[Bill], list[Posting]]:
    """Return the new bills as issued, oldest first, each paid by what is left of the prepaid balance, and postings."""
    today = local_day(now, issuing.zone)
    out: list[Bill] = []
    postings: list[Posting] = []
    for draft in sorted([*(swap.new for swap in plan.swaps), *plan.added], key=lambda bill: bill.month):
        looked_at = moved(draft, Move.VERIFY, at=now, by=BILL_RUN)
        fresh = issued(looked_at, account=account, now=now, today=today, by=order.approved_by)
        postings += postings_of(fresh, account=account, now=now)
        left = Fen(account.balance.prepaid - prepaid_share(fresh, account))
        account = replace(account, balance=replace(account.balance, prepaid=left))
        out.append(fresh)
    return out, postings


def _events(taken: Sequence[CreditNote], out: Sequence[Bill], *, now: datetime) -> list[Event]:
    cancelled = [
        Event(
            kind="billing.bill_cancelled",
            about=note.bill_id,
            at=now,
            payload={"account_id": str(note.account_id), "credit_note_id": str(note.id), "cause": note.cause},
        )
        for note in taken
    ]
    return [*cancelled, *(issued_event(bill, now=now) for bill in out)]

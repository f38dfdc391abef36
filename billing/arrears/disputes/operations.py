"""Objecting to a bill, and answering."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.disputes.model import WORKDAYS, Dispute, DisputeId, DisputeState
from gridhall.billing.arrears.disputes.repository import DisputeRepository
from gridhall.billing.arrears.notes import Form, written
from gridhall.billing.arrears.states import Event
from gridhall.billing.arrears.stepping import step
from gridhall.billing.bills.model import BillId
from gridhall.billing.cases.model import CaseKind, CaseState, case_id, case_of
from gridhall.billing.cases.operations import Cases, open_cases
from gridhall.kit.ids import new_id
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.outbox import Event as Told
from gridhall.kit.subject import Refusal
from gridhall.kit.workdays import add_workdays

ANSWERED: Final = "billing.dispute_answered"
"""The event that tells how an objection was answered."""

NO_SUCH_BILL: Final = Refusal("arrears.no_such_bill")
NO_SUCH_DISPUTE: Final = Refusal("arrears.no_such_dispute")


@dataclass(frozen=True, slots=True)
class Disputing:
    """What objections need at hand."""

    mongo: Mongo
    following: Following
    disputes: DisputeRepository
    cases: Cases


async def dispute(
    *, disputing: Disputing, account_id: AccountId, bill_id: BillId, reason: str, by: str, now: datetime
) -> Dispute | Refusal:
    """Object to a bill: the ladder rests until it is answered, the penalty as the policy says; a case is opened.

    The same objection while one is open is that one.
    """

    async def work(transaction: Transaction) -> Dispute | Refusal:
        bill = (await disputing.following.bills.load([bill_id], transaction=transaction)).get(bill_id)
        if bill is None or bill.account_id != account_id or not bill.status.shown:
            return NO_SUCH_BILL
        open_ones = await disputing.disputes.of_accounts([account_id], open_only=True, transaction=transaction)
        if same := next((one for one in open_ones if one.bill_id == bill_id), None):
            return same
        today = disputing.following.today(now)
        made = Dispute(
            id=DisputeId(new_id()),
            account_id=account_id,
            bill_id=bill_id,
            region=bill.region,
            org_path=bill.org_path,
            reason=reason,
            by=by,
            opened_at=now,
            due_on=add_workdays(today, days=WORKDAYS),
        )
        moved = await step(
            following=disputing.following,
            account_id=account_id,
            event=Event.DISPUTE_OPENED,
            by=by,
            note=f"{bill.number}: {reason}",
            transaction=transaction,
            now=now,
        )
        if isinstance(moved, Refusal):
            return moved
        await disputing.disputes.put(made, transaction=transaction)
        case = case_of(
            kind=CaseKind.BILL_QUESTIONED,
            key=_case_key(made.id),
            region=bill.region,
            org_path=bill.org_path,
            account_id=account_id,
            amount=bill.total,
            evidence=(("bill", bill.number), ("objection", reason)),
            now=now,
            today=today,
        )
        await open_cases(disputing.cases, [case], transaction=transaction)
        return made

    return await disputing.mongo.transact(work)


async def resolve(
    *, disputing: Disputing, dispute_id: DisputeId, upheld: bool, resolution: str, by: str, now: datetime
) -> Dispute | Refusal:
    """Answer an objection. Where it is upheld the bill is corrected elsewhere, by a credit note and a new bill.

    With the last open one of an account its ladder goes on, not before tomorrow. The case of a refused one is closed
    with the answer; that of an upheld one stays until the bill is corrected. Idempotent.
    """

    async def work(transaction: Transaction) -> Dispute | Refusal:
        found = (await disputing.disputes.load([dispute_id], transaction=transaction)).get(dispute_id)
        if found is None:
            return NO_SUCH_DISPUTE
        if found.state is not DisputeState.OPEN:
            return found
        state = DisputeState.UPHELD if upheld else DisputeState.REFUSED
        closed = found.closed(state, resolution=resolution, by=by, now=now)
        await disputing.disputes.put(closed, transaction=transaction)
        told = Told(ANSWERED, found.id, now, {"account_id": str(found.account_id), "state": str(state)})
        await disputing.following.outbox.add([told], transaction=transaction)
        if not upheld:
            await _close_case(disputing, closed, by=by, now=now, transaction=transaction)
        left = await disputing.disputes.of_accounts([found.account_id], open_only=True, transaction=transaction)
        if not left:
            await step(
                following=disputing.following,
                account_id=found.account_id,
                event=Event.DISPUTE_CLOSED,
                by=by,
                note=written(Form.ANSWERED, state=state, text=resolution),
                transaction=transaction,
                now=now,
            )
        return closed

    return await disputing.mongo.transact(work)


def _case_key(dispute_id: DisputeId) -> str:
    return f"dispute:{dispute_id}"


async def _close_case(
    disputing: Disputing, answered: Dispute, *, by: str, now: datetime, transaction: Transaction
) -> None:
    known, wanted = disputing.cases.cases, case_id(_case_key(answered.id))
    case = (await known.load([wanted], transaction=transaction)).get(wanted)
    if case is not None and case.state is not CaseState.CLOSED:
        await known.replace(case.closed(by=by, reason=answered.resolution, now=now), transaction=transaction)

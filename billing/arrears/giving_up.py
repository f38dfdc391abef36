"""Letting a penalty off, and writing a debt off: prepared by one person, approved by another, then posted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.approvals.model import Kind, OvertakenError, Request, request_for
from gridhall.billing.approvals.operations import Approvals, Approved, RefusedBefore, Waiting, prepare
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.following import fix_penalties, outstanding_penalties
from gridhall.billing.arrears.model import Debt
from gridhall.billing.arrears.states import Event, State
from gridhall.billing.arrears.stepping import NO_SUCH_ACCOUNT, not_now, pursuit_of, step
from gridhall.billing.bills.model import BillId, BillStatus
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import waiver, write_off
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.subject import Refusal

NO_PENALTY: Final = Refusal("arrears.no_penalty")
Asked = Approved | Waiting | RefusedBefore | Refusal


@dataclass(frozen=True, slots=True)
class GivingUp:
    """What giving money up needs at hand."""

    mongo: Mongo
    following: Following


async def ask_for_waiver(
    *,
    giving_up: GivingUp,
    approvals: Approvals,
    account_id: AccountId,
    bill_id: BillId,
    amount: Fen,
    reason: str,
    by: str,
    now: datetime,
) -> Asked:
    """Ask that some of a bill's penalty be let off: at most what is owed of it by the end of today."""

    async def work(transaction: Transaction) -> Asked:
        account = (await giving_up.following.accounts.load([account_id], transaction=transaction)).get(account_id)
        if account is None:
            return NO_SUCH_ACCOUNT
        owed = await outstanding_penalties(
            following=giving_up.following,
            account_id=account.id,
            today=giving_up.following.today(now),
            transaction=transaction,
        )
        if not 0 < amount <= owed.get(bill_id, 0):
            return NO_PENALTY
        request = request_for(
            account,
            kind=Kind.WAIVER,
            key=f"{bill_id}:{now.isoformat()}",
            amount=amount,
            reason=reason,
            by=by,
            now=now,
            payload={"bill_id": str(bill_id)},
        )
        return await prepare(approvals=approvals, request=request, transaction=transaction)

    return await giving_up.mongo.transact(work)


async def let_off(giving_up: GivingUp, request: Request, transaction: Transaction) -> None:
    """Carry an approved waiver out. Raises OvertakenError where less is owed by now."""
    following, now = giving_up.following, request.acted_at
    account = (await following.accounts.load([request.account_id], transaction=transaction))[request.account_id]
    owed = await fix_penalties(following=following, account=account, now=now, transaction=transaction)
    bill_id = BillId(UUID(str(request.payload["bill_id"])))
    if owed.get(bill_id, 0) < request.amount:
        raise OvertakenError(NO_PENALTY.code)
    posting = waiver(account=account, key=request.key, amount=request.amount, now=now)
    await post(postings=[posting], ledger=following.ledger, accounts=following.accounts, transaction=transaction)
    debts = await following.debts.of_accounts([account.id], transaction=transaction)
    (debt,) = [one for one in debts if one.bill_id == bill_id]
    penalty = replace(debt.penalty, waived=Fen(debt.penalty.waived + request.amount))
    await following.debts.put([replace(debt, penalty=penalty)], transaction=transaction)


async def ask_for_write_off(
    *, giving_up: GivingUp, approvals: Approvals, account_id: AccountId, reason: str, by: str, now: datetime
) -> Asked:
    """Ask that everything overdue of an account be given up, with its penalties."""

    async def work(transaction: Transaction) -> Asked:
        found = await pursuit_of(following=giving_up.following, account_id=account_id, transaction=transaction, now=now)
        if isinstance(found, Refusal):
            return found
        pursuit, debts = found
        today = giving_up.following.today(now)
        bill_ids = [debt.bill_id for debt in debts if debt.overdue(today)]
        if not bill_ids or pursuit.standing.holds:
            return not_now(pursuit)
        account = (await giving_up.following.accounts.load([account_id], transaction=transaction))[account_id]
        owed = await outstanding_penalties(
            following=giving_up.following, account_id=account.id, today=today, transaction=transaction
        )
        penalty = sum(owed.get(bill_id, 0) for bill_id in bill_ids)
        request = request_for(
            account,
            kind=Kind.WRITE_OFF,
            key=f"{account_id}:{now.isoformat()}",
            amount=Fen(pursuit.overdue + penalty),
            reason=reason,
            by=by,
            now=now,
            payload={"bill_ids": [str(bill_id) for bill_id in bill_ids], "principal": pursuit.overdue},
        )
        return await prepare(approvals=approvals, request=request, transaction=transaction)

    return await giving_up.mongo.transact(work)


async def give_up(giving_up: GivingUp, request: Request, transaction: Transaction) -> None:
    """Carry an approved write-off out. Raises OvertakenError where something was paid meanwhile, or a hold was laid on.

    The bills ask for no money any more; what comes for them later is prepaid.
    """
    following, now = giving_up.following, request.acted_at
    account = (await following.accounts.load([request.account_id], transaction=transaction))[request.account_id]
    owed = await fix_penalties(following=following, account=account, now=now, transaction=transaction)
    listed: Sequence[str] = request.payload["bill_ids"]  # type: ignore[assignment]
    wanted = {BillId(UUID(bill_id)) for bill_id in listed}
    debts = [
        debt
        for debt in await following.debts.of_accounts([account.id], transaction=transaction)
        if debt.bill_id in wanted
    ]
    principal = Fen(sum(debt.owed for debt in debts))
    if principal != request.payload["principal"]:
        raise OvertakenError("arrears.paid_meanwhile")
    penalty = Fen(sum(owed.get(debt.bill_id, 0) for debt in debts))
    posting = write_off(account=account, key=request.key, principal=principal, penalty=penalty, now=now)
    await post(postings=[posting], ledger=following.ledger, accounts=following.accounts, transaction=transaction)
    bills = await following.bills.load(wanted, transaction=transaction)
    given_up = {bill.id: (bill.paid, BillStatus.WRITTEN_OFF) for bill in bills.values()}
    await following.bills.set_paid(given_up, transaction=transaction)
    await following.debts.put([_given_up(debt) for debt in debts], transaction=transaction)
    moved = await step(
        following=following,
        account_id=account.id,
        event=Event.WRITTEN_OFF,
        by=request.acted_by,
        note=request.reason,
        transaction=transaction,
        now=now,
    )
    if isinstance(moved, Refusal) or moved.state is not State.WRITTEN_OFF:
        raise OvertakenError("arrears.not_now")


def _given_up(debt: Debt) -> Debt:
    penalty = replace(debt.penalty, waived=Fen(debt.penalty.waived + debt.penalty.outstanding))
    return replace(debt, owed=Fen(0), next_on=None, penalty=penalty)

"""What becomes of a refund that was asked for: approved, sent, done, or given back to the account."""

from dataclasses import dataclass, replace
from datetime import datetime

from gridhall.billing.approvals.model import Executor, OvertakenError, Request
from gridhall.billing.ledger import postings
from gridhall.billing.ledger.operations import post
from gridhall.billing.payments.port import RefundTold, TradeState
from gridhall.billing.payments.spreading import give
from gridhall.billing.payments.till import Payments
from gridhall.billing.refunds.model import (
    Refund,
    RefundNumber,
    State,
    Way,
)
from gridhall.billing.refunds.repository import RefundRepository
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction
from gridhall.kit.outbox import Event


@dataclass(frozen=True, slots=True)
class Refunds:
    """What refunds need at hand."""

    payments: Payments
    refunds: RefundRepository


def approved_by(refunds: Refunds) -> Executor:
    """Return what an approved request for a refund does: the refund may be sent."""

    async def carry_out(request: Request, transaction: Transaction) -> None:
        refund = await _of(refunds, request, transaction)
        if refund.state is not State.ASKED:
            raise OvertakenError("not_asked")
        now = request.acted_at
        await refunds.refunds.put(refund.approved(now=now), transaction=transaction)

    return carry_out


def dismissed_by(refunds: Refunds) -> Executor:
    """Return what a refused request for a refund does: its money is the account's again."""

    async def release(request: Request, transaction: Transaction) -> None:
        refund = await _of(refunds, request, transaction)
        if refund.state is State.ASKED:
            now = request.acted_at
            await _release(refunds, refund, state=State.REFUSED, why=request.decision, now=now, transaction=transaction)

    return release


async def _of(refunds: Refunds, request: Request, transaction: Transaction) -> Refund:
    number = RefundNumber(request.key)
    return (await refunds.refunds.load([number], transaction=transaction))[number]


async def told(*, refunds: Refunds, told: RefundTold, now: datetime) -> Refund | None:
    """Note what a provider tells of a refund, by a callback or when asked; None where it is none of ours.

    Idempotent; what is over stays as it is.
    """
    number = RefundNumber(told.number)

    async def work(transaction: Transaction) -> Refund | None:
        refund = (await refunds.refunds.load([number], transaction=transaction)).get(number)
        if refund is None or refund.state not in {State.APPROVED, State.ACCEPTED}:
            return refund
        if told.state is TradeState.REFUNDED:
            reference = told.provider_number or refund.number
            return await _done(refunds, refund, reference=reference, now=told.done_at or now, transaction=transaction)
        if told.state in {TradeState.FAILED, TradeState.CLOSED}:
            return await _release(
                refunds, refund, state=State.FAILED, why=str(told.state), now=now, transaction=transaction
            )
        # What the provider does not know is sent once more, under the same number.
        state = State.APPROVED if told.state is TradeState.UNKNOWN else State.ACCEPTED
        later = refund.later(state=state, now=now)
        await refunds.refunds.put(later, transaction=transaction)
        return later

    return await refunds.payments.mongo.transact(work)


async def pay_out(
    *, refunds: Refunds, number: RefundNumber, reference: str, now: datetime, transaction: Transaction
) -> Refund | None:
    """Note that an approved refund was paid out by the bank or over the counter; None where it is none to pay out."""
    refund = (await refunds.refunds.load([number], transaction=transaction)).get(number)
    if refund is None or refund.way is Way.ONLINE or refund.state is not State.APPROVED:
        return None
    return await _done(refunds, refund, reference=reference, now=now, transaction=transaction)


async def _done(refunds: Refunds, refund: Refund, *, reference: str, now: datetime, transaction: Transaction) -> Refund:
    till = refunds.payments
    account = (await till.accounts.load([refund.account_id], transaction=transaction))[refund.account_id]
    posting = postings.refund(account=account, number=refund.number, cash=refund.book, amount=refund.amount, now=now)
    await post(postings=[posting], ledger=till.ledger, accounts=till.accounts, transaction=transaction)
    done = replace(refund, state=State.DONE, reference=reference, done_at=now)
    await _tell(refunds, done, now=now, transaction=transaction)
    return done


async def _release(
    refunds: Refunds, refund: Refund, *, state: State, why: str, now: datetime, transaction: Transaction
) -> Refund:
    till = refunds.payments
    account = (await till.accounts.load([refund.account_id], transaction=transaction))[refund.account_id]
    spread = await give(payments=till, account=account, amount=refund.amount, transaction=transaction, now=now)
    posting = postings.refund_released(
        account=account,
        number=refund.number,
        to_bills=spread.bills,
        to_penalties=spread.penalties,
        to_prepaid=spread.prepaid,
        now=now,
    )
    await post(postings=[posting], ledger=till.ledger, accounts=till.accounts, transaction=transaction)
    if refund.origin is not None:
        received = await till.received.kept(
            provider=refund.origin.provider, number=refund.origin.provider_number, transaction=transaction
        )
        if received is not None:
            await till.received.give_back(
                received, account_id=refund.account_id, amount=Fen(-refund.amount), at=None, transaction=transaction
            )
    over = replace(refund, state=state, why=why, done_at=now)
    await _tell(refunds, over, now=now, transaction=transaction)
    return over


async def _tell(refunds: Refunds, refund: Refund, *, now: datetime, transaction: Transaction) -> None:
    await refunds.refunds.put(refund, transaction=transaction)
    payload = {"number": refund.number, "fen": refund.amount, "state": str(refund.state)}
    event = Event(kind="billing.refund_over", about=refund.account_id, at=now, payload=payload)
    await refunds.payments.outbox.add([event], transaction=transaction)

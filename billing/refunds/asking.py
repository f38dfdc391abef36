"""Asking for a refund: whether there is so much to give back, and reserving it until it went or did not."""

from dataclasses import dataclass
from datetime import datetime

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.approvals.model import Kind, request_for
from gridhall.billing.approvals.operations import Approvals, prepare
from gridhall.billing.ledger import postings
from gridhall.billing.ledger.operations import post
from gridhall.billing.payments.model import Received, TradeNumber
from gridhall.billing.payments.spreading import take_back
from gridhall.billing.refunds.model import (
    MOST_PARTS,
    PARTS_APART,
    WITHIN,
    Origin,
    Refund,
    RefundNumber,
    Way,
    Wish,
    refund_number,
)
from gridhall.billing.refunds.operations import Refunds
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction


@dataclass(frozen=True, slots=True)
class Asked:
    """The refund is under way; its state tells whether a second person has to approve it."""

    refund: Refund


@dataclass(frozen=True, slots=True)
class TooMuch:
    """More than may be given back; `most` is what may."""

    most: Fen


@dataclass(frozen=True, slots=True)
class NotRefundable:
    """The payment is none of this account, was taken otherwise, is too old, or went back in 50 parts. why: which."""

    why: str


@dataclass(frozen=True, slots=True)
class NumberUsed:
    """The idempotency key was used before for another refund."""


async def ask(
    *, refunds: Refunds, approvals: Approvals, wish: Wish, by: str, key: str, now: datetime
) -> Asked | TooMuch | NotRefundable | NumberUsed:
    """Ask for money to be given back. It is reserved at once, so that it cannot be spent meanwhile.

    Idempotent by `by` and `key`. Above the limit of refunds a second person has to approve it.
    Raises UnknownRefundAccountError.
    """
    number = refund_number(by=by, key=key)

    async def work(transaction: Transaction) -> Asked | TooMuch | NotRefundable | NumberUsed:
        known = (await refunds.refunds.load([number], transaction=transaction)).get(number)
        if known is not None:
            return Asked(known) if known.fulfils(wish) else NumberUsed()
        account = (await refunds.payments.accounts.load([wish.account_id], transaction=transaction)).get(
            wish.account_id
        )
        if account is None:
            raise UnknownRefundAccountError(wish.account_id)
        received = await _origin(refunds, wish, transaction)
        refusal = _refusal(wish, account, received, now)
        if refusal is not None:
            return refusal
        refund = _refund(number, wish, account, received, by=by, now=now)
        await _reserve(refunds, refund, account, received, transaction)
        request = request_for(
            account, kind=Kind.REFUND, key=number, amount=wish.amount, reason=wish.reason, by=by, now=now
        )
        await prepare(approvals=approvals, request=request, transaction=transaction)
        return Asked((await refunds.refunds.load([number], transaction=transaction))[number])

    try:
        return await refunds.payments.mongo.transact(work)
    except _TooMuchError as error:
        return TooMuch(error.most)


async def _origin(refunds: Refunds, wish: Wish, transaction: Transaction) -> Received | None:
    if wish.payment is None:
        return None
    provider, number = wish.payment
    received = refunds.payments.received
    found = await received.kept(provider=provider, number=number, transaction=transaction)
    if found is not None:
        return found
    # The other number that a customer reads out is ours (商户单号). Two payments of one order are named by theirs.
    of_order = await received.kept_of_order(provider=provider, number=TradeNumber(number), transaction=transaction)
    return of_order[0] if len(of_order) == 1 else None


def _refusal(wish: Wish, account: Account, received: Received | None, now: datetime) -> TooMuch | NotRefundable | None:
    """Return why a wish cannot be fulfilled: the payment does not allow it, or there is not so much."""
    most = account.balance.prepaid
    if (wish.way is Way.ONLINE) != (wish.payment is not None):
        return NotRefundable("way")
    if wish.payment is not None:
        if received is None or received.payment.trade_number is None:
            return NotRefundable("payment")
        if now - received.payment.paid_at > WITHIN:
            return NotRefundable("age")
        if received.refunds >= MOST_PARTS:
            return NotRefundable("parts")
        rest = received.rest_of(account.id)
        most = rest if wish.reopen else Fen(min(most, rest))
    return TooMuch(Fen(max(0, most))) if not 0 < wish.amount <= most else None


def _refund(
    number: RefundNumber, wish: Wish, account: Account, received: Received | None, *, by: str, now: datetime
) -> Refund:
    origin, next_at = None, now
    if received is not None:
        paid = received.payment
        origin = Origin(paid.provider, paid.provider_number, str(paid.trade_number), paid.amount)
        if received.last_refund_at is not None:
            next_at = max(now, received.last_refund_at + PARTS_APART)
    return Refund(
        number=number,
        account_id=account.id,
        region=account.region,
        org_path=account.org_path,
        amount=wish.amount,
        way=wish.way,
        book=received.cash if received else wish.way.book,
        reason=wish.reason,
        asked_by=by,
        asked_at=now,
        next_at=next_at,
        origin=origin,
    )


async def _reserve(
    refunds: Refunds, refund: Refund, account: Account, received: Received | None, transaction: Transaction
) -> None:
    till = refunds.payments
    spread = await take_back(
        payments=till,
        account=account,
        amount=refund.amount,
        received=received,
        transaction=transaction,
        now=refund.asked_at,
    )
    if spread.beyond:
        raise _TooMuchError(Fen(refund.amount - spread.beyond))
    posting = postings.refund_reserved(
        account=account,
        number=refund.number,
        from_bills=spread.bills,
        from_penalties=spread.penalties,
        from_prepaid=spread.prepaid,
        now=refund.asked_at,
    )
    await post(postings=[posting], ledger=till.ledger, accounts=till.accounts, transaction=transaction)
    if received is not None:
        await till.received.give_back(
            received, account_id=account.id, amount=refund.amount, at=refund.next_at, transaction=transaction
        )
    await refunds.refunds.add(refund, transaction=transaction)


class _TooMuchError(Exception):
    """There is less to give back than was asked for; so nothing of it is written."""

    def __init__(self, most: Fen) -> None:
        super().__init__(most)
        self.most = most


class UnknownRefundAccountError(LookupError):
    """A refund was asked for an account that does not exist."""

    def __init__(self, account_id: AccountId) -> None:
        super().__init__(f"there is no account {account_id}")

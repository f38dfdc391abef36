"""Settling money that came in: the one door for all of it, online, from the bank and over the counter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.told_late import Came
from gridhall.billing.ledger import postings
from gridhall.billing.ledger.model import Book
from gridhall.billing.ledger.operations import post
from gridhall.billing.payments.model import Part, PaymentReceived, Place, Received
from gridhall.billing.payments.repository import ReceivedBeforeError
from gridhall.billing.payments.spreading import give
from gridhall.billing.payments.starting import LIFE
from gridhall.billing.payments.till import Payments
from gridhall.billing.prepayment.following import money_came
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction
from gridhall.kit.outbox import Event


@dataclass(frozen=True, slots=True)
class Settled:
    """The money was posted: so much paid bills and their penalties, and the rest was put by."""

    to_bills: Fen
    to_prepaid: Fen
    to_penalties: Fen = Fen(0)


@dataclass(frozen=True, slots=True)
class AlreadySettled:
    """The same money had been posted before; nothing was done."""


async def settle(
    *, payments: Payments, payment: PaymentReceived, cash: Book, now: datetime
) -> Settled | AlreadySettled:
    """Post a received payment to the ledger and to the bills it pays.

    Of each part the bills it names are paid first, then the account's other payable bills from the oldest on; what is
    left is prepaid balance. Money that comes for an intent that was closed or paid before is money all the same.
    Idempotent by provider and provider number. All in one transaction, or nothing.
    Raises UnknownAccountError, and NumberTakenError where other money came under the same number.
    """

    async def work(transaction: Transaction) -> Settled:
        return await settle_in(payments=payments, payment=payment, cash=cash, now=now, transaction=transaction)

    if not await _came_before(payments, payment):
        try:
            return await payments.mongo.transact(work)
        except ReceivedBeforeError:
            await _came_before(payments, payment)
    return AlreadySettled()


async def settle_in(
    *, payments: Payments, payment: PaymentReceived, cash: Book, now: datetime, transaction: Transaction
) -> Settled:
    """Settle as `settle` does, in a transaction of the caller's that also writes what the money stands on.

    Raises ReceivedBeforeError where it was settled before, and UnknownAccountError.
    """
    accounts = await payments.accounts.load([part.account_id for part in payment.parts], transaction=transaction)
    came = await _came(payments, payment)
    settled = Settled(Fen(0), Fen(0))
    made = []
    went: dict[AccountId, Mapping[Place, Fen]] = {}
    for part in payment.parts:
        account = accounts.get(part.account_id)
        if account is None:
            raise UnknownAccountError(part.account_id)
        share = await give(
            payments=payments,
            account=account,
            amount=part.amount,
            named=part.bill_ids,
            came=came,
            transaction=transaction,
            now=now,
        )
        went[account.id] = share.places
        settled = Settled(
            to_bills=Fen(settled.to_bills + share.bills),
            to_prepaid=Fen(settled.to_prepaid + share.prepaid),
            to_penalties=Fen(settled.to_penalties + share.penalties),
        )
        made.append(
            postings.payment(
                account=account,
                provider=payment.provider,
                number=payment.provider_number,
                cash=cash,
                to_bills=share.bills,
                to_penalties=share.penalties,
                to_prepaid=share.prepaid,
                now=now,
            )
        )
    await payments.received.add(Received(payment, cash, went, {}), transaction=transaction)
    await post(postings=made, ledger=payments.ledger, accounts=payments.accounts, transaction=transaction)
    paid = [part.account_id for part in payment.parts]
    await money_came(following=payments.following, account_ids=paid, transaction=transaction, now=now)
    if payment.trade_number is not None:
        await payments.intents.set_paid(payment.trade_number, transaction=transaction)
    events = [_event(payment, part, now=now) for part in payment.parts]
    await payments.outbox.add(events, transaction=transaction)
    return settled


async def _came_before(payments: Payments, payment: PaymentReceived) -> bool:
    """Say whether the same money came before. Other money under its number is somebody's, and never swallowed."""
    found = await payments.received.find(provider=payment.provider, number=payment.provider_number)
    if found is not None and not found.same_money(payment):
        raise NumberTakenError(payment.provider, payment.provider_number)
    return found is not None


async def _came(payments: Payments, payment: PaymentReceived) -> Came:
    """Return the day on which money counts as paid: that of its order, where it was paid within the order's time.

    So whoever orders what is owed before midnight and confirms it after owes nothing more.
    """
    key, today = f"{payment.provider}:{payment.provider_number}", payments.following.today
    on = today(payment.paid_at)
    if payments.order_ends_penalty and payment.trade_number is not None and today(payment.paid_at - LIFE) < on:
        intent = await payments.intents.load(payment.trade_number)
        if intent is not None and intent.started_at <= payment.paid_at <= intent.expires_at:
            on = today(intent.started_at)
    return Came(on, key)


def _event(payment: PaymentReceived, part: Part, *, now: datetime) -> Event:
    return Event(
        kind="billing.payment_received",
        about=part.account_id,
        at=now,
        payload={
            "provider": payment.provider,
            "number": payment.provider_number,
            "fen": part.amount,
            "paid_at": payment.paid_at,
        },
    )


class UnknownAccountError(LookupError):
    """Money arrived for an account that does not exist."""

    def __init__(self, account_id: AccountId) -> None:
        super().__init__(f"there is no account {account_id}")


class NumberTakenError(Exception):
    """Money arrived under the number of other money: of another account, order or amount. A person has to look."""

    def __init__(self, provider: str, number: str) -> None:
        super().__init__(f"{provider} told of other money under {number} before")

"""Settling money that came in: the one door for all of it, online, from the bank and over the counter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.arrears.repository import ReminderRepository
from gridhall.billing.bills.model import Bill, BillId, BillStatus, after_payment
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.ledger import postings
from gridhall.billing.ledger.model import Book
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.repository import LedgerRepository
from gridhall.billing.payments.model import Bounds, Part, PaymentReceived, allocate
from gridhall.billing.payments.repository import IntentRepository, PaymentRepository, ReceivedBeforeError
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.outbox import Event, Outbox


@dataclass(frozen=True, slots=True)
class Payments:
    """What payments need at hand."""

    mongo: Mongo
    accounts: AccountRepository
    bills: BillRepository
    ledger: LedgerRepository
    intents: IntentRepository
    received: PaymentRepository
    reminders: ReminderRepository
    outbox: Outbox
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Settled:
    """The money was posted: `to_bills` paid bills and `to_prepaid` was put by."""

    to_bills: Fen
    to_prepaid: Fen


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
    await payments.received.add(payment, cash=cash, transaction=transaction)
    accounts = await payments.accounts.load([part.account_id for part in payment.parts], transaction=transaction)
    settled = Settled(Fen(0), Fen(0))
    made = []
    for part in payment.parts:
        account = accounts.get(part.account_id)
        if account is None:
            raise UnknownAccountError(part.account_id)
        share = await _settle_part(payments, part, account=account, transaction=transaction)
        settled = Settled(Fen(settled.to_bills + share.to_bills), Fen(settled.to_prepaid + share.to_prepaid))
        made.append(
            postings.payment(
                account=account,
                provider=payment.provider,
                number=payment.provider_number,
                cash=cash,
                to_bills=share.to_bills,
                to_prepaid=share.to_prepaid,
                now=now,
            )
        )
    await post(postings=made, ledger=payments.ledger, accounts=payments.accounts, transaction=transaction)
    if payment.trade_number is not None:
        await payments.intents.set_paid(payment.trade_number, transaction=transaction)
    events = [_event(payment, part, now=now) for part in payment.parts]
    await payments.outbox.add(events, transaction=transaction)
    return settled


async def _settle_part(payments: Payments, part: Part, *, account: Account, transaction: Transaction) -> Settled:
    payable = await payments.bills.payable(account.id, transaction=transaction)
    shares, rest = allocate(part.amount, _named_first(payable, part.bill_ids))
    paid = {share.bill.id: after_payment(share.bill, share.amount) for share in shares}
    await payments.bills.set_paid(paid, transaction=transaction)
    in_full = [bill_id for bill_id, (_, status) in paid.items() if status is BillStatus.PAID]
    await payments.reminders.stop(in_full, transaction=transaction)
    return Settled(to_bills=Fen(part.amount - rest), to_prepaid=rest)


async def _came_before(payments: Payments, payment: PaymentReceived) -> bool:
    """Say whether the same money came before. Other money under its number is somebody's, and never swallowed."""
    found = await payments.received.find(provider=payment.provider, number=payment.provider_number)
    if found is not None and not found.same_money(payment):
        raise NumberTakenError(payment.provider, payment.provider_number)
    return found is not None


def _named_first(payable: list[Bill], named: Sequence[BillId]) -> list[Bill]:
    return sorted(payable, key=lambda bill: bill.id not in named)


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

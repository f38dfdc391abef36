"""Starting payments and settling received ones."""

import secrets
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
from gridhall.billing.payments.model import Intent, PaymentReceived, TradeNumber, allocate
from gridhall.billing.payments.port import OnlineProvider, Order
from gridhall.billing.payments.repository import (
    AskedBeforeError,
    IntentRepository,
    PaymentRepository,
    ReceivedBeforeError,
)
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


@dataclass(frozen=True, slots=True)
class Started:
    """The payment is ready to be confirmed at `intent.pay_url`."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class NothingToPay:
    """One of the bills is paid already, or is no bill of the account that may be paid."""

    bill_id: BillId


@dataclass(frozen=True, slots=True)
class KeyReused:
    """The idempotency key was used before for other bills."""


async def start(
    *,
    payments: Payments,
    provider: OnlineProvider,
    account: Account,
    bill_ids: Sequence[BillId],
    asked_by: str,
    description: str,
    now: datetime,
) -> Started | NothingToPay | KeyReused:
    """Start an online payment of bills of one account.

    Idempotent by `asked_by` (the subject and its key): a repetition returns the same intent. A bill named twice is
    asked for once.
    Raises ProviderUnavailableError where the provider does not take the order; asking again is safe then.
    """
    bill_ids = list(dict.fromkeys(bill_ids))
    intent = await payments.intents.asked(asked_by)
    if intent is None:
        bills = await payments.bills.load(bill_ids)
        for bill_id in bill_ids:
            bill = bills.get(bill_id)
            if bill is None or bill.account_id != account.id or not bill.owed:
                return NothingToPay(bill_id)
        intent = Intent(
            number=TradeNumber(secrets.token_hex(16)),
            account_id=account.id,
            region=account.region,
            bill_ids=tuple(bill_ids),
            amount=Fen(sum(bills[bill_id].owed for bill_id in bill_ids)),
            provider=provider.name,
            asked_by=asked_by,
            started_at=now,
        )
        try:
            await payments.intents.add(intent)
        except AskedBeforeError:
            intent = await payments.intents.asked(asked_by) or intent
    if intent.account_id != account.id or set(intent.bill_ids) != set(bill_ids):
        return KeyReused()
    if intent.pay_url is None:
        placed = await provider.place(Order(intent.number, intent.amount, description))
        await payments.intents.set_pay_url(intent.number, placed.pay_url or "")
        intent = await payments.intents.load(intent.number) or intent
    return Started(intent)


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

    The bills it names are paid first, then the account's other payable bills from the oldest on; what is left is
    prepaid balance. Idempotent by provider and provider number. All in one transaction, or nothing.
    Raises UnknownAccountError, and NumberTakenError where other money came under the same number.
    """

    async def work(transaction: Transaction) -> Settled:
        await payments.received.add(payment, transaction=transaction)
        account = (await payments.accounts.load([payment.account_id], transaction=transaction)).get(payment.account_id)
        if account is None:
            raise UnknownAccountError(payment.account_id)
        payable = await payments.bills.payable(account.id, transaction=transaction)
        shares, rest = allocate(payment.amount, _named_first(payable, payment.bill_ids))
        settled = Settled(to_bills=Fen(payment.amount - rest), to_prepaid=rest)
        paid = {share.bill.id: after_payment(share.bill, share.amount) for share in shares}
        await payments.bills.set_paid(paid, transaction=transaction)
        in_full = [bill_id for bill_id, (_, status) in paid.items() if status is BillStatus.PAID]
        await payments.reminders.stop(in_full, transaction=transaction)
        posting = postings.payment(
            account=account,
            provider=payment.provider,
            number=payment.provider_number,
            cash=cash,
            to_bills=settled.to_bills,
            to_prepaid=settled.to_prepaid,
            now=now,
        )
        await post(postings=[posting], ledger=payments.ledger, accounts=payments.accounts, transaction=transaction)
        if payment.trade_number is not None:
            await payments.intents.set_paid(payment.trade_number, transaction=transaction)
        await payments.outbox.add([_event(payment, now=now)], transaction=transaction)
        return settled

    if not await _came_before(payments, payment):
        try:
            return await payments.mongo.transact(work)
        except ReceivedBeforeError:
            await _came_before(payments, payment)
    return AlreadySettled()


async def _came_before(payments: Payments, payment: PaymentReceived) -> bool:
    """Say whether the same money came before. Other money under its number is somebody's, and never swallowed."""
    found = await payments.received.find(provider=payment.provider, number=payment.provider_number)
    if found not in (None, (payment.account_id, payment.amount, payment.trade_number)):
        raise NumberTakenError(payment.provider, payment.provider_number)
    return found is not None


def _named_first(payable: list[Bill], named: Sequence[BillId]) -> list[Bill]:
    return sorted(payable, key=lambda bill: bill.id not in named)


def _event(payment: PaymentReceived, *, now: datetime) -> Event:
    return Event(
        kind="billing.payment_received",
        about=payment.account_id,
        at=now,
        payload={
            "provider": payment.provider,
            "number": payment.provider_number,
            "fen": payment.amount,
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

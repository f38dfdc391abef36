"""Intents and received payments in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

from pymongo.errors import DuplicateKeyError

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.payments.model import Intent, IntentStatus, PaymentReceived, TradeNumber
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction

ONE_AN_ASK = Index("asked_by", name="one_an_ask", unique=True)
"""Keeps a repeated request from starting a second payment, and serves `asked`."""


STARTED_BY_ACCOUNT = Index("account_id", "-started_at", name="started_by_account", only={"status": "started"})
"""Serves `last_started`: whether a payment is under way."""


class IntentRepository:
    """Intents. Shard key: _id (the trade number)."""

    collection_name = "payment_intents"
    indexes: ClassVar[tuple[Index, ...]] = (ONE_AN_ASK, STARTED_BY_ACCOUNT)

    def __init__(self, mongo: Mongo) -> None:
        self._intents = mongo[self.collection_name]

    async def add(self, intent: Intent) -> None:
        """Write a new intent. Raises AskedBeforeError where the same was asked before."""
        try:
            await self._intents.insert_one(_pack(intent))
        except DuplicateKeyError as error:
            raise AskedBeforeError from error

    async def load(self, number: TradeNumber) -> Intent | None:
        """Return the intent with a trade number."""
        found = await self._intents.find_one({"_id": number})
        return _unpack(found) if found else None

    async def asked(self, asked_by: str) -> Intent | None:
        """Return the intent that was started by this request before."""
        found = await self._intents.find_one({"asked_by": asked_by})
        return _unpack(found) if found else None

    async def last_started(self, account_id: AccountId, *, since: datetime) -> datetime | None:
        """Return when the newest payment of an account was started whose money has not arrived; None if before."""
        query = {"account_id": account_id, "status": IntentStatus.STARTED, "started_at": {"$gte": since}}
        found = await self._intents.find_one(query, sort=[("started_at", -1)])
        return found["started_at"] if found else None

    async def set_pay_url(self, number: TradeNumber, pay_url: str) -> None:
        """Note where the customer confirms the payment."""
        await self._intents.update_one({"_id": number}, {"$set": {"pay_url": pay_url}})

    async def set_paid(self, number: TradeNumber, *, transaction: Transaction) -> None:
        """Note that the money of an intent arrived."""
        await self._intents.update_one(
            {"_id": number}, {"$set": {"status": IntentStatus.PAID}}, session=transaction.session
        )


class PaymentRepository:
    """Received payments. The provider's number is the `_id`, so that the same money is received once."""

    collection_name = "payments"
    indexes: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, mongo: Mongo) -> None:
        self._payments = mongo[self.collection_name]

    async def add(self, payment: PaymentReceived, *, transaction: Transaction) -> None:
        """Write a payment. Raises ReceivedBeforeError where it was received before."""
        document = {
            "_id": _key(payment.provider, payment.provider_number),
            "schema": 1,
            "account_id": payment.account_id,
            "amount": payment.amount,
            "paid_at": payment.paid_at,
            "bill_ids": list(payment.bill_ids),
            "trade_number": payment.trade_number,
        }
        try:
            await self._payments.insert_one(document, session=transaction.session)
        except DuplicateKeyError as error:
            raise ReceivedBeforeError from error

    async def find(self, *, provider: str, number: str) -> tuple[AccountId, Fen, TradeNumber | None] | None:
        """Return whose a received payment was, how much, and which intent it answered."""
        found = await self._payments.find_one({"_id": _key(provider, number)})
        return (found["account_id"], Fen(found["amount"]), found["trade_number"]) if found else None


def _key(provider: str, number: str) -> str:
    return f"{provider}:{number}"


class AskedBeforeError(Exception):
    """The same request started a payment before."""


class ReceivedBeforeError(Exception):
    """The same money was received before."""


def _pack(intent: Intent) -> Document:
    return {
        "_id": intent.number,
        "schema": 1,
        "account_id": intent.account_id,
        "region": intent.region,
        "bill_ids": list(intent.bill_ids),
        "amount": intent.amount,
        "provider": intent.provider,
        "asked_by": intent.asked_by,
        "started_at": intent.started_at,
        "status": intent.status,
        "pay_url": intent.pay_url,
    }


def _unpack(document: Document) -> Intent:
    values: dict[str, Any] = {name: document[name] for name in document if name not in {"_id", "schema"}}
    values["bill_ids"] = tuple(values["bill_ids"])
    values["status"] = IntentStatus(values["status"])
    return Intent(number=TradeNumber(document["_id"]), **values)

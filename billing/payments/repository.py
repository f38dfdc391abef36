"""Intents and received payments in MongoDB."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from pymongo.errors import DuplicateKeyError

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import BillId
from gridhall.billing.payments.documents import (
    pack_intent,
    pack_received,
    payment_key,
    unpack_intent,
    unpack_payment,
    unpack_received,
)
from gridhall.billing.payments.model import (
    Intent,
    IntentStatus,
    PaymentReceived,
    Received,
    TradeNumber,
)
from gridhall.billing.payments.port import Placed
from gridhall.billing.payments.schemas import second_intent, second_payment
from gridhall.kit.keyset import Before, beyond, earlier
from gridhall.kit.migrations import SchemaStep
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of

ONE_AN_ASK = Index("asked_by", name="one_an_ask", unique=True)
"""Keeps a repeated request from starting a second payment, and serves `asked`."""

OPEN_BY_ACCOUNT = Index("parts.account_id", "-started_at", name="open_by_account", only={"status": "started"})
"""Serves `last_started` and `supersede`: whether a payment of an account is under way."""

TO_ASK = Index("ask_at", "_id", name="to_ask", only={"ask_at": {"$type": "date"}})
"""Serves `to_ask`: intents whose provider is to be asked now."""

OF_DAY = Index("provider", "paid_at", "provider_number", name="of_day")
"""Serves `of_day`: a provider's money of a day, as its statement has it."""

OF_TRADE = Index("trade_number", name="of_trade", only={"trade_number": {"$type": "string"}})
"""Serves `of_trade`: whether an order was paid."""

OF_ACCOUNT = Index("parts.account_id", "-paid_at", "-_id", name="of_account")
"""Serves `page` and `paying`: the payments of an account, newest first."""

OF_PAYER = Index("payer", "-started_at", "-_id", name="of_payer")
"""Serves `of_payer`: what somebody started, newest first."""


class IntentRepository:
    """Intents. Shard key: _id (the trade number)."""

    collection_name = "payment_intents"
    indexes: ClassVar[tuple[Index, ...]] = (ONE_AN_ASK, OPEN_BY_ACCOUNT, TO_ASK, OF_PAYER)
    migrations: ClassVar[tuple[SchemaStep, ...]] = (SchemaStep("payment_intents", of=1, change=second_intent),)

    def __init__(self, mongo: Mongo) -> None:
        self._intents = mongo[self.collection_name]

    async def add(self, intent: Intent) -> None:
        """Write a new intent. Raises AskedBeforeError where the same was asked before."""
        try:
            await self._intents.insert_one(pack_intent(intent))
        except DuplicateKeyError as error:
            raise AskedBeforeError from error

    async def load(self, number: TradeNumber) -> Intent | None:
        """Return the intent with a trade number."""
        found = await self._intents.find_one({"_id": number})
        return unpack_intent(found) if found else None

    async def asked(self, asked_by: str) -> Intent | None:
        """Return the intent that was started by this request before."""
        found = await self._intents.find_one({"asked_by": asked_by})
        return unpack_intent(found) if found else None

    async def of_payer(self, payer: str, *, before: Before | None, limit: int) -> list[Intent]:
        """Return what somebody started, newest first, before a place."""
        query = {"payer": payer} | earlier("started_at", before)
        cursor = self._intents.find(query).sort([("started_at", -1), ("_id", -1)]).limit(limit)
        return [unpack_intent(document) async for document in cursor]

    async def last_started(self, account_id: AccountId, *, since: datetime) -> datetime | None:
        """Return when the newest payment of an account was started whose money has not arrived; None if before."""
        query = {"parts.account_id": account_id, "status": IntentStatus.STARTED, "started_at": {"$gte": since}}
        found = await self._intents.find_one(query, sort=[("started_at", -1)])
        return found["started_at"] if found else None

    async def supersede(self, *, account_ids: Sequence[AccountId], payer: str, by: TradeNumber) -> int:
        """Mark what a payer started before for any of these accounts; return how many intents those were."""
        result = await self._intents.update_many(
            {
                "parts.account_id": {"$in": list(account_ids)},
                "status": IntentStatus.STARTED,
                "payer": payer,
                "_id": {"$ne": by},
            },
            {"$set": {"status": IntentStatus.SUPERSEDED}},
        )
        return result.modified_count

    async def to_ask(self, *, now: datetime, limit: int) -> list[Intent]:
        """Return intents whose provider is to be asked by now, those that wait longest first."""
        query = {"ask_at": {"$lte": now, "$type": "date"}}
        cursor = self._intents.find(query).sort([("ask_at", 1), ("_id", 1)]).limit(limit)
        return [unpack_intent(document) async for document in cursor]

    async def ask_later(self, number: TradeNumber, *, at: datetime) -> None:
        """Note when the provider of an unfinished intent is asked again."""
        query = {"_id": number, "status": {"$in": [IntentStatus.STARTED, IntentStatus.SUPERSEDED]}}
        await self._intents.update_one(query, {"$set": {"ask_at": at}})

    async def set_placed(self, number: TradeNumber, placed: Placed) -> None:
        """Note how the customer confirms the payment."""
        changes = {"pay_url": placed.pay_url, "client": dict(placed.client) if placed.client else None}
        await self._intents.update_one({"_id": number}, {"$set": changes})

    async def set_closed(self, number: TradeNumber) -> None:
        """Note that the provider takes no money for an intent any more; one that was paid meanwhile stays so."""
        query = {"_id": number, "status": {"$ne": IntentStatus.PAID}}
        await self._intents.update_one(query, {"$set": {"status": IntentStatus.CLOSED, "ask_at": None}})

    async def set_paid(self, number: TradeNumber, *, transaction: Transaction) -> None:
        """Note that the money of an intent arrived."""
        await self._intents.update_one(
            {"_id": number}, {"$set": {"status": IntentStatus.PAID, "ask_at": None}}, session=transaction.session
        )


class PaymentRepository:
    """Received payments. The provider's number is the `_id`, so that the same money is received once."""

    collection_name = "payments"
    indexes: ClassVar[tuple[Index, ...]] = (OF_DAY, OF_TRADE, OF_ACCOUNT)
    migrations: ClassVar[tuple[SchemaStep, ...]] = (SchemaStep("payments", of=1, change=second_payment),)

    def __init__(self, mongo: Mongo) -> None:
        self._payments = mongo[self.collection_name]

    async def add(self, received: Received, *, transaction: Transaction) -> None:
        """Write a payment, of which nothing has gone back. Raises ReceivedBeforeError where it was received before."""
        try:
            await self._payments.insert_one(pack_received(received), session=transaction.session)
        except DuplicateKeyError as error:
            raise ReceivedBeforeError from error

    async def find(
        self, *, provider: str, number: str, transaction: Transaction | None = None
    ) -> PaymentReceived | None:
        """Return the payment that was received under a provider's number."""
        found = await self._payments.find_one({"_id": payment_key(provider, number)}, session=session_of(transaction))
        return unpack_payment(found) if found else None

    async def many(self, *, provider: str, numbers: Sequence[str]) -> dict[str, PaymentReceived]:
        """Return payments by the provider's number; unknown ones are left out."""
        cursor = self._payments.find({"_id": {"$in": [payment_key(provider, number) for number in numbers]}})
        found = [unpack_payment(document) async for document in cursor]
        return {one.provider_number: one for one in found}

    async def of_trade(self, number: TradeNumber) -> bool:
        """Say whether money of an order was received."""
        # The index holds none without a number, and the server sees that it fits only where the query says so.
        query = {"trade_number": {"$eq": number, "$type": "string"}}
        return await self._payments.find_one(query, {"_id": 1}) is not None

    async def of_day(
        self, *, provider: str, begin: datetime, end: datetime, after: tuple[datetime, str] | None, limit: int
    ) -> list[PaymentReceived]:
        """Return a provider's payments from an instant to another, as they were paid, those after a place."""
        query: Document = {"provider": provider, "paid_at": {"$gte": begin, "$lt": end}}
        query |= beyond("paid_at", after, by="provider_number")
        cursor = self._payments.find(query).sort([("paid_at", 1), ("provider_number", 1)]).limit(limit)
        return [unpack_payment(document) async for document in cursor]

    async def page(self, account_id: AccountId, *, before: Before | None, limit: int) -> list[Received]:
        """Return the payments that had a part for an account, newest first, those before a place."""
        query = {"parts.account_id": account_id} | earlier("paid_at", before)
        cursor = self._payments.find(query).sort([("paid_at", -1), ("_id", -1)]).limit(limit)
        return [unpack_received(document) async for document in cursor]

    async def paying(
        self, account_id: AccountId, *, bill_ids: Sequence[BillId], transaction: Transaction
    ) -> list[Received]:
        """Return the payments of an account that paid some of these bills or of their penalties."""
        query = {"parts.account_id": account_id, "went.bill_id": {"$in": list(bill_ids)}}
        return [unpack_received(one) async for one in self._payments.find(query, session=transaction.session)]

    async def kept(self, *, provider: str, number: str, transaction: Transaction | None = None) -> Received | None:
        """Return a received payment with what of it has gone back, by the provider's number of it."""
        found = await self._payments.find_one({"_id": payment_key(provider, number)}, session=session_of(transaction))
        return unpack_received(found) if found else None

    async def kept_of_order(self, *, provider: str, number: TradeNumber, transaction: Transaction) -> list[Received]:
        """Return what was received for an order of ours, two payments at most."""
        query = {"trade_number": {"$eq": number, "$type": "string"}, "provider": provider}
        cursor = self._payments.find(query, session=transaction.session).limit(2)
        return [unpack_received(one) async for one in cursor]

    async def give_back(
        self,
        received: Received,
        *,
        account_id: AccountId,
        amount: Fen,
        at: datetime | None,
        transaction: Transaction,
    ) -> None:
        """Note that money of an account's part goes back, in a transaction that has read the payment.

        amount: below zero where it does not go back after all. at: when this part of it may be sent.
        """
        back = {**received.given_back, account_id: received.given_back.get(account_id, 0) + amount}
        changes: Document = {"given_back": [{"account_id": one, "amount": fen} for one, fen in back.items()]}
        if at is not None:
            changes |= {"refunds": received.refunds + 1, "last_refund_at": at}
        key = payment_key(received.payment.provider, received.payment.provider_number)
        await self._payments.update_one({"_id": key}, {"$set": changes}, session=transaction.session)


class AskedBeforeError(Exception):
    """The same request started a payment before."""


class ReceivedBeforeError(Exception):
    """The same money was received before."""

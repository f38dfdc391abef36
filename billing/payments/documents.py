"""Documents of intents and received payments."""

from collections.abc import Mapping, Sequence
from typing import Any

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import (
    Intent,
    IntentStatus,
    Part,
    PaymentReceived,
    Place,
    Received,
    TradeNumber,
)
from gridhall.billing.payments.schemas import second_intent, second_payment
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document


def pack_intent(intent: Intent) -> Document:
    """Return the document of an intent."""
    return {
        "_id": intent.number,
        "schema": 2,
        "parts": [_pack_part(part) for part in intent.parts],
        "region": intent.region,
        "provider": intent.provider,
        "payer": intent.payer,
        "asked_by": intent.asked_by,
        "started_at": intent.started_at,
        "expires_at": intent.expires_at,
        "ask_at": intent.ask_at,
        "status": intent.status,
        "pay_url": intent.pay_url,
        "client": dict(intent.client) if intent.client else None,
    }


def unpack_intent(document: Document) -> Intent:
    """Return the intent of a document."""
    if document["schema"] == 1:
        document = second_intent(document)
    values: dict[str, Any] = {name: document[name] for name in document if name not in {"_id", "schema"}}
    values["parts"] = tuple(_unpack_part(part) for part in values["parts"])
    values["status"] = IntentStatus(values["status"])
    return Intent(number=TradeNumber(document["_id"]), **values)


def _pack_part(part: Part) -> Document:
    return {
        "account_id": part.account_id,
        "bill_ids": list(part.bill_ids),
        "amount": part.amount,
        "penalty": part.penalty,
    }


def _unpack_part(document: Mapping[str, Any]) -> Part:
    return Part(
        account_id=document["account_id"],
        bill_ids=tuple(document["bill_ids"]),
        amount=Fen(document["amount"]),
        penalty=Fen(document.get("penalty", 0)),
    )


def payment_key(provider: str, number: str) -> str:
    """Return the `_id` of what a provider received under a number."""
    return f"{provider}:{number}"


def pack_received(received: Received) -> Document:
    """Return the document of a payment of which nothing has gone back."""
    payment = received.payment
    return {
        "_id": payment_key(payment.provider, payment.provider_number),
        "schema": 2,
        "provider": payment.provider,
        "provider_number": payment.provider_number,
        "parts": [_pack_part(part) for part in payment.parts],
        "amount": payment.amount,
        "paid_at": payment.paid_at,
        "trade_number": payment.trade_number,
        "cash": received.cash,
        "went": [
            {"account_id": account_id, "bill_id": place.bill_id, "penalty": place.penalty, "amount": amount}
            for account_id, places in received.went.items()
            for place, amount in places.items()
        ],
    }


def unpack_payment(document: Document) -> PaymentReceived:
    """Return the payment of a document."""
    document = _as_now(document)
    return PaymentReceived(
        provider=document["provider"],
        provider_number=document["provider_number"],
        parts=tuple(_unpack_part(part) for part in document["parts"]),
        paid_at=document["paid_at"],
        trade_number=document["trade_number"],
    )


def unpack_received(document: Document) -> Received:
    """Return the payment of a document, where its money went and what of it has gone back."""
    document = _as_now(document)
    return Received(
        payment=unpack_payment(document),
        cash=Book(document["cash"]),
        went=_unpack_went(document["went"]),
        given_back={one["account_id"]: Fen(one["amount"]) for one in document.get("given_back", ())},
        refunds=document.get("refunds", 0),
        last_refund_at=document.get("last_refund_at"),
    )


def _as_now(document: Document) -> Document:
    return second_payment(document) if document["schema"] == 1 else document


def _unpack_went(documents: Sequence[Mapping[str, Any]]) -> dict[AccountId, dict[Place, Fen]]:
    went: dict[AccountId, dict[Place, Fen]] = {}
    for one in documents:
        went.setdefault(one["account_id"], {})[Place(one["bill_id"], one["penalty"])] = Fen(one["amount"])
    return went

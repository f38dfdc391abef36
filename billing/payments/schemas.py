"""Intents and payments as they were kept when each was for the bills of one account."""

from datetime import timedelta
from typing import Final

from gridhall.billing.ledger.model import Book
from gridhall.kit.migrations import Besides
from gridhall.kit.mongo import Document

_LIFE: Final = timedelta(hours=2)
"""Intents of schema 1 stood open until they were paid; they end as those do that are started now."""


def second_intent(first: Document, _besides: Besides | None = None) -> Document:
    """Return the document of schema 2 of an intent of schema 1."""
    kept = {name: value for name, value in first.items() if name not in {"account_id", "bill_ids", "amount"}}
    return {
        **kept,
        "schema": 2,
        "parts": [_part(first)],
        "payer": first["asked_by"].partition(":")[0],
        "expires_at": first["started_at"] + _LIFE,
        "ask_at": None,
        "client": None,
    }


def second_payment(first: Document, _besides: Besides | None = None) -> Document:
    """Return the document of schema 2 of a payment of schema 1, of which was not kept where its money went."""
    provider, _, number = first["_id"].partition(":")
    kept = {name: value for name, value in first.items() if name not in {"account_id", "bill_ids"}}
    return {
        **kept,
        "schema": 2,
        "provider": provider,
        "provider_number": number,
        "parts": [_part(first)],
        "cash": Book.CASH_COUNTER if provider == "counter" else Book.CASH_ONLINE,
        "went": [],
    }


def _part(first: Document) -> Document:
    return {**{name: first[name] for name in ("account_id", "bill_ids", "amount")}, "penalty": 0}

"""Payments as they are started and as they arrive."""

from datetime import UTC, datetime, timedelta
from typing import Any

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import BillId
from gridhall.billing.payments.model import Intent, Part, TradeNumber
from gridhall.kit.ids import new_id
from gridhall.kit.money import Fen

STARTED_AT = datetime(2026, 11, 3, 2, tzinfo=UTC)


def an_intent(
    account_id: AccountId,
    fen: int,
    *bill_ids: BillId,
    started_at: datetime = STARTED_AT,
    **changes: Any,  # noqa: ANN401 - any field
) -> Intent:
    """A payment of so many fen for an account that somebody started; `changes` are fields of the intent."""
    fields: dict[str, Any] = {
        "number": TradeNumber(new_id().hex),
        "parts": (Part(account_id, bill_ids, Fen(fen)),),
        "region": "zhejiang",
        "provider": "simulated",
        "payer": "wang",
        "asked_by": f"wang:{new_id()}",
        "started_at": started_at,
        "expires_at": started_at + timedelta(hours=2),
    }
    return Intent(**{**fields, **changes})

"""Requests that somebody prepared."""

from datetime import UTC, datetime
from typing import Any

from gridhall.billing.accounts.model import Account
from gridhall.billing.approvals.model import Kind, Request, request_for
from gridhall.kit.money import Fen

PREPARED_AT = datetime(2026, 11, 2, 2, tzinfo=UTC)


def a_request(account: Account, *, kind: Kind = Kind.REFUND, amount: int = 80_000, **changes: Any) -> Request:  # noqa: ANN401 - any field
    """A refund of 800 yuan that chen.jie prepared."""
    fields: dict[str, Any] = {"key": "R1", "reason": "paid twice", "by": "chen.jie", "now": PREPARED_AT}
    return request_for(account, kind=kind, amount=Fen(amount), **{**fields, **changes})

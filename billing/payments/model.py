"""Payments: the intent that a customer starts, and the money that arrives."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import Bill, BillId
from gridhall.kit.money import Fen

TradeNumber = NewType("TradeNumber", str)
"""Our number of a payment (out_trade_no): 32 hexadecimal digits, unique for ever."""


class IntentStatus(StrEnum):
    """Where an intent stands."""

    STARTED = "started"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment that somebody started: these bills of one account, this much, through this provider.

    asked_by: who started it, with the idempotency key that makes a repetition the same intent.
    """

    number: TradeNumber
    account_id: AccountId
    region: str
    bill_ids: tuple[BillId, ...]
    amount: Fen
    provider: str
    asked_by: str
    started_at: datetime
    status: IntentStatus = IntentStatus.STARTED
    pay_url: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentReceived:
    """Money that arrived, as its provider tells it.

    provider, provider_number: together the payment's identity, for ever.
    trade_number: the intent it answers; None where none was started (cash at the counter).
    """

    provider: str
    provider_number: str
    account_id: AccountId
    amount: Fen
    paid_at: datetime
    bill_ids: tuple[BillId, ...] = ()
    trade_number: TradeNumber | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a payment goes to a bill."""

    bill: Bill
    amount: Fen


def allocate(amount: Fen, bills: list[Bill]) -> tuple[list[Share], Fen]:
    """Spread a payment over payable bills in the order given, each to its full; return the rest as well."""
    shares: list[Share] = []
    rest = amount
    for bill in bills:
        part = Fen(min(rest, bill.owed))
        if part > 0:
            shares.append(Share(bill, part))
            rest = Fen(rest - part)
    return shares, rest

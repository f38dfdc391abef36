"""Refunds: money that goes back to whoever paid it, by the way it came or by another."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID, uuid5

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.ledger.model import Book
from gridhall.kit.money import Fen

RefundNumber = NewType("RefundNumber", str)
"""Our number of a refund (out_refund_no): 32 hexadecimal digits. The same request is the same number."""

WITHIN: Final = timedelta(days=365)
"""How long after a payment its provider gives money back. Source: WeChat Pay v3."""

MOST_PARTS: Final = 50
"""How many refunds a payment may have. Source: WeChat Pay v3."""

PARTS_APART: Final = timedelta(minutes=1)
"""How long a provider wants to wait between two refunds of a payment. Source: WeChat Pay v3."""

_NAMESPACE: Final = UUID("c0d1f6a4-2f5e-5b7b-9a53-0c2b0a0f9e22")
_LONGEST_PAUSE: Final = timedelta(hours=1)


class Way(StrEnum):
    """How money goes back."""

    ONLINE = "online"
    """Through the provider of the payment it came by."""
    BANK = "bank"
    CASH = "cash"

    @property
    def book(self) -> Book:
        """The book that it leaves, where no provider has one of its own."""
        return {Way.ONLINE: Book.CASH_ONLINE, Way.BANK: Book.CASH_BANK, Way.CASH: Book.CASH_COUNTER}[self]


class State(StrEnum):
    """Where a refund stands. While it is open its money is reserved."""

    ASKED = "asked"
    """Waits for a second person."""
    APPROVED = "approved"
    """To be sent to the provider, or to be paid out at the bank or the counter."""
    ACCEPTED = "accepted"
    """The provider has taken it on, which is not yet that it succeeded."""
    DONE = "done"
    FAILED = "failed"
    """The money is the account's again."""
    REFUSED = "refused"
    """Likewise: the second person said no."""

    @property
    def open(self) -> bool:
        """Whether it is still under way."""
        return self in {State.ASKED, State.APPROVED, State.ACCEPTED}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks to be given back.

    payment: the provider and its number or ours of the payment, for a refund by the way the money came; else it goes
    by bank or in cash, out of what is prepaid. reopen: whether bills that the payment paid may be owed again, because
    it was not for them.
    """

    account_id: AccountId
    amount: Fen
    way: Way
    reason: str
    payment: tuple[str, str] | None = None
    reopen: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """The payment through which money goes back: its identity, our number of it, and how much it was in all."""

    provider: str
    provider_number: str
    trade_number: str
    total: Fen

    @property
    def numbers(self) -> tuple[str, str]:
        """The numbers that a person may name it by."""
        return self.provider_number, self.trade_number


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back.

    asked_by: name of the agent. origin: only of an online one. book: that the money leaves. next_at: when it is looked
    at next; tries: how often it was. reference: the provider's, the bank's or the receipt's number. why: a code of
    why it failed.
    """

    number: RefundNumber
    account_id: AccountId
    region: str
    org_path: str
    amount: Fen
    way: Way
    book: Book
    reason: str
    asked_by: str
    asked_at: datetime
    next_at: datetime
    origin: Origin | None = None
    state: State = State.ASKED
    tries: int = 0
    reference: str | None = None
    done_at: datetime | None = None
    why: str | None = None

    def fulfils(self, wish: Wish) -> bool:
        """Say whether it is what was wished: so much, of this account, that way, and through this very payment."""
        named = {(self.origin.provider, one) for one in self.origin.numbers} if self.origin else {None}
        same = (self.account_id, self.amount, self.way) == (wish.account_id, wish.amount, wish.way)
        return same and wish.payment in named

    def approved(self, *, now: datetime) -> "Refund":
        """Return it ready to be sent, not before its turn."""
        return replace(self, state=State.APPROVED, next_at=max(self.next_at, now))

    def later(self, *, state: State, now: datetime) -> "Refund":
        """Return it to be looked at again: after 1, 2, 4 and more minutes, an hour at most."""
        pause = min(timedelta(minutes=2 ** min(self.tries, 6)), _LONGEST_PAUSE)
        return replace(self, state=state, tries=self.tries + 1, next_at=now + pause)


def refund_number(*, by: str, key: str) -> RefundNumber:
    """Return the number of the refund that somebody asks for with a key of theirs."""
    return RefundNumber(uuid5(_NAMESPACE, f"{by}:{key}").hex)

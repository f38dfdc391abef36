"""Double entry: every posting moves money between books of an account and sums to zero."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from gridhall.billing.accounts.model import AccountId, Balance
from gridhall.kit.money import Fen

_HOUSE = UUID("5b0f3a52-6f1e-5c55-8f0a-2b1f9a7f2d10")


class Book(StrEnum):
    """What money is, from the supplier's side: a debit is positive, a credit negative."""

    RECEIVABLE = "receivable"
    """What the customer owes."""
    PREPAID = "prepaid"
    """What the customer paid ahead; the supplier's liability."""
    PENALTY = "penalty"
    """Late-payment penalties that the customer owes: apart from what they are reckoned on, so that none is on one."""
    REVENUE = "revenue"
    PENALTY_REVENUE = "revenue.penalty"
    WRITTEN_OFF = "written_off"
    """What the supplier gave up: a loss."""
    SUSPENSE = "suspense"
    """Money of which it is not known yet whose it is, and what a shift or a statement is short of or has too much."""
    REFUND_DUE = "refund_due"
    """Money on its way back to whoever paid it: spoken for, and not gone yet."""
    CASH_COUNTER = "cash.counter"
    CASH_ONLINE = "cash.online"
    CASH_WECHAT = "cash.wechat"
    CASH_ALIPAY = "cash.alipay"
    CASH_BANK = "cash.bank"


class PostingKind(StrEnum):
    """Why money moved."""

    CHARGE = "charge"
    CREDIT = "credit"
    """A credit note takes a charge back (冲红)."""
    PAYMENT = "payment"
    PAYMENT_REVERSAL = "payment_reversal"
    """Money that turned out not to have come: a bounced collection, cash counted wrongly."""
    TRANSFER = "transfer"
    LATE_FEE = "late_fee"
    WAIVER = "waiver"
    """A penalty that was let off."""
    REFUND = "refund"
    WRITE_OFF = "write_off"


def house(region: str) -> AccountId:
    """Return whose postings of a region are no customer's: money nobody knows yet, differences of a shift."""
    return AccountId(uuid5(_HOUSE, region))


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a posting: an amount on a book, debit positive."""

    book: Book
    amount: Fen


@dataclass(frozen=True, slots=True)
class Posting:
    """Money that moved, once.

    key: the business key, unique for ever: `charge:<bill>`, `payment:<provider>:<number>`. Posting it again is
    no second posting. Raises UnbalancedPostingError where the entries do not sum to zero.
    """

    key: str
    kind: PostingKind
    account_id: AccountId
    region: str
    at: datetime
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        if sum(entry.amount for entry in self.entries) != 0 or not self.entries:
            raise UnbalancedPostingError(self.key)

    def on(self, book: Book) -> Fen:
        """Return what the posting moves on one book."""
        return Fen(sum(entry.amount for entry in self.entries if entry.book is book))


def effect(postings: Iterable[Posting]) -> dict[AccountId, Balance]:
    """Return by how much postings change what each account owes and has prepaid."""
    changes: dict[AccountId, Balance] = {}
    for posting in postings:
        before = changes.get(posting.account_id, Balance())
        changes[posting.account_id] = Balance(
            owed=Fen(before.owed + posting.on(Book.RECEIVABLE) + posting.on(Book.PENALTY)),
            prepaid=Fen(before.prepaid - posting.on(Book.PREPAID)),
        )
    return changes


class UnbalancedPostingError(ValueError):
    """A posting whose entries do not sum to zero; always a programming error."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the entries of posting {key} do not sum to zero")

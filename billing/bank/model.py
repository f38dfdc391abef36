"""What passes between us and a bank by file: mandates, collections (代扣), their results, and transfers."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final, NewType
from uuid import UUID, uuid5

from gridhall.billing.accounts.model import AccountId
from gridhall.kit.money import Fen

MandateId = NewType("MandateId", UUID)
FileNumber = NewType("FileNumber", str)
"""Number of a collection file, the same however often it is made: day, region and bank, `20261103-zhejiang-icbc`."""

COLLECTION: Final = "bank_collection"
"""The name under which collected money is received."""

TRANSFER: Final = "bank"
"""The name under which transferred money is received."""

_NAMESPACE: Final = UUID("a8c1f1b2-6a0a-57f3-8f3e-5d2d1c7b4e11")


@dataclass(frozen=True, slots=True)
class Mandate:
    """A signed authorisation (代扣协议) to collect what an account owes from a card.

    card, holder: personal data, sealed at rest. until: the first day on which it does not hold any more.
    """

    id: MandateId
    account_id: AccountId
    region: str
    bank: str
    card: str
    holder: str
    from_day: date
    signed_at: datetime
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Say whether it holds on a day."""
        return self.from_day <= day and (self.until is None or day < self.until)

    @property
    def card_end(self) -> str:
        """The last four digits, which may be shown."""
        return self.card[-4:]


@dataclass(frozen=True, slots=True)
class CollectionFile:
    """A collection file: what one bank is asked to collect on a day, with its control totals."""

    number: FileNumber
    region: str
    bank: str
    day: date
    made_at: datetime
    items: int = 0
    total: Fen = Fen(0)
    complete: bool = False


class ItemState(StrEnum):
    """Where an item of a file stands."""

    SENT = "sent"
    PAID = "paid"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Item:
    """One account in a collection file. attempt: 1, or one more for each failure before. why: the bank's reason."""

    number: str
    file: FileNumber
    account_id: AccountId
    mandate_id: MandateId
    amount: Fen
    attempt: int = 1
    state: ItemState = ItemState.SENT
    why: str | None = None

    def failed(self, why: str) -> "Item":
        """Return it as the bank refused it."""
        return replace(self, state=ItemState.FAILED, why=why)


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """A row of the file that goes to the bank. account: the account number, by which the customer knows it."""

    item: str
    account: str
    card: str
    holder: str
    amount: Fen


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A row of the bank's answer. why: None where the money was collected. serial: the bank's own number of it."""

    item: str
    amount: Fen
    why: str | None
    serial: str


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A row of the bank's statement: money that came in. text: what the payer wrote (附言)."""

    serial: str
    at: datetime
    amount: Fen
    payer: str
    payer_card: str
    text: str

    def same_money(self, other: "TransferRow") -> bool:
        """Say whether another row of its serial is the same money. Serials of two banks may be the same."""
        return (self.amount, self.at) == (other.amount, other.at)


class TransferState(StrEnum):
    """Where transferred money stands."""

    MATCHED = "matched"
    SUSPENSE = "suspense"
    """Nobody knows whose it is; a case says so."""
    ASSIGNED = "assigned"
    """A person found out."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Transferred money as it is kept.

    account_id: None as long as nobody knows, and for ever where it is the counter's own cash. by: who assigned it.
    """

    row: TransferRow
    region: str
    state: TransferState
    account_id: AccountId | None = None
    by: str | None = None


class Outcome(StrEnum):
    """What follows from a failed collection."""

    RETRY = "retry"
    """With the next file, three times a month."""
    STOP = "stop"
    """The customer has to do something: the mandate ends."""


MOST_ATTEMPTS: Final = 3

REASONS: Final = {
    "insufficient": Outcome.RETRY,
    "limit": Outcome.RETRY,
    "bank_busy": Outcome.RETRY,
    "no_such_card": Outcome.STOP,
    "card_closed": Outcome.STOP,
    "holder_differs": Outcome.STOP,
    "no_mandate": Outcome.STOP,
}
"""Why banks refuse, in our words; each format translates its own codes. What is not among them is tried again."""


def file_number(*, region: str, bank: str, day: date) -> FileNumber:
    """Return the number of a bank's file of a day."""
    return FileNumber(f"{day:%Y%m%d}-{region}-{bank}")


def item_number(file: FileNumber, account_id: AccountId) -> str:
    """Return the number of an account's item in a file: made again it is the same."""
    return sha256(f"{file} {account_id}".encode()).hexdigest()[:24]


def mandate_id(*, account_id: AccountId, card: str, signed_at: datetime) -> MandateId:
    """Return the id of a mandate: the same paper handed in again is the same mandate."""
    return MandateId(uuid5(_NAMESPACE, f"{account_id} {card} {signed_at.isoformat()}"))

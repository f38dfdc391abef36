"""An invoice: what was requested for which bill, on whose name, and how far it came."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Final, Literal, NewType
from uuid import UUID, uuid5

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import BillId
from gridhall.kit.money import Fen
from gridhall.kit.subject import Refusal

InvoiceId = NewType("InvoiceId", UUID)

MOST_TRIES: Final = 40
"""How often the tax platform is asked, at growing pauses of at most an hour: for about a day and a half."""

SILENT: Final = "silent"
"""Why an invoice failed of which the tax platform told nothing for long. It may be issued all the same."""

BILL_GONE: Final = "bill_cancelled"
"""Why one failed whose bill was taken back before it was issued."""

BAD_TITLE: Final = Refusal("invoices.bad_title")

_TAX_NUMBER: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{15}|[0-9A-HJ-NPQRTUWXY]{18}|[0-9A-HJ-NPQRTUWXY]{20}")
_LONGEST_NAME: Final = 100
_PAUSE: Final = timedelta(seconds=30)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_NAMESPACE: Final = UUID("8f2a60d4-7c1b-5d1d-8c3e-93d0a1b6e5f7")


class TitleKind(StrEnum):
    """On whom an invoice is made out."""

    PERSON = "person"
    FIRM = "firm"


@dataclass(frozen=True, slots=True)
class Title:
    """On whom an invoice is made out (抬头); personal data, sealed at rest. tax_number: of a firm only."""

    kind: TitleKind
    name: str
    tax_number: str = ""

    @property
    def print(self) -> str:
        """What tells it from every other."""
        return sha256(f"{self.kind} {self.name} {self.tax_number}".encode()).hexdigest()[:32]


class State(StrEnum):
    """Where an invoice stands."""

    REQUESTED = "requested"
    ISSUING = "issuing"
    """The tax platform was asked; it has not told of it, or could not be reached."""
    ISSUED = "issued"
    REVERSING = "reversing"
    REVERSED = "reversed"
    """By an invoice in red (红字)."""
    FAILED = "failed"
    """The tax platform refused it, or could not be reached for long; the desk sees to it."""


OPEN: Final = frozenset({State.REQUESTED, State.ISSUING, State.REVERSING})
"""What the job goes on with."""

LIVE: Final = OPEN | {State.ISSUED}
"""Of a bill at most one is in one of these."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice of a bill.

    number, reversal_number: the tax platform's. by: the customer who requested it. tries: how often the platform was
    asked since the last step; next_at: when it is asked next. unwanted: its bill was taken back as it was being issued,
    so that it is reversed as soon as it is there. was: where it stood as it failed. why: a code or the platform's word.
    """

    id: InvoiceId
    bill_id: BillId
    bill_number: str
    account_id: AccountId
    region: str
    org_path: str
    title: Title
    total: Fen
    net: Fen
    tax: Fen
    rate: Decimal
    item: str
    tax_code: str
    by: UUID
    requested_at: datetime
    state: State = State.REQUESTED
    number: str = ""
    issued_at: datetime | None = None
    reversal_number: str = ""
    reversed_at: datetime | None = None
    tries: int = 0
    next_at: datetime | None = None
    unwanted: bool = False
    was: State | None = None
    why: str = ""
    revision: int = 0

    @property
    def live(self) -> bool:
        """Whether it is an invoice of its bill, or may be one."""
        return self.state in LIVE or (self.state is State.FAILED and self.why == SILENT)

    def at(self, state: State, *, now: datetime) -> "Invoice":
        """Return it at another state, which is gone on with at once where it is an open one."""
        next_at = now if state in OPEN else None
        return replace(self, state=state, tries=0, next_at=next_at, was=None, why="", revision=self.revision + 1)

    def later(self, state: State, *, now: datetime, why: str = "") -> "Invoice":
        """Return it to be asked about again, or failed after too many tries."""
        tries = self.tries + 1
        if tries >= MOST_TRIES:
            return self.failed(SILENT)
        pause = min(_PAUSE * 2 ** min(tries, 10), _LONGEST_PAUSE)
        return replace(self, state=state, tries=tries, next_at=now + pause, why=why, revision=self.revision + 1)

    def failed(self, why: str) -> "Invoice":
        """Return it failed."""
        return replace(self, state=State.FAILED, was=self.state, why=why, next_at=None, revision=self.revision + 1)

    def retried(self, *, now: datetime) -> "Invoice":
        """Return a failed one to be gone on with where it failed."""
        return self.at(self.was or State.REQUESTED, now=now)


def invoice_id(bill_id: BillId, title: Title, *, nth: int) -> InvoiceId:
    """Return the id of a bill's invoice on a title; nth: how many of the bill are over. Asked twice it is the same."""
    return InvoiceId(uuid5(_NAMESPACE, f"{bill_id} {title.print} {nth}"))


def good_title(kind: TitleKind, name: str, tax_number: str) -> Title | Refusal:
    """Return a title. A firm has a tax number of 15, 18 or 20 characters (统一社会信用代码), a person none."""
    name, tax_number = name.strip(), tax_number.strip().upper()
    fine = 0 < len(name) <= _LONGEST_NAME and name.isprintable()
    numbered = bool(_TAX_NUMBER.fullmatch(tax_number)) if kind is TitleKind.FIRM else not tax_number
    return Title(kind, name, tax_number) if fine and numbered else BAD_TITLE


Form = Literal["pdf", "ofd"]
"""As what an invoice can be had."""

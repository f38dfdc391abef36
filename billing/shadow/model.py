"""What a supplier's billing system says of a bill, and what recomputing it found."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID, uuid5

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.charges import Charge
from gridhall.billing.bills.model import BillId
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen

_BILLS: Final = UUID("5b1d1c0e-38a0-5a55-8f0c-9d8c8a7e4d01")
_ROWS: Final = UUID("0f6c5a3b-7c42-5d11-9a57-2b1f3c9d4e02")


@dataclass(frozen=True, slots=True)
class ToldRegister:
    """What the supplier says of a register: shown at both ends, and the energy billed by it, in kWh."""

    meter: str
    period: str
    opening: Decimal
    closing: Decimal
    multiplier: int
    kwh: Decimal


@dataclass(frozen=True, slots=True)
class ToldLine:
    """What the supplier says of a line of energy; the kinds are those of our own lines."""

    kind: Literal["energy", "surcharge", "allowance"]
    period: str | None
    tier: int
    kwh: Decimal
    price: Decimal
    amount: Fen


@dataclass(frozen=True, slots=True)
class ToldBill:
    """A bill as the supplier's billing system tells it.

    number: the supplier's own, kept as it is. days: from the day of the opening read to that of the closing read.
    replaces: the number of an earlier bill that this one takes the place of. digest: of everything it says, so that
    the same said again is known.
    """

    number: str
    account: str
    month: Month
    days: Days
    issued_on: date
    due_on: date | None
    total: Fen
    registers: tuple[ToldRegister, ...]
    lines: tuple[ToldLine, ...]
    charges: tuple[Charge, ...]
    replaces: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken.

    line: where its bill begins in the file, from 1. number: the bill's, where it could be read. code: why, of
    `refusals.py`. field: which one is at fault, '' for the bill as a whole. reason: what is allowed, in a sentence.
    """

    line: int
    number: str
    code: str
    field: str
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who hands bills in. regions, org_paths: whose accounts they may be of; none for all."""

    name: str
    regions: frozenset[str] = frozenset()
    org_paths: frozenset[str] = frozenset()


class Verdict(StrEnum):
    """What recomputing an imported bill came to."""

    PENDING = "pending"
    """It was not recomputed yet."""
    VERIFIED = "verified"
    """Every line is as we compute it, within the tolerances."""
    DIFFERS = "differs"
    """A case says where."""
    NOT_COMPUTED = "not_computed"
    """Something is missing, which the code of a wait names; compared again once it is there."""
    NOT_CALCULATED = "not_calculated"
    """A two-part tariff, or charges beside energy: shown as told. What of it is energy agrees, where we know it."""

    REPLACED = "replaced"
    """A bill of another number took its place."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which the supplier's bill and ours are not of one mind.

    what: days, register.opening, register.closing, register.multiplier, register.kwh, line.kwh, line.price,
    line.amount or total. where: which register or line, such as `M1 peak` or `surcharge total tier 2`. None where
    one side does not have it.
    """

    what: str
    where: str
    theirs: str | None
    ours: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What recomputing a bill came to. why: the code of what is missing or not calculated. total: ours."""

    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    why: str = ""
    total: Fen | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """An imported bill beside the books: one a number of the supplier's. revision: 1 as it first came."""

    region: str
    number: str
    org_path: str
    account_id: AccountId
    month: Month
    bill_id: BillId
    revision: int
    digest: str
    total: Fen
    imported_by: str
    imported_at: datetime
    finding: Finding = Finding(Verdict.PENDING)
    compared_at: datetime | None = None

    @property
    def key(self) -> str:
        """What tells it from every other: numbers are a region's."""
        return record_key(self.region, self.number)


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a delivery, in bills."""

    accepted: int = 0
    duplicate: int = 0
    revised: int = 0
    refused: int = 0
    verified: int = 0
    differing: int = 0
    refusals: tuple[Refused, ...] = ()

    def __add__(self, other: "Report") -> "Report":
        return Report(
            self.accepted + other.accepted,
            self.duplicate + other.duplicate,
            self.revised + other.revised,
            self.refused + other.refused,
            self.verified + other.verified,
            self.differing + other.differing,
            (*self.refusals, *other.refusals)[:SHOWN_REFUSALS],
        )


SHOWN_REFUSALS: Final = 20
"""Refused bills that an answer shows; all of them are kept."""


def record_key(region: str, number: str) -> str:
    """Return the key of a supplier's bill number."""
    return f"{region}:{number}"


def imported_id(key: str, revision: int) -> BillId:
    """Return the id of an imported bill, the same whenever and however often it comes."""
    return BillId(uuid5(_BILLS, f"{key}:{revision}"))


def refusal_id(sender: str, refused: Refused) -> UUID:
    """Return the id of a refused row: the same row refused for the same reason is one."""
    return uuid5(_ROWS, f"{sender}:{refused.code}:{refused.field}:{refused.raw}")

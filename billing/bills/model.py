"""Bills: immutable once issued; what changes later is only how much of one is paid."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.tariffs.engine import Line
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen

BillId = NewType("BillId", UUID)


class BillStatus(StrEnum):
    """Where a bill stands."""

    HELD = "held"
    ISSUED = "issued"
    PART_PAID = "part_paid"
    PAID = "paid"
    REJECTED = "rejected"
    """A reviewer found it wrong. It asks for no money, and its month is billed again."""

    @property
    def payable(self) -> bool:
        """Whether money is still asked for."""
        return self in {BillStatus.ISSUED, BillStatus.PART_PAID}

    @property
    def shown(self) -> bool:
        """Whether the customer sees it: from its issue on."""
        return self not in {BillStatus.HELD, BillStatus.REJECTED}


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """What a bill stands on: a register read at both ends of the period (起止示数).

    opening, closing: kWh as the meter shows them. kwh: billed energy, a whole number times the multiplier.
    """

    point_id: UUID
    meter: str
    period: str
    opening: Decimal
    closing: Decimal
    multiplier: int
    kwh: Decimal


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a review holds a bill: a code of the catalogue, and the numbers that its words need."""

    code: str
    evidence: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """Who looked at a held bill and released or rejected it, and why. by: the reviewer's name."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Bill:
    """The bill of an account for a period.

    org_path: where the account lay when it was billed; the reviewers of that unit and those above it find the bill.
    tariff_from: first day of the tariff version that was used. used_before: kWh of the tier cycle before this
    period. kwh: billed energy. prepaid: what money paid ahead covered of the total as it was issued. paid: what has
    been paid of the total so far, prepaid money included. sequence: 1 for the first bill of a
    month, one more for each that was rejected before. decision: only of a bill that a review had held.
    """

    id: BillId
    number: str
    account_id: AccountId
    region: str
    org_path: str
    month: Month
    days: Days
    tariff_code: str
    tariff_from: date
    lines: tuple[Line, ...]
    registers: tuple[RegisterRow, ...]
    used_before: Decimal
    kwh: Decimal
    total: Fen
    status: BillStatus
    made_at: datetime
    findings: tuple[Finding, ...] = ()
    issued_at: datetime | None = None
    due_on: date | None = None
    prepaid: Fen = Fen(0)
    paid: Fen = Fen(0)
    sequence: int = 1
    decision: Decision | None = None

    @property
    def owed(self) -> Fen:
        """What is still to be paid of it."""
        return Fen(self.total - self.paid) if self.status.payable else Fen(0)

    def by_period(self) -> dict[str, Decimal]:
        """Return the billed kWh of each time-of-use period."""
        sums: dict[str, Decimal] = {}
        for row in self.registers:
            sums[row.period] = sums.get(row.period, Decimal(0)) + row.kwh
        return sums


@dataclass(frozen=True, slots=True)
class Billed:
    """What the tiers have to know of a bill: the days that it covers, and the kWh billed."""

    days: Days
    kwh: Decimal


def after_payment(bill: Bill, amount: Fen) -> tuple[Fen, BillStatus]:
    """Return what is paid of a bill, and its status, once `amount` more is paid."""
    paid = Fen(bill.paid + amount)
    return paid, BillStatus.PAID if paid >= bill.total else BillStatus.PART_PAID

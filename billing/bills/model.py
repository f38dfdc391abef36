"""Bills: immutable once issued; what changes later is only how much of one is paid, and that it is cancelled."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.charges import Charge
from gridhall.billing.bills.holds import Hold
from gridhall.billing.tariffs.engine import Line
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen

BillId = NewType("BillId", UUID)
CreditNoteId = NewType("CreditNoteId", UUID)

E_BILL: Final = "2026-12"
"""The template by which the e-bill of a bill that is issued today is drawn, for good."""

FIRST_E_BILL: Final = "2026-11"
"""That of bills which came before they kept it."""

NO_POINT: Final = UUID(int=0)
"""The service point of an imported register whose meter is not known here."""

BILL_RUN: Final = "bill-run"
"""Who moves bills where no person does."""


class BillStatus(StrEnum):
    """Where a bill stands; `states.py` says how it gets there. Overdue is none: it follows from the due day."""

    DRAFT = "draft"
    """Calculated, and not looked at. Never kept."""
    VERIFIED = "verified"
    """Every rule of the review has looked at it. Never kept: it is held or issued at once."""
    HELD = "held"
    ISSUED = "issued"
    PART_PAID = "part_paid"
    PAID = "paid"
    REJECTED = "rejected"
    """A reviewer found it wrong. It asks for no money, and its month is billed again."""
    CANCELLED = "cancelled"
    """A credit note took it back after it was issued."""
    WRITTEN_OFF = "written_off"
    """The supplier gave up what was still owed of it."""

    @property
    def payable(self) -> bool:
        """Whether money is still asked for."""
        return self in _PAYABLE

    @property
    def shown(self) -> bool:
        """Whether the customer sees it: from its issue on."""
        return self not in _NOT_SHOWN

    @property
    def counts(self) -> bool:
        """Whether it is the bill of its month: its energy stands in the tiers, and the month is not billed again."""
        return self not in _VOID


# Kept, since a bill run asks them of a year of bills for each that it makes.
_PAYABLE: Final = frozenset({BillStatus.ISSUED, BillStatus.PART_PAID})
_NOT_SHOWN: Final = frozenset({BillStatus.DRAFT, BillStatus.VERIFIED, BillStatus.HELD, BillStatus.REJECTED})
_VOID: Final = frozenset({BillStatus.REJECTED, BillStatus.CANCELLED})


class BillKind(StrEnum):
    """What a bill stands on."""

    REGULAR = "regular"
    """Register reads at both ends."""
    PROVISIONAL = "provisional"
    """An estimate, because the meter was not read. The next real read settles it; it is never the last word."""


class BillOrigin(StrEnum):
    """Who calculated a bill."""

    OWN = "own"
    IMPORTED = "imported"
    """The supplier's billing system; we only recompute it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A register read that a bill stands on, as it was known then.

    day: the local day at whose beginning it holds. version: how often the sender had said it anew. source: `amr` or
    another way of reading, and by whom. quality: the worst code of its values.
    """

    point_id: UUID
    meter: str
    day: date
    version: int
    source: str
    quality: int


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """What a bill stands on: a register read at both ends of the period (起止示数).

    opening, closing: kWh as the meter shows them; None where no read was taken, which only a provisional bill has.
    kwh: billed energy, a whole number times the multiplier. days: from the one read to the other; where they reach
    beyond the bill's own days, `kwh` is the bill's share of what was used in them. None of a bill made before the
    days were kept.
    """

    point_id: UUID
    meter: str
    period: str
    opening: Decimal | None
    closing: Decimal | None
    multiplier: int
    kwh: Decimal
    days: Days | None = None

    @property
    def estimated(self) -> bool:
        """Whether its energy is an estimate: nobody read the register at its end."""
        return self.closing is None


@dataclass(frozen=True, slots=True)
class Basis:
    """What the estimate of a provisional bill rests on.

    method: `lunar_weeks_of_last_year` or `mean_of_last_bills`. days: whose use was taken. kwh: what they used, of
    every period.
    """

    method: str
    days: Days
    kwh: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a review holds a bill: a code of the catalogue, and the numbers that its words need."""

    code: str
    evidence: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Checks:
    """Which review looked at a bill: the version of its rules, how many it passed, and those that could not be asked.

    What a rule found is a `Finding`; so all of them are accounted for.
    """

    version: int
    passed: int
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """Who looked at a held bill and released or rejected it, and why. by: the reviewer's name.

    approved_by: who approved the release, where its amount asked for a second person.
    """

    by: str
    reason: str
    at: datetime
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A bill came to a status, when, and who brought it there: a person's name, or BILL_RUN."""

    status: BillStatus
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Bill:
    """The bill of an account for a period.

    org_path: where the account lay when it was billed; the reviewers of that unit and those above it find the bill.
    tariff_from: first day of the tariff version that was used. used_before: kWh of the tier cycle before this
    period. kwh: billed energy. prepaid: what money paid ahead covered of the total as it was issued. paid: what has
    been paid of the total so far, prepaid money included. sequence: 1 for the first bill of a month, one more for
    each that was rejected or cancelled before. decision: only of a bill that a review had held. replaces: the
    cancelled bill in whose place it came. cancelled_by: the credit note. basis: only of a provisional bill. readings:
    what its registers were read by. trail: how it came to be issued; what came after that is told by the payments
    and the credit note. uncounted_kwh: of `kwh`, what does not count to the tiers. checks: None of a bill that came
    before the review kept them, or from elsewhere. hold: of a bill that the review held, for good.
    charges: beside energy, only of an imported bill. template: of its e-bill.
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
    kind: BillKind = BillKind.REGULAR
    origin: BillOrigin = BillOrigin.OWN
    replaces: BillId | None = None
    cancelled_by: CreditNoteId | None = None
    basis: Basis | None = None
    readings: tuple[Reading, ...] = ()
    trail: tuple[Step, ...] = ()
    uncounted_kwh: Decimal = Decimal(0)
    checks: Checks | None = None
    hold: Hold | None = None
    charges: tuple[Charge, ...] = ()
    template: str = E_BILL

    @property
    def counted_kwh(self) -> Decimal:
        """What counts to the tiers of its cycle."""
        return self.kwh - self.uncounted_kwh

    @property
    def owed(self) -> Fen:
        """What is still to be paid of it."""
        return Fen(self.total - self.paid) if self.status.payable else Fen(0)

    def overdue(self, today: date) -> bool:
        """Whether its last day of payment is over and money is still asked for."""
        return self.status.payable and self.due_on is not None and self.due_on < today

    def by_period(self) -> dict[str, Decimal]:
        """Return the billed kWh of each time-of-use period."""
        sums: dict[str, Decimal] = {}
        for row in self.registers:
            sums[row.period] = sums.get(row.period, Decimal(0)) + row.kwh
        return sums


@dataclass(frozen=True, slots=True)
class Billed:
    """What the tiers have to know of a bill: the days that it covers, and the kWh billed that count to them."""

    days: Days
    kwh: Decimal


def after_payment(bill: Bill, amount: Fen) -> tuple[Fen, BillStatus]:
    """Return what is paid of a bill, and its status, once `amount` more is paid, or taken back where it is below 0."""
    paid = Fen(bill.paid + amount)
    if paid >= bill.total:
        return paid, BillStatus.PAID
    return paid, BillStatus.PART_PAID if paid > 0 else BillStatus.ISSUED

"""The e-bill (电费账单) as it is printed: everything that the page shows, already decided and already masked.

Money is integer fen, energy is kWh, days are local days. Nothing here is looked up or calculated from elsewhere,
so that a page can be drawn again from the immutable bill years later.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen

NOTHING = Fen(0)

MAX_LINES = 32
"""Lines that the one A4 page holds: 5 periods with 2 surcharges, and as many again behind a change of tariff."""

MAX_REGISTERS = 16
"""Register rows that the page holds; with a meter exchanged in the period, 5 registers of each of three meters."""

MAX_MONTHS = 13
"""Months of the history: the current one and the year before it."""


class LineKind(StrEnum):
    """What a line charges for."""

    ENERGY = "energy"
    SURCHARGE = "surcharge"
    ALLOWANCE = "allowance"
    DEMAND = "demand"
    CAPACITY = "capacity"
    POWER_FACTOR = "power_factor"
    OTHER = "other"
    REST = "rest"
    """Charges beside energy of which there are more than the page holds, together."""


OF_ENERGY = frozenset({LineKind.ENERGY, LineKind.SURCHARGE, LineKind.ALLOWANCE})
"""The lines that a tariff makes; the others are charges beside it, as a supplier calls them."""


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """One charged line.

    kind: energy at the price of tier 1, the surcharge of a higher tier, what of the energy is free; or one of the
    charges beside energy that a supplier told us: `title` is its name there, `unit` what its quantity counts.
    period: code of the time-of-use period, `total` where the line covers the whole day.
    tier: 1 for energy lines, the number of the tier for surcharges.
    kwh: or another quantity, None where none was told; so is price, yuan/kWh, up to 8 decimals.
    span: the days that it is for, as they are printed, where that is not the whole period.
    """

    kind: LineKind
    period: str
    tier: int
    kwh: Decimal | None
    price: Decimal | None
    amount: Fen
    title: str = ""
    unit: str = ""
    span: str = ""


class Basis(StrEnum):
    """How sure the energy of a register is."""

    READ = "read"
    """Read at both ends (实抄)."""
    CORRECTED = "corrected"
    """Read, and one of the two readings was put right afterwards (更正)."""
    SHARED = "shared"
    """Read, but beyond this period too: the period has its share of what was used (分摊)."""
    ESTIMATED = "estimated"
    """Not read at the end (估算)."""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """What the meter showed (起止示数), None where nobody read it, and what of it is billed (计费电量).

    multiplier: None where several meters are told together, as are opening and closing then. meter: its number, where
    the bill stands on several. basis: None where only the supplier's billing system knows.
    """

    period: str
    opening: Decimal | None
    closing: Decimal | None
    multiplier: Decimal | None
    billed_kwh: Decimal
    meter: str = ""
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class TierBar:
    """Where the customer stands in the tiers of the cycle.

    boundaries: last kWh of each tier but the top one, ascending.
    used_before: kWh of the cycle that earlier bills counted; used_now: kWh that this bill adds.
    cycle_label: the cycle as it is printed, for instance `2026`.
    """

    boundaries: tuple[Decimal, ...]
    used_before: Decimal
    used_now: Decimal
    cycle_label: str


@dataclass(frozen=True, slots=True)
class MonthUsage:
    """One bar of the history; kwh is None where nothing is known, which is not the same as zero."""

    month: Month
    kwh: Decimal | None
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class PeriodUsage:
    """The share of one time-of-use period in the billed energy."""

    period: str
    kwh: Decimal


@dataclass(frozen=True, slots=True)
class ReadingSource:
    """Where the readings come from.

    coverage: share of the period's intervals that are there, 0 to 1; None where the bill stands on register reads
    alone. unsure_days: on how many days one of them is an estimate, or in doubt.
    is_provisional: no real register read at the end of the period; settled by the next one.
    sources: how the registers were read, each once; `supplier` where only its billing system says so.
    together: of so many meters the registers are told together, period by period; 0 where each is told.
    """

    meter_number: str
    coverage: Decimal | None = None
    unsure_days: int = 0
    is_provisional: bool = False
    sources: tuple[str, ...] = ()
    together: int = 0


class NoteKind(StrEnum):
    """What has to be said above all else, in the order in which it is said."""

    CANCELLED = "cancelled"
    PROVISIONAL = "provisional"
    REPLACES = "replaces"
    IMPORTED = "imported"
    NOT_CALCULATED = "not_calculated"


@dataclass(frozen=True, slots=True)
class Note:
    """A notice above the bill. about: the number of the credit note, or of the bill that it replaces."""

    kind: NoteKind
    about: str = ""


@dataclass(frozen=True, slots=True)
class LateFee:
    """What is charged a day after the last day of payment, in ‰ of what is owed: in its year and later."""

    this_year: Decimal
    earlier_years: Decimal


@dataclass(frozen=True, slots=True)
class EBill:
    """Everything that the page of one bill shows.

    customer_name, account_number and supply_address are printed as they are: whoever builds the bill masks them.
    first_day and last_day are both part of the period.
    total: what this bill charges; previous_owed and prepaid, both from zero up, are what stood open before.
    hotline: number for help and complaints. payment_url: where the bill is paid, as a
    link and as a QR code. late_fee: None where the region's rate is not known.
    """

    number: str
    template_version: str
    supplier_name: str
    region_name: str
    customer_name: str
    account_number: str
    supply_address: str
    first_day: date
    last_day: date
    issued_on: date
    due_on: date
    total: Fen
    lines: tuple[ChargeLine, ...]
    registers: tuple[RegisterRow, ...]
    readings: ReadingSource
    tariff_name: str
    hotline: str
    previous_owed: Fen = NOTHING
    prepaid: Fen = NOTHING
    tier_bar: TierBar | None = None
    periods: tuple[PeriodUsage, ...] = ()
    months: tuple[MonthUsage, ...] = ()
    is_tariff_provisional: bool = False
    payment_url: str | None = None
    notes: tuple[Note, ...] = ()
    late_fee: LateFee | None = None

    def __post_init__(self) -> None:
        _at_most("lines", len(self.lines), MAX_LINES)
        _at_most("registers", len(self.registers), MAX_REGISTERS)
        _at_most("months", len(self.months), MAX_MONTHS)
        if self.previous_owed < 0 or self.prepaid < 0:
            raise UnprintableBillError("previous_owed and prepaid are amounts from zero up")
        if sum(line.amount for line in self.lines) != self.total:
            raise UnprintableBillError(f"total: the lines of bill {self.number} do not add up to it")

    @property
    def payable(self) -> Fen:
        """What is to be paid now: this bill and what was owed before, less what was prepaid, never below zero."""
        return Fen(max(0, self.total + self.previous_owed - self.prepaid))

    @property
    def kwh(self) -> Decimal:
        """The energy that this bill charges: each kWh is on exactly one energy line."""
        return sum((line.kwh or Decimal(0) for line in self.lines if line.kind is LineKind.ENERGY), Decimal(0))


class UnprintableBillError(ValueError):
    """A bill that must not be printed, because the page could not hold it or would contradict itself."""


def _at_most(field: str, count: int, most: int) -> None:
    if count > most:
        raise UnprintableBillError(f"{field}: {count} given, the page holds at most {most}")

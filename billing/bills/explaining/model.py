"""An explanation: what was counted, in steps that name their numbers. It knows no language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from gridhall.billing.tariffs.model import TariffVersion
from gridhall.kit.money import Fen


class Section(StrEnum):
    """What a step of an explanation is about, in the order in which they come."""

    BILL = "bill"
    """What sort of bill it is, where that matters: provisional, imported, taken back, billed anew."""
    READINGS = "readings"
    """From the registers to billed energy."""
    TIERS = "tiers"
    """Which part of the energy falls into which tier."""
    PRICE = "price"
    """Which tariff version says the prices, and how sure it is."""
    LINES = "lines"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was counted.

    code: of the catalogue's words. numbers: what they need; exact, as a calculator shows them. period: code of a
    time-of-use period to be named, of the calendar of `version`. version: to be named too. holds: whether it comes to
    what the bill says; None where there is nothing to come to.
    """

    section: Section
    code: str
    numbers: Mapping[str, str] = field(default_factory=dict)
    period: str | None = None
    version: TariffVersion | None = None
    holds: bool | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that was counted for a bill.

    again: what its energy costs by the second path; None where that cannot be: a tariff that is not known here. agrees:
    whether every step, and the second path as far as there is one, come to what the bill says.
    """

    steps: tuple[Step, ...]
    again: Fen | None
    agrees: bool


def text(number: Decimal) -> str:
    """Return a number as a calculator shows it: exact, without an exponent, and without zeros that say nothing."""
    return f"{number.normalize():f}"

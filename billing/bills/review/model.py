"""What a rule is asked with, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.model import Bill, BillKind, Finding
from gridhall.billing.bills.pricing import Pricing
from gridhall.kit.localdays import Days

RESIDENTIAL: Final = "residential"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a figure is looked at by a person. Ratios are of a day's mean use, either way; the rest is kWh.

    jump_*: against last month. year_*: against the same weeks of last year. *_floor: differences below it pass.
    sum_tolerance: by how much registers and the interval sum may differ, each period.
    """

    jump_ratio: Decimal
    jump_floor: Decimal
    year_ratio: Decimal
    year_floor: Decimal
    sum_tolerance: Decimal


SHIPPED: Final[Mapping[str, Thresholds]] = MappingProxyType(
    {
        RESIDENTIAL: Thresholds(Decimal(3), Decimal(100), Decimal(3), Decimal(150), Decimal(2)),
        "commercial": Thresholds(Decimal("2.5"), Decimal(1000), Decimal("2.5"), Decimal(1500), Decimal(10)),
    }
)
"""By class of supply: ours, of no rule book, so each may be set anew (`review_thresholds`).

Ratios: a person has to look at few bills, and a real home's mean day of March was 1/2.3 of February's and nothing was
wrong; a shop is steadier than a home. Both find a digit misread or a multiplier forgotten, which is 10 times or more.
Floors: 100 kWh of a home are some 54 yuan, for which no bill need wait; a year changes more in a household than a
month does. Sum tolerance: whole kWh are billed, so registers and curve may lie 1 kWh apart at either end; a shop's
meter counts behind transformers, which multiply what is left below the last digit.
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds of every class of supply."""

    by_class: Mapping[str, Thresholds]

    def of(self, supply_class: str) -> Thresholds:
        """Return the thresholds of a class; a class without any of its own is held to those of homes."""
        return self.by_class.get(supply_class, self.by_class[RESIDENTIAL])


def limits_of(chosen: Mapping[str, Mapping[str, float]]) -> Limits:
    """Return the shipped thresholds with those that were chosen. Raises ValueError that names what there is not."""
    names = {field.name for field in fields(Thresholds)}
    by_class = dict(SHIPPED)
    for supply_class, changes in chosen.items():
        if supply_class not in by_class or not changes.keys() <= names:
            allowed = f"{', '.join(by_class)} with {', '.join(sorted(names))}"
            raise ValueError(f"review_thresholds: {supply_class}: {', '.join(changes)}; name one of {allowed}")
        exact = {name: Decimal(str(value)) for name, value in changes.items()}
        by_class[supply_class] = replace(by_class[supply_class], **exact)
    return Limits(by_class)


@dataclass(frozen=True, slots=True)
class SameWeeks:
    """What an account used in the weeks of last year that a bill is compared with.

    days: aligned by the lunar new year in the months that move with it. source: the interval curve, or the bills of
    then, each day of which counts as its mean.
    """

    days: Days
    kwh: Decimal
    source: Literal["curve", "bills"]

    @property
    def a_day(self) -> Decimal:
        """The mean use of a day."""
        return self.kwh / len(self.days)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a bill is checked against.

    pricing: by the contract, asked anew; nothing of it is taken over from the draft.
    earlier: the account's bills of this cycle and of last year that count, in order, the bill itself not among them.
    interval_kwh: the energy of each period by the interval curve, None where the curve has gaps. last_year: of the
    bill's own weeks; before_last_year: of the weeks of `previous`. None where nothing is known of them.
    """

    account: Account
    pricing: Pricing
    thresholds: Thresholds
    earlier: Sequence[Bill] = ()
    interval_kwh: Mapping[str, Decimal] | None = None
    last_year: SameWeeks | None = None
    before_last_year: SameWeeks | None = None

    def previous(self, bill: Bill) -> Bill | None:
        """Return the last bill before one that stands on reads."""
        return previous_of(bill, self.earlier)


class Skipped:
    """A rule could not be asked: what it compares with is not there."""


SKIPPED: Final = Skipped()

Rule = Callable[[Bill, Evidence], Finding | Skipped | None]
"""Answers what it found, that it could not be asked, or None where the bill passes. Its name is its code."""


def previous_of(bill: Bill, earlier: Sequence[Bill]) -> Bill | None:
    """Return the last of the bills before one that stands on reads: an estimate says nothing of a jump."""
    found = (one for one in reversed(earlier) if one.days.end <= bill.days.start)
    return next((one for one in found if one.kind is BillKind.REGULAR), None)


def finding(code: str, **evidence: object) -> Finding:
    """Return a finding with its numbers."""
    return Finding(code, tuple((name, str(value)) for name, value in evidence.items()))


def a_day(bill: Bill) -> Decimal:
    """Return the mean use of a day of a bill."""
    return bill.kwh / len(bill.days)

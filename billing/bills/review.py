"""The first review (复核): small named rules; what one of them finds holds the bill for a person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gridhall.billing.bills.model import Bill, Finding
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.recompute import recompute


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds that people tune; they come from the settings."""

    jump_ratio: Decimal
    jump_floor_kwh: Decimal
    sum_tolerance_kwh: Decimal


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a bill is checked against.

    interval_kwh: the energy of each period by the interval curve, None where the curve has gaps.
    """

    version: TariffVersion
    previous: Bill | None
    interval_kwh: Mapping[str, Decimal] | None
    limits: Limits


Rule = Callable[[Bill, Evidence], Finding | None]


def review(bill: Bill, evidence: Evidence) -> tuple[Finding, ...]:
    """Return what every rule finds; a bill with no finding may be issued."""
    return tuple(finding for rule in RULES if (finding := rule(bill, evidence)) is not None)


def recomputed_differs(bill: Bill, evidence: Evidence) -> Finding | None:
    """The total, computed a second time by another arithmetic, has to be the same to the fen."""
    again = recompute(evidence.version, on_month=bill.month, used=bill.by_period(), used_before=bill.used_before)
    return None if again == bill.total else _finding("recomputed_differs", total=bill.total, again=again)


def registers_differ_from_curve(bill: Bill, evidence: Evidence) -> Finding | None:
    """Registers are the money truth; where a whole curve says otherwise, one of the two is wrong."""
    if evidence.interval_kwh is None:
        return None
    for period, kwh in bill.by_period().items():
        curve = evidence.interval_kwh.get(period, Decimal(0))
        if abs(kwh - curve) > evidence.limits.sum_tolerance_kwh:
            return _finding("registers_differ_from_curve", period=period, registers=kwh, curve=curve)
    return None


def jumped_against_last_month(bill: Bill, evidence: Evidence) -> Finding | None:
    """A day's mean use that is a multiple (or a fraction) of last month's is looked at before it is billed."""
    previous, limits = evidence.previous, evidence.limits
    if previous is None or abs(bill.kwh - previous.kwh) < limits.jump_floor_kwh:
        return None
    now, before = bill.kwh / len(bill.days), previous.kwh / len(previous.days)
    high, low = max(now, before), min(now, before)
    if high > low * limits.jump_ratio:
        return _finding("jumped_against_last_month", kwh=bill.kwh, previous=previous.kwh)
    return None


RULES: Sequence[Rule] = (
    recomputed_differs,
    registers_differ_from_curve,
    jumped_against_last_month,
)
"""In the order of their cost."""


def _finding(code: str, **evidence: object) -> Finding:
    return Finding(code, tuple((name, str(value)) for name, value in evidence.items()))

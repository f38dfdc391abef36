"""Rules on how much was used: against last month, and against the same weeks of last year.

The weeks around Spring Festival move by up to four weeks from year to year, so they are compared by the lunar calendar.
"""

from decimal import Decimal
from typing import Final

from gridhall.billing.bills.model import Bill, BillKind, Finding
from gridhall.billing.bills.review.model import SKIPPED, Evidence, Skipped, a_day, finding

OF_USE: Final = frozenset({"jumped_against_last_month", "differs_from_last_year"})
"""The codes of these rules: what they find, a person who has looked may find right."""


def jumped_against_last_month(bill: Bill, evidence: Evidence) -> Finding | Skipped | None:
    """A day's mean use that is a multiple (or a fraction) of last month's is looked at before it is billed.

    Unless the same weeks of last year jumped alike: a holiday is no misread meter.
    """
    previous, limits = evidence.previous(bill), evidence.thresholds
    if previous is None:
        return SKIPPED
    if abs(bill.kwh - previous.kwh) < limits.jump_floor:
        return None
    now, before = a_day(bill), a_day(previous)
    if not _apart(now, before, limits.jump_ratio) or _jumped_alike(now, before, evidence):
        return None
    return finding("jumped_against_last_month", kwh=bill.kwh, previous=previous.kwh)


def differs_from_last_year(bill: Bill, evidence: Evidence) -> Finding | Skipped | None:
    """A day's mean use that is a multiple (or a fraction) of the same weeks of last year's is looked at.

    Not where last month was so already: then somebody has moved in or out, and has been looked at.
    """
    last, limits = evidence.last_year, evidence.thresholds
    if last is None or bill.kind is BillKind.PROVISIONAL:
        return SKIPPED
    now = a_day(bill)
    if abs(now - last.a_day) * len(bill.days) < limits.year_floor or not _apart(now, last.a_day, limits.year_ratio):
        return None
    previous, then = evidence.previous(bill), evidence.before_last_year
    if previous is not None and then is not None and _apart(a_day(previous), then.a_day, limits.year_ratio):
        return None
    return finding(
        "differs_from_last_year",
        kwh=bill.kwh,
        last_year=last.kwh.quantize(Decimal("0.1")),
        days=f"{last.days.start}/{last.days.end}",
        by=last.source,
    )


def _jumped_alike(now: Decimal, before: Decimal, evidence: Evidence) -> bool:
    """Whether last year's weeks lead to expect such a jump: the use is within the ratio of what they promise."""
    then, then_before = evidence.last_year, evidence.before_last_year
    if then is None or then_before is None or not then_before.kwh:
        return False
    expected = before * then.a_day / then_before.a_day
    went_alike = (now > before) == (expected > before)
    return went_alike and not _apart(now, expected, evidence.thresholds.jump_ratio)


def _apart(one: Decimal, other: Decimal, ratio: Decimal) -> bool:
    high, low = max(one, other), min(one, other)
    return high > low * ratio

"""All rules of the review, in the order of what they say about a bill."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gridhall.billing.bills.model import Bill, Checks, Finding
from gridhall.billing.bills.review.arithmetic import lines_do_not_add_up, negative_figure, recomputed_differs
from gridhall.billing.bills.review.contract import (
    period_billed_twice,
    tariff_not_in_force,
    tiers_not_continued,
)
from gridhall.billing.bills.review.jumps import differs_from_last_year, jumped_against_last_month
from gridhall.billing.bills.review.model import Evidence, Rule, Skipped
from gridhall.billing.bills.review.readings import (
    opening_differs_from_last_closing,
    readings_incomplete,
    registers_differ_from_curve,
)

VERSION: Final = 2
"""Raised when a rule is added, dropped or judges otherwise; kept with every bill."""

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "recomputed_differs": recomputed_differs,
        "lines_do_not_add_up": lines_do_not_add_up,
        "negative_figure": negative_figure,
        "readings_incomplete": readings_incomplete,
        "opening_differs_from_last_closing": opening_differs_from_last_closing,
        "registers_differ_from_curve": registers_differ_from_curve,
        "tariff_not_in_force": tariff_not_in_force,
        "tiers_not_continued": tiers_not_continued,
        "period_billed_twice": period_billed_twice,
        "jumped_against_last_month": jumped_against_last_month,
        "differs_from_last_year": differs_from_last_year,
    }
)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What the rules say of a bill; without a finding it may be issued."""

    findings: tuple[Finding, ...]
    checks: Checks


def review(bill: Bill, evidence: Evidence) -> Reviewed:
    """Ask every rule about a bill."""
    answers = {code: rule(bill, evidence) for code, rule in RULES.items()}
    findings = tuple(answer for answer in answers.values() if isinstance(answer, Finding))
    skipped = tuple(name for name, answer in answers.items() if isinstance(answer, Skipped))
    passed = len(answers) - len(findings) - len(skipped)
    return Reviewed(findings, Checks(version=VERSION, passed=passed, skipped=skipped))

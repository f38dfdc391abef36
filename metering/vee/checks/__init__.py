"""The checks, in the order of their cost: those that need the day alone, then registers, then the days before."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gridhall.metering.vee.checks.completeness import duplicate, interval_size, missing, prolonged_estimation
from gridhall.metering.vee.checks.history import high_low, multiplier, unit, zero
from gridhall.metering.vee.checks.values import negative, spike, sums
from gridhall.metering.vee.checks.verdicts import Check
from gridhall.metering.vee.evidence import Evidence
from gridhall.metering.vee.model import Outcome
from gridhall.metering.vee.thresholds import Thresholds

CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "missing": missing,
        "interval_size": interval_size,
        "spike": spike,
        "duplicate": duplicate,
        "negative": negative,
        "sum": sums,
        "prolonged_estimation": prolonged_estimation,
        "zero": zero,
        "unit": unit,
        "multiplier": multiplier,
        "high_low": high_low,
    }
)
"""Every check by its code. Source: the list of validation rules of a widely used meter data management product."""


def run_checks(evidence: Evidence, limits: Thresholds) -> tuple[Outcome, ...]:
    """Return what every check says of a day."""
    return tuple(check(evidence, limits) for check in CHECKS.values())

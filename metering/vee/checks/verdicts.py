"""How a check says what it found."""

from collections.abc import Callable
from decimal import Decimal

from gridhall.metering.vee.evidence import Evidence
from gridhall.metering.vee.model import Outcome, Verdict
from gridhall.metering.vee.thresholds import Threshold, Thresholds

Check = Callable[[Evidence, Thresholds], Outcome]

_DIGITS = Decimal("0.0001")


def judge(
    code: str, *, failed: bool, measured: Decimal, threshold: Decimal, by: Threshold, **evidence: object
) -> Outcome:
    """Return that the check passed, or that it failed with the severity of its threshold."""
    return Outcome(
        code=code,
        verdict=Verdict.FAILED if failed else Verdict.PASSED,
        measured=short(measured),
        threshold=short(threshold),
        evidence=tuple((name, str(value)) for name, value in evidence.items()) if failed else (),
        severity=by.severity if failed else None,
    )


def skip(code: str, reason: str) -> Outcome:
    """Return that the check had nothing to look at, and why."""
    return Outcome(code=code, verdict=Verdict.SKIPPED, reason=reason)


def exact(number: float) -> Decimal:
    """Return a threshold as the decimal that is written in the file."""
    return Decimal(str(number))


def short(number: Decimal) -> Decimal:
    """Return a number with as many decimals as anybody reads."""
    return number.quantize(_DIGITS).normalize() if number % 1 else Decimal(int(number))

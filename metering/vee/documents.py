"""How the outcomes of days look as documents: a month of a channel at a point in one, an array a day.

A day that passes weighs some forty bytes: which checks passed is one number, which were skipped one a reason.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Document
from gridhall.metering.vee.model import JudgedDay, Outcome, Severity, Stamp, Verdict

SCHEMA: Final = 1

BITS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "missing": 0,
        "interval_size": 1,
        "spike": 2,
        "duplicate": 3,
        "negative": 4,
        "sum": 5,
        "prolonged_estimation": 6,
        "zero": 7,
        "unit": 8,
        "multiplier": 9,
        "high_low": 10,
    }
)
"""The bit that stands for a check; a bit is never given a second meaning."""

_CODES = {bit: code for code, bit in BITS.items()}


def from_judged(judged: JudgedDay) -> list[object]:
    """Return the entry of a day inside `usage_checks`."""
    skipped: dict[str, int] = {}
    for one in judged.outcomes:
        if one.verdict is Verdict.SKIPPED and one.reason:
            skipped[one.reason] = skipped.get(one.reason, 0) | 1 << BITS[one.code]
    stamp = judged.stamp
    return [
        [stamp.day, stamp.opening, stamp.closing],
        judged.print,
        _mask(one.code for one in judged.outcomes if one.verdict is Verdict.PASSED),
        skipped,
        [_from_failed(one) for one in judged.failed],
    ]


def to_judged(month: Month, number: int, entry: list[Any]) -> JudgedDay:
    """Read such an entry."""
    stamp, seen, passed, skipped, failed = entry
    outcomes = [
        *(Outcome(code, Verdict.PASSED) for code in _codes(passed)),
        *(Outcome(code, Verdict.SKIPPED, reason=reason) for reason, mask in skipped.items() for code in _codes(mask)),
        *(_to_failed(document) for document in failed),
    ]
    return JudgedDay(
        day=date(month.year, month.number, number),
        stamp=Stamp(*stamp),
        outcomes=tuple(sorted(outcomes, key=lambda one: BITS[one.code])),
        print=bytes(seen),
    )


def _mask(codes: Iterable[str]) -> int:
    return sum(1 << BITS[code] for code in codes)


def _codes(mask: int) -> list[str]:
    return [code for bit, code in _CODES.items() if mask >> bit & 1]


def _from_failed(outcome: Outcome) -> Document:
    return {
        "code": outcome.code,
        "severity": outcome.severity,
        "measured": str(outcome.measured),
        "threshold": str(outcome.threshold),
        "evidence": dict(outcome.evidence),
    }


def _to_failed(document: Document) -> Outcome:
    return Outcome(
        code=document["code"],
        verdict=Verdict.FAILED,
        measured=Decimal(document["measured"]),
        threshold=Decimal(document["threshold"]),
        evidence=tuple(document["evidence"].items()),
        severity=Severity(document["severity"]),
    )

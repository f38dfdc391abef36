"""What a check says of a day, and what is kept of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Severity(StrEnum):
    """How much a failed check weighs.

    INFORMATIONAL is kept and shown; SUSPICIOUS and INVALID open an exception; INVALID values are to be relied on by
    nobody before a person has decided.
    """

    INFORMATIONAL = "informational"
    SUSPICIOUS = "suspicious"
    INVALID = "invalid"

    @property
    def opens_exception(self) -> bool:
        """Whether somebody has to look at it."""
        return self is not Severity.INFORMATIONAL


class Verdict(StrEnum):
    """What a check came to."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


Numbers = tuple[tuple[str, str], ...]
"""The numbers that a verdict rests on, by name, as exact text."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check says of one day.

    measured, threshold: the number that was compared and what it was compared with; None of a skipped check.
    reason: why it was skipped. severity: of a failed check only.
    """

    code: str
    verdict: Verdict
    measured: Decimal | None = None
    threshold: Decimal | None = None
    evidence: Numbers = ()
    reason: str | None = None
    severity: Severity | None = None

    @property
    def failed(self) -> bool:
        """Whether the check failed."""
        return self.verdict is Verdict.FAILED


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which state of a day was judged: revisions of its readings and of its registers at both midnights, 0 of none."""

    day: int = 0
    opening: int = 0
    closing: int = 0


@dataclass(frozen=True, slots=True)
class JudgedDay:
    """The outcomes of a day, in the order in which the checks ran.

    print: of the curve, by which a repeated one is known again; empty where there is none to know.
    """

    day: date
    stamp: Stamp
    outcomes: tuple[Outcome, ...]
    print: bytes = b""

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The checks that failed."""
        return tuple(outcome for outcome in self.outcomes if outcome.failed)


def worst_severity(outcomes: Sequence[Outcome]) -> Severity | None:
    """Return the gravest of the failed outcomes, None where none failed."""
    order = list(Severity)
    return max((one.severity for one in outcomes if one.severity), key=order.index, default=None)

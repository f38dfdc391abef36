"""What is likely to come of an account's arrears: a small model that says its reasons. Pure.

The chance starts from the age of the oldest debt and is drawn towards the account's own history: of so many times in
arrears, so many were settled (a beta-binomial mean, of which the age counts as `WEIGHT` earlier times). A kept or
broken agreement moves it. The chances by age are background knowledge; a deployment will learn its own.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from gridhall.kit.money import Fen

WEIGHT: Final = 4
_BY_AGE: Final = ((30, Decimal("0.9")), (60, Decimal("0.6")), (90, Decimal("0.4")))
_OLDEST: Final = Decimal("0.2")
_BROKEN: Final = Decimal("0.6")
_KEPT: Final = Decimal("1.1")
_MOST: Final = Decimal("0.99")

BUCKETS: Final = (30, 60, 90)
"""The last days of the age groups 0-30, 31-60 and 61-90; older ones are of the fourth."""


@dataclass(frozen=True, slots=True)
class Record:
    """What an account did before: times it was overdue, times it settled, agreements that it kept and broke."""

    overdue: int = 0
    settled: int = 0
    kept: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a chance is what it is: a code of the catalogue (`arrears.reason.<code>`) and its numbers."""

    code: str
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely the overdue amount is to be paid (0 to 1), what that makes of it, and why."""

    share: Decimal
    expected: Fen
    reasons: tuple[Reason, ...]


def chance(*, overdue: Fen, oldest_due: date | None, record: Record, today: date) -> Chance:
    """Return what is likely to be recovered of an account's overdue amount."""
    if oldest_due is None or overdue <= 0:
        return Chance(Decimal(0), Fen(0), ())
    days = (today - oldest_due).days
    share = next((share for upto, share in _BY_AGE if days <= upto), _OLDEST)
    reasons = [Reason("age", (("days", str(days)),))]
    earlier = max(0, record.overdue - 1)
    if earlier:
        share = (min(record.settled, earlier) + share * WEIGHT) / (earlier + WEIGHT)
        reasons.append(Reason("history", (("times", str(earlier)), ("settled", str(min(record.settled, earlier))))))
    if record.broken:
        share *= _BROKEN
        reasons.append(Reason("broken", (("times", str(record.broken)),)))
    elif record.kept:
        share *= _KEPT
        reasons.append(Reason("kept", (("times", str(record.kept)),)))
    share = min(_MOST, share).quantize(Decimal("0.01"))
    return Chance(share, Fen(int(overdue * share)), tuple(reasons))


def bucket(days: int) -> int:
    """Return the age group of a debt that is so many days overdue: 0 for 0-30 up to 3 for 91 and more."""
    return sum(days > upto for upto in BUCKETS)

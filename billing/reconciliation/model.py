"""Reconciliation (对账): a provider's statement of a day, line by line, against what we have posted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from gridhall.kit.money import Fen

ReconciliationId = NewType("ReconciliationId", str)
"""Provider and day: `wechatpay:2026-11-21`."""


class Difference(StrEnum):
    """How a statement and our books differ."""

    OURS_MISSING = "ours_missing"
    """They have money of which we know nothing, also after asking them."""
    THEIRS_MISSING = "theirs_missing"
    """We have posted money that they do not have."""
    AMOUNT_DIFFERS = "amount_differs"
    DUPLICATE = "duplicate"
    """The same money twice, or one order paid twice."""


@dataclass(frozen=True, slots=True)
class Found:
    """One difference. number: the provider's, or ours where it names none. theirs, ours: fen, 0 where there is none."""

    difference: Difference
    number: str
    theirs: Fen
    ours: Fen
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What came of reconciling a provider's day.

    lines, theirs: of the statement, and their sum, refunds below zero. matched: that agree. recovered: payments of
    which no callback had come, settled now. ours: the sum that we have posted of them.
    """

    provider: str
    day: date
    at: datetime
    lines: int = 0
    theirs: Fen = Fen(0)
    matched: int = 0
    recovered: int = 0
    ours: Fen = Fen(0)
    differences: tuple[Found, ...] = ()
    """The first hundred; every one of them is a case."""
    differing: int = 0

    @property
    def id(self) -> ReconciliationId:
        """What tells it from every other."""
        return reconciliation_id(self.provider, self.day)

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differing

    def differs(self, found: Sequence[Found]) -> "Reconciliation":
        """Return it with further differences."""
        kept = (*self.differences, *found)[:_KEPT]
        return replace(self, differences=kept, differing=self.differing + len(found))


_KEPT = 100


def reconciliation_id(provider: str, day: date) -> ReconciliationId:
    """Return the id of a provider's day."""
    return ReconciliationId(f"{provider}:{day.isoformat()}")

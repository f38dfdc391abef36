"""An exception: a day of a channel at a point that failed a check, with its clock, its owner and all that was done."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from gridhall.kit.workdays import add_workdays
from gridhall.metering.vee.model import Severity

REREAD_ASKED: Final = "metering.reread_asked"

WORKDAYS: Final = 5
"""A meter-data anomaly is settled within so many working days. Source: the service clocks of the suppliers."""


class ExceptionState(StrEnum):
    """Where an exception stands."""

    OPEN = "open"
    REREAD = "reread"
    """Somebody was asked to read the meter again."""
    ACCEPTED = "accepted"
    """A person found the values right; they are kept as validated."""
    EDITED = "edited"
    """A person wrote other values."""
    ESTIMATED = "estimated"
    """The gaps were filled."""
    RESOLVED = "resolved"
    """The day passes by itself: what was missing came, or a correction."""

    @property
    def waits(self) -> bool:
        """Whether somebody still has to act."""
        return self in {ExceptionState.OPEN, ExceptionState.REREAD}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done about an exception. by: an agent's name, or `vee` for the nightly run."""

    at: datetime
    by: str
    state: ExceptionState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DayException:
    """An exception. Its `key` is the key of the day, so that a day has at most one.

    codes: of the checks that failed, the gravest first. accepted: codes that a person has overridden.
    due_on: the last day on which it may still wait. owner: who takes care of it, None for nobody yet.
    version: raised by every change.
    """

    key: bytes
    point_id: UUID
    channel: str
    day: date
    region: str
    org_path: str
    supply_class: str
    meter: str
    codes: tuple[str, ...]
    severity: Severity
    state: ExceptionState
    opened_at: datetime
    due_on: date
    owner: str | None = None
    accepted: frozenset[str] = frozenset()
    steps: tuple[Step, ...] = ()
    version: int = 1

    def moved(self, state: ExceptionState, *, by: str, now: datetime, reason: str = "") -> "DayException":
        """Return it in another state, with the step that led there."""
        step = Step(at=now, by=by, state=state, reason=reason)
        return replace(self, state=state, steps=(*self.steps, step), version=self.version + 1)

    def reopened(self, *, due_on: date, now: datetime, by: str) -> "DayException":
        """Return it open again, with a new clock."""
        return replace(self.moved(ExceptionState.OPEN, by=by, now=now), due_on=due_on)


def due_after(day: date) -> date:
    """Return the last working day on which an exception opened on `day` may still wait."""
    return add_workdays(day, days=WORKDAYS)

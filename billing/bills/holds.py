"""What happens to a bill while it is held: whose it is, until when, and what came of each try to release it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from gridhall.kit.workdays import add_workdays

WORKDAYS: Final = 5
"""A held bill is decided within so many working days. Source: the suppliers' service clock of a bill objection."""


class HoldMove(StrEnum):
    """What is done about a held bill before it is released or rejected."""

    ASSIGNED = "assigned"
    """It is somebody's; `note` is whose."""
    RELEASE_PREPARED = "release_prepared"
    """Somebody found it right, and the amount asks for a second person."""
    SENT_BACK = "sent_back"
    """The second person did not approve."""


@dataclass(frozen=True, slots=True)
class HoldStep:
    """Something that was done about a held bill. by: a person's name. note: a reason, or the new owner."""

    what: HoldMove
    at: datetime
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """The care of a held bill; it stays with the bill when it is decided.

    due_on: the last day on which it may still wait. owner: who sees to it, None for nobody yet.
    """

    due_on: date
    owner: str | None = None
    steps: tuple[HoldStep, ...] = ()

    @property
    def awaits_approval(self) -> bool:
        """Whether its release is prepared and waits for a second person."""
        moves = [step.what for step in self.steps if step.what is not HoldMove.ASSIGNED]
        return bool(moves) and moves[-1] is HoldMove.RELEASE_PREPARED

    @property
    def tries(self) -> int:
        """How often its release was sent back."""
        return sum(step.what is HoldMove.SENT_BACK for step in self.steps)

    def after(self, what: HoldMove, *, at: datetime, by: str, note: str = "") -> "Hold":
        """Return it with a step more; an assignment changes the owner."""
        owner = note if what is HoldMove.ASSIGNED else self.owner
        return replace(self, owner=owner, steps=(*self.steps, HoldStep(what, at, by, note)))


def hold_from(day: date) -> Hold:
    """Return the hold of a bill that is held from a day on."""
    return Hold(due_on=add_workdays(day, days=WORKDAYS))

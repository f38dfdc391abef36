"""A bill run and its ranges: who works on which accounts, how far, and what came of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.kit.localdays import Month

RunId = NewType("RunId", UUID)


class RangeState(StrEnum):
    """Where a range of a run stands."""

    WAITING = "waiting"
    TAKEN = "taken"
    """Somebody works on it, or did until the process died."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Counts:
    """What came of the accounts so far.

    already: they had their bill before, or were billed by a part of the run that was killed before it noted so.
    """

    issued: int = 0
    held: int = 0
    waiting: int = 0
    already: int = 0

    @property
    def accounts(self) -> int:
        """How many were looked at."""
        return self.issued + self.held + self.waiting + self.already

    def __add__(self, other: "Counts") -> "Counts":
        """Return both together."""
        return Counts(
            self.issued + other.issued,
            self.held + other.held,
            self.waiting + other.waiting,
            self.already + other.already,
        )


@dataclass(frozen=True, slots=True)
class Range:
    """Accounts of one reading day (抄表例日) that follow each other by id.

    number: its place in the run, since days that are read earlier are billed earlier. first: the id after which it
    begins, None at the day's first. last: the last id in it. accounts: how many there were when the run was opened.
    after: the last id that is done.
    """

    run_id: RunId
    number: int
    read_day: int
    first: AccountId | None
    last: AccountId
    accounts: int
    after: AccountId | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A bill run of a region's month.

    number: 1 for the first of the month; those that waited are billed by a later one. not_due: accounts whose period
    had not ended by the day it was opened. started_by: a person, or a rule.
    """

    id: RunId
    region: str
    month: Month
    number: int
    accounts: int
    ranges: int
    not_due: int
    started_by: str
    started_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. seen_at: when a worker last told so. workers: who works on it now."""

    counts: Counts = Counts()
    ranges_done: int = 0
    seen_at: datetime | None = None
    workers: tuple[str, ...] = ()


def due(month: Month, *, read_day: int, today: date) -> bool:
    """Return whether the period of accounts that are read on a day of the month has ended."""
    end = month.shift(1)
    return date(end.year, end.number, read_day) <= today

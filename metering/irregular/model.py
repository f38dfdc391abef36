"""A suspicion: a home whose score is above the threshold of its class, with what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gridhall.kit.localdays import Days
from gridhall.kit.settings import Settings
from gridhall.metering.points.model import ServicePoint


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one signal found at one home.

    added: its part of the score, before the logistic function. numbers: by name, as the signal's sentence says them.
    since: first day since which it is so, None where it is about the whole window.
    first_seen, last_seen: the days whose scans found it.
    """

    signal: str
    added: float
    numbers: Mapping[str, float]
    since: date | None
    first_seen: date
    last_seen: date


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A home that a scan suspects. evidence: what adds most first. days: the window that was looked at."""

    point: ServicePoint
    score: float
    evidence: tuple[Evidence, ...]
    days: Days


@dataclass(frozen=True, slots=True)
class Watch:
    """How closely is looked. thresholds: least score of a suspicion by class; a class that is not named is left out.

    window_days: how far back. least_added: a signal that adds less is no evidence. quiet_days: how long a dismissal
    silences its signals. due_days: how long an inspection may take. second_person: see `cases.rules`.
    """

    thresholds: Mapping[str, float]
    window_days: int
    least_added: float
    quiet_days: int
    due_days: int
    second_person: bool

    @classmethod
    def of(cls, settings: Settings) -> "Watch":
        """Read the watch from the settings."""
        return cls(
            thresholds={
                "residential": settings.irregular_score_residential,
                "commercial": settings.irregular_score_commercial,
            },
            window_days=settings.irregular_window_days,
            least_added=settings.irregular_least_added,
            quiet_days=settings.irregular_quiet_days,
            due_days=settings.irregular_due_days,
            second_person=settings.irregular_second_person,
        )


def leading(evidence: Sequence[Evidence], *, most: int = 5) -> tuple[Evidence, ...]:
    """Return the evidence that adds most, the first first."""
    return tuple(sorted(evidence, key=lambda one: (-one.added, one.signal))[:most])

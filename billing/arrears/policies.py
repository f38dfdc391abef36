"""Reminder ladders as data: a region's steps, from an effective date on."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib import resources


class Stage(StrEnum):
    """A rung of the ladder, in the order in which they are climbed."""

    SOON_DUE = "soon_due"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"
    OVERDUE_AGAIN = "overdue_again"
    OVERDUE_LAST = "overdue_last"


@dataclass(frozen=True, slots=True)
class Step:
    """A reminder, so many days after the due date (before it where below zero)."""

    stage: Stage
    days: int

    def falls_on(self, due_on: date) -> date:
        """Return the day of this step for a bill."""
        return due_on + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Policy:
    """A region's ladder from a day on, with where it comes from and how sure that is."""

    region: str
    effective_from: date
    status: str
    legal_source: str
    steps: tuple[Step, ...]

    def first_after(self, stage: Stage | None) -> Step | None:
        """Return the step after a stage, the first where there was none; None at the top of the ladder."""
        stages = [step.stage for step in self.steps]
        position = stages.index(stage) + 1 if stage in stages else 0
        return self.steps[position] if position < len(self.steps) else None

    def reached(self, *, due_on: date, today: date) -> Step | None:
        """Return the last step whose day has come; steps that were missed before it are not made up for."""
        come = [step for step in self.steps if step.falls_on(due_on) <= today]
        return come[-1] if come else None


def policy(region: str, *, on: date) -> Policy | None:
    """Return the ladder of a region on a day; None where it has none: nobody is reminded there."""
    holding = [one for one in _policies().get(region, ()) if one.effective_from <= on]
    return max(holding, key=lambda one: one.effective_from, default=None)


@lru_cache(maxsize=1)
def _policies() -> Mapping[str, Sequence[Policy]]:
    text = resources.files("gridhall.billing.arrears").joinpath("policies.toml").read_text()
    return {region: [_policy(region, row) for row in rows] for region, rows in tomllib.loads(text).items()}


def _policy(region: str, row: dict[str, object]) -> Policy:
    steps = tuple(Step(Stage(step["stage"]), step["days"]) for step in row.pop("steps"))  # type: ignore[attr-defined]
    if sorted(steps, key=lambda step: step.days) != list(steps):
        raise LadderOrderError(region)
    return Policy(region=region, steps=steps, **row)  # type: ignore[arg-type]


class LadderOrderError(ValueError):
    """The steps of a ladder do not stand in the order of their days."""

    def __init__(self, region: str) -> None:
        super().__init__(f"policies.toml, {region}: steps must stand in the order of their days")

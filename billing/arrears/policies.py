"""How arrears are followed, as data: a region's and a supply class's ladder, rates and clocks, from a day on."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gridhall.billing.arrears.penalty import FeeRate
from gridhall.billing.arrears.states import Hold
from gridhall.kit.checked import what_is_allowed
from gridhall.metering.calendars.model import Status


class SupplyClass(StrEnum):
    """Whom an account supplies, as far as arrears go."""

    RESIDENTIAL = "residential"
    OTHER = "other"


class Stage(StrEnum):
    """A rung of the ladder of reminders, in the order in which they are climbed."""

    SOON_DUE = "soon_due"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"
    OVERDUE_AGAIN = "overdue_again"
    OVERDUE_LAST = "overdue_last"
    """The formal reminder (催交电费通知单)."""
    NOTICE = "notice"
    """The disconnection notice (停电通知书): to be served, with proof."""


class Allocation(StrEnum):
    """In which order a payment pays what is owed. What it names goes first in either, then the oldest."""

    PENALTY_LAST = "penalty_last"
    """Every bill, and then the penalties: so no penalty grows while another is paid."""
    BILL_BY_BILL = "bill_by_bill"
    """Each bill and its own penalty, before the next bill."""


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
    """How arrears of a region's class are followed from a day on, with where it comes from and how sure that is.

    The fields are explained in `policies.toml`.
    """

    effective_from: date
    status: Status
    legal_source: str
    steps: tuple[Step, ...]
    rate: FeeRate
    fee_pauses: frozenset[Hold]
    statement_day: int
    cut_after_days: int
    notice_days: int
    last_call_minutes: int
    cut_hours: tuple[int, int]
    restore_hours: int
    allocation: Allocation
    restart_on_part_payment: bool
    promise_days: int
    promises_a_year: int
    plan_rates: int

    def first_after(self, stage: Stage | None) -> Step | None:
        """Return the step after a stage, the first where there was none; None at the top of the ladder."""
        stages = [step.stage for step in self.steps]
        position = stages.index(stage) + 1 if stage in stages else 0
        return self.steps[position] if position < len(self.steps) else None

    def reached(self, *, due_on: date, today: date) -> Step | None:
        """Return the last step whose day has come; steps that were missed before it are not made up for."""
        come = [step for step in self.steps if step.falls_on(due_on) <= today]
        return come[-1] if come else None

    def before(self, stage: Stage | None) -> Stage | None:
        """Return the stage one step back; None below the first."""
        stages = [step.stage for step in self.steps]
        position = stages.index(stage) if stage in stages else 0
        return stages[position - 1] if position else None


def policy(region: str, supply_class: SupplyClass, *, on: date) -> Policy | None:
    """Return how arrears of a region's class are followed on a day; None where nothing is said: nobody is reminded."""
    holding = [one for one in _policies().get((region, supply_class), ()) if one.effective_from <= on]
    return max(holding, key=lambda one: one.effective_from, default=None)


def policies() -> Mapping[tuple[str, SupplyClass], Sequence[Policy]]:
    """Return every policy, by region and class."""
    return _policies()


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: Stage
    days: int


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    regions: Annotated[tuple[str, ...], Field(min_length=1)]
    classes: Annotated[tuple[SupplyClass, ...], Field(min_length=1)]
    effective_from: date
    status: Status
    legal_source: Annotated[str, Field(min_length=10)]
    steps: tuple[_Step, ...]
    fee_this_year: Annotated[str, Field(pattern=r"^[0-3](\.\d{1,2})?$")]
    fee_earlier_years: Annotated[str, Field(pattern=r"^[0-3](\.\d{1,2})?$")]
    fee_pauses: tuple[Hold, ...]
    statement_day: Annotated[int, Field(ge=1, le=28)]
    # The law says more than 30 days; a policy may be gentler and never harsher.
    cut_after_days: Annotated[int, Field(ge=30)]
    notice_days: Annotated[int, Field(ge=3, le=30)]
    last_call_minutes: Annotated[int, Field(ge=30, le=24 * 60)]
    cut_hours: tuple[Annotated[int, Field(ge=8)], Annotated[int, Field(le=18)]]
    restore_hours: Literal[12, 24]
    allocation: Allocation
    restart_on_part_payment: bool
    promise_days: Annotated[int, Field(ge=1, le=60)]
    promises_a_year: Annotated[int, Field(ge=0, le=12)]
    plan_rates: Annotated[int, Field(ge=2, le=24)]

    @model_validator(mode="after")
    def _in_order(self) -> "_Row":
        if sorted(self.steps, key=lambda step: step.days) != list(self.steps):
            raise ValueError("steps must stand in the order of their days")
        if self.cut_hours[0] >= self.cut_hours[1]:
            raise ValueError("cut_hours must be two hours of a day, the earlier first")
        return self

    def policy(self) -> Policy:
        return Policy(
            effective_from=self.effective_from,
            status=self.status,
            legal_source=self.legal_source,
            steps=tuple(Step(step.stage, step.days) for step in self.steps),
            rate=FeeRate(Decimal(self.fee_this_year), Decimal(self.fee_earlier_years)),
            fee_pauses=frozenset(self.fee_pauses),
            statement_day=self.statement_day,
            cut_after_days=self.cut_after_days,
            notice_days=self.notice_days,
            last_call_minutes=self.last_call_minutes,
            cut_hours=self.cut_hours,
            restore_hours=self.restore_hours,
            allocation=self.allocation,
            restart_on_part_payment=self.restart_on_part_payment,
            promise_days=self.promise_days,
            promises_a_year=self.promises_a_year,
            plan_rates=self.plan_rates,
        )


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: tuple[_Row, ...]


def read_policies(text: str) -> dict[tuple[str, SupplyClass], list[Policy]]:
    """Read a file of policies. Raises PolicyFileError that names the row and the field."""
    try:
        rows = _File.model_validate(tomllib.loads(text)).policy
    except ValidationError as error:
        raise PolicyFileError(error) from None
    found: dict[tuple[str, SupplyClass], list[Policy]] = {}
    for row in rows:
        for region in row.regions:
            for supply_class in row.classes:
                found.setdefault((region, supply_class), []).append(row.policy())
    return found


@lru_cache(maxsize=1)
def _policies() -> Mapping[tuple[str, SupplyClass], Sequence[Policy]]:
    return read_policies(resources.files("gridhall.billing.arrears").joinpath("policies.toml").read_text())


class PolicyFileError(ValueError):
    """A row of policies that says what is not allowed."""

    def __init__(self, error: ValidationError) -> None:
        first = error.errors()[0]
        super().__init__(f"policies.toml, {'.'.join(str(part) for part in first['loc'])}: {what_is_allowed(first)}")

"""What a region promises and asks of accounts that pay ahead, as data with its source."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gridhall.kit.checked import what_is_allowed
from gridhall.kit.money import Fen
from gridhall.metering.calendars.model import Status


@dataclass(frozen=True, slots=True)
class Rules:
    """The policy of a region from a day on. Its fields are explained in `rules.toml`."""

    effective_from: date
    status: Status
    source: str
    warn_below: Fen
    notice_below: Fen
    fresh_days: int
    proposes_cuts: bool
    notice_days: int


def rules_of(region: str, *, on: date) -> Rules | None:
    """Return the policy of a region on a day; None where it offers no prepayment."""
    holding = [one for one in _all().get(region, ()) if one.effective_from <= on]
    return max(holding, key=lambda one: one.effective_from, default=None)


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    regions: Annotated[tuple[str, ...], Field(min_length=1)]
    effective_from: date
    status: Status
    source: Annotated[str, Field(min_length=10)]
    warn_below: int
    notice_below: int
    # A cut stands on readings; what is older than three days is nobody's reading of today.
    fresh_days: Annotated[int, Field(ge=1, le=3)]
    proposes_cuts: bool
    notice_days: Annotated[int, Field(ge=3, le=30)]

    @model_validator(mode="after")
    def _in_order(self) -> "_Row":
        if self.notice_below > self.warn_below:
            raise ValueError("notice_below must not be above warn_below")
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: tuple[_Row, ...]


def read_rules(text: str) -> dict[str, list[Rules]]:
    """Read a file of policies. Raises RulesFileError that names the row and the field."""
    try:
        rows = _File.model_validate(tomllib.loads(text)).rules
    except ValidationError as error:
        raise RulesFileError(error) from None
    found: dict[str, list[Rules]] = {}
    for row in rows:
        values = row.model_dump(exclude={"regions"})
        values |= {"warn_below": Fen(row.warn_below), "notice_below": Fen(row.notice_below)}
        for region in row.regions:
            found.setdefault(region, []).append(Rules(**values))
    return found


@lru_cache(maxsize=1)
def _all() -> Mapping[str, Sequence[Rules]]:
    return read_rules(resources.files("gridhall.billing.prepayment").joinpath("rules.toml").read_text())


class RulesFileError(ValueError):
    """A row of policies that says what is not allowed."""

    def __init__(self, error: ValidationError) -> None:
        first = error.errors()[0]
        super().__init__(f"rules.toml, {'.'.join(str(part) for part in first['loc'])}: {what_is_allowed(first)}")

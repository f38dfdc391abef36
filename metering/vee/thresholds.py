"""The thresholds of the checks, a customer class: shipped as a file, changed by another."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from gridhall.metering.calendars.datafile import RuleFileError, RuleModel, checked, read_tables
from gridhall.metering.points.model import CLASSES
from gridhall.metering.vee.model import Severity

Ratio = Annotated[float, Field(gt=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Kwh = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Days = Annotated[int, Field(ge=1, le=62)]


class Threshold(RuleModel):
    """What every check has."""

    severity: Annotated[Severity, Field(strict=False)]


class Missing(Threshold):
    """intervals: how many of a day may be missing."""

    intervals: Count


class Duplicate(Threshold):
    """days: how far back. values: how many different values a curve needs to be told from another."""

    days: Days
    values: Annotated[int, Field(ge=2)]


class ProlongedEstimation(Threshold):
    """days: how many days on end may be estimated."""

    days: Days


class Spike(Threshold):
    """ratio: of the highest interval to the third-highest. floor_kw: of the highest."""

    ratio: Ratio
    floor_kw: Kwh


class Sum(Threshold):
    """share, kwh: how much intervals and registers may differ, the larger of the two."""

    share: Share
    kwh: Kwh


class Zero(Threshold):
    """hours: of zeros on end. least_kwh: of a usual day."""

    hours: Annotated[float, Field(gt=0, le=24)]
    least_kwh: Kwh


class Unit(Threshold):
    """factor: of a mistaken unit. slack: how far around it."""

    factor: Ratio
    slack: Ratio


class Multiplier(Threshold):
    """slack: how far around the meter's multiplier."""

    slack: Ratio


class HighLow(Threshold):
    """high, low: times the mean of `days` before, of which at least `least_days` have to be whole."""

    high: Ratio
    low: Share
    days: Days
    least_days: Days
    least_kwh: Kwh


class Estimation(RuleModel):
    """interpolate_minutes: the longest gap that is interpolated. The days are those of the profile of a longer one."""

    interpolate_minutes: Count
    reference_days: Days
    least_days: Days
    back_days: Days


class Thresholds(RuleModel):
    """The thresholds of one class."""

    estimation: Estimation
    missing: Missing
    interval_size: Threshold
    negative: Threshold
    duplicate: Duplicate
    prolonged_estimation: ProlongedEstimation
    spike: Spike
    sum: Sum
    zero: Zero
    unit: Unit
    multiplier: Multiplier
    high_low: HighLow


@lru_cache(maxsize=8)
def thresholds(changes: Path | None = None) -> Mapping[str, Thresholds]:
    """Return the thresholds of every class, with what a file changes.

    Raises RuleFileError that names the file, the field and what is allowed.
    """
    shipped = files("gridhall.metering.vee").joinpath("thresholds.toml")
    tables = read_tables(shipped)
    read = shipped.name
    if changes is not None:
        tables, read = _merged(tables, read_tables(changes)), changes.name
    if unknown := tables.keys() - {"all", *CLASSES}:
        raise RuleFileError(read, min(unknown), f"is no class; there are all, {', '.join(CLASSES)}")
    return {
        name: checked(_merged(tables["all"], tables.get(name, {})), Thresholds, file=read, under=(name,))
        for name in CLASSES
    }


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay tables over tables; what is no table is replaced."""
    merged = dict(under)
    for name, value in over.items():
        below = merged.get(name)
        merged[name] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged

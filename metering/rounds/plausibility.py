"""What stands against a read, told on the spot. Pure: a phone without a network judges as we do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from typing import Final

from gridhall.kit.quantity import QuantityError, to_scaled
from gridhall.metering.calendars.schema import SINGLE_PERIOD as TOTAL
from gridhall.metering.registers.consumption import used_between
from gridhall.metering.registers.origin import Position
from gridhall.metering.rounds.limits import ReadingLimits
from gridhall.metering.rounds.model import Expected

_EARTH_M: Final = 6_371_000


class Doubt(StrEnum):
    """What may stand against a read."""

    NOT_ON_LIST = "not_on_list"
    WRONG_METER = "wrong_meter"
    IN_FUTURE = "in_future"
    BEFORE_LAST = "before_last"
    REGISTER_MISSING = "register_missing"
    REGISTER_UNKNOWN = "register_unknown"
    BAD_NUMBER = "bad_number"
    TOO_MANY_DIGITS = "too_many_digits"
    BELOW_LAST = "below_last"
    IMPOSSIBLE_USE = "impossible_use"
    ROLLOVER = "rollover"
    TOO_HIGH = "too_high"
    TOO_LOW = "too_low"
    PERIODS_DO_NOT_SUM = "periods_do_not_sum"
    FAR_AWAY = "far_away"


WARNINGS: Final = frozenset({Doubt.ROLLOVER, Doubt.TOO_HIGH, Doubt.TOO_LOW, Doubt.PERIODS_DO_NOT_SUM, Doubt.FAR_AWAY})
"""These may be true, and whoever stands before the meter may confirm them with a reason. The others cannot be."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that stands against a read. register: of which, where it is about one."""

    doubt: Doubt
    register: str | None = None

    @property
    def is_warning(self) -> bool:
        """Whether the reader may confirm the read all the same."""
        return self.doubt in WARNINGS


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody says that a meter showed. values: register to what was typed."""

    meter: str
    values: Mapping[str, str]
    taken_at: datetime
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What stands against a read, and its values in counts as far as they are numbers."""

    findings: tuple[Finding, ...]
    values: Mapping[str, int]

    @property
    def is_impossible(self) -> bool:
        """Whether the read cannot be taken, whatever the reader says."""
        return any(not one.is_warning for one in self.findings)


def judge(shown: Shown, *, expected: Expected, limits: ReadingLimits, now: datetime) -> Judgement:
    """Return everything that stands against a read of `expected`, in the order of the checks."""
    findings = [*_circumstances(shown, expected, limits, now)]
    values: dict[str, int] = {}
    for register, text in shown.values.items():
        if register not in expected.registers:
            findings.append(Finding(Doubt.REGISTER_UNKNOWN, register))
            continue
        value = _count(text, expected)
        if isinstance(value, Doubt):
            findings.append(Finding(value, register))
            continue
        values[register] = value
        findings += [Finding(doubt, register) for doubt in _use(register, value, expected)]
    findings += [Finding(Doubt.REGISTER_MISSING, one) for one in expected.registers if one not in shown.values]
    if _sums_differ(values, expected):
        findings.append(Finding(Doubt.PERIODS_DO_NOT_SUM))
    return Judgement(tuple(findings), values)


def _circumstances(shown: Shown, expected: Expected, limits: ReadingLimits, now: datetime) -> Iterator[Finding]:
    if shown.meter.strip() != expected.meter:
        yield Finding(Doubt.WRONG_METER)
    if shown.taken_at > now + limits.skew:
        yield Finding(Doubt.IN_FUTURE)
    if expected.last and shown.taken_at < expected.last.at:
        yield Finding(Doubt.BEFORE_LAST)
    if shown.position and expected.place:
        allowed = limits.far_m + min(shown.position.accuracy_m, limits.far_m)
        if distance_m(shown.position, expected.place) > allowed:
            yield Finding(Doubt.FAR_AWAY)


def _count(text: str, expected: Expected) -> int | Doubt:
    """Return what was typed in counts. What is finer than the meter counts is no number of this meter."""
    try:
        value = to_scaled(text.strip(), scale=expected.scale)
    except QuantityError:
        return Doubt.BAD_NUMBER
    if value < 0:
        return Doubt.BAD_NUMBER
    if expected.digits is not None and value >= 10 ** (expected.digits + expected.scale):
        return Doubt.TOO_MANY_DIGITS
    return value


def _use(register: str, value: int, expected: Expected) -> Iterator[Doubt]:
    """Judge how far a register ran. Less than before is a rollover where that is a use as in the past."""
    last = expected.last.values.get(register) if expected.last else None
    bounds = expected.bounds.get(register)
    if last is None or bounds is None:
        return
    used = used_between(before=last, after=value, scale=expected.scale, digits=expected.digits)
    if value < last:
        if used is None or used > bounds.most:
            yield Doubt.BELOW_LAST
        else:
            yield Doubt.ROLLOVER
        return
    if used is not None and used > bounds.possible:
        yield Doubt.IMPOSSIBLE_USE
    elif used is not None and used > bounds.most:
        yield Doubt.TOO_HIGH
    elif used is not None and used < bounds.least:
        yield Doubt.TOO_LOW


def _sums_differ(values: Mapping[str, int], expected: Expected) -> bool:
    """Say whether the periods do not sum to the total, since the last read or, where there is none, at all.

    Each register is read to the whole kWh at worst, so they may differ by 1 kWh a period. Registers that were set to
    zero on different days differ by a constant, which the difference to the last read takes out.
    """
    periods = [one for one in expected.registers if one != TOTAL]
    if not periods or any(one not in values for one in (TOTAL, *periods)):
        return False
    last = expected.last.values if expected.last else {}
    total, summed = values[TOTAL], sum(values[one] for one in periods)
    if all(one in last for one in (TOTAL, *periods)):
        moved = [_moved(one, values, last, expected) for one in (TOTAL, *periods)]
        total, summed = moved[0], sum(moved[1:])
    most: int = len(periods) * 10**expected.scale
    return abs(total - summed) > most


def _moved(register: str, values: Mapping[str, int], last: Mapping[str, int], expected: Expected) -> int:
    used = used_between(before=last[register], after=values[register], scale=expected.scale, digits=expected.digits)
    return values[register] - last[register] if used is None else used


def distance_m(one: Position, other: Sequence[float]) -> float:
    """Return the way over the ground between two places in metres (haversine)."""
    lat, lon = radians(other[0] - one.lat), radians(other[1] - one.lon)
    half = sin(lat / 2) ** 2 + cos(radians(one.lat)) * cos(radians(other[0])) * sin(lon / 2) ** 2
    return 2 * _EARTH_M * asin(min(1.0, sqrt(half)))

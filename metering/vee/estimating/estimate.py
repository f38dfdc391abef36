"""Filling the gaps of a day's curve (never a bill's registers). Pure.

Gaps up to two hours lie on the straight line between their neighbours, longer ones take the profile of similar days.
Where the registers of both midnights are known, what the day lacks is known too, and the estimates sum to exactly
that; else similar days say how much. Where there are too few of them, nothing is invented.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from gridhall.metering.histories.packing import MAX_VALUE, MISSING, MISSING_QUALITY
from gridhall.metering.quality import Quality
from gridhall.metering.vee.estimating.gaps import Gap, gaps
from gridhall.metering.vee.estimating.shares import split
from gridhall.metering.vee.estimating.similar import profile, similar_days
from gridhall.metering.vee.evidence import Curve
from gridhall.metering.vee.thresholds import Estimation

_OURS = (Quality.ESTIMATED, Quality.INTERPOLATED)


@dataclass(frozen=True, slots=True)
class Gappy:
    """A day with gaps, and all that may fill them.

    values: counts of 10**-scale, MISSING in the gaps. before, after: the values next to the day, None where they are
    unknown. registers_kwh: what the registers counted on this day, None where they do not say.
    others: days nearby with their curves.
    """

    day: date
    minutes: int
    scale: int
    values: Sequence[int]
    before: int | None = None
    after: int | None = None
    registers_kwh: Decimal | None = None
    others: Iterable[tuple[date, Curve]] = ()


@dataclass(frozen=True, slots=True)
class Estimated:
    """What was estimated: only the gaps have values. quality: 8 or 9 in them, 255 elsewhere."""

    values: list[int]
    quality: bytearray


@dataclass(frozen=True, slots=True)
class NotEstimated:
    """Why nothing was. reason: a code of the catalogue."""

    reason: str


def estimate(gappy: Gappy, *, by: Estimation) -> Estimated | NotEstimated | None:
    """Fill the gaps of a day; None where there are none.

    The whole day then sums to `registers_kwh`, rounded to the scale, where that is given.
    """
    found = gaps(gappy.values, before=gappy.before, after=gappy.after)
    if not found:
        return None
    short = [gap for gap in found if _short(gap, gappy.minutes, by)]
    weights: dict[int, Fraction] = {}
    for gap in short:
        weights |= dict(zip(gap.slots, gap.interpolated(), strict=True))
    if len(short) < len(found):
        shape = _shape(gappy, by)
        if shape is None:
            return NotEstimated("thin_history")
        weights |= {slot: shape[slot] for gap in found if gap not in short for slot in gap.slots}
    slots = sorted(weights)
    lacking = _lacking(gappy, sum(weights.values(), Fraction(0)))
    if lacking < 0:
        return NotEstimated("registers_below_intervals")
    if lacking > MAX_VALUE:
        return NotEstimated("beyond_measure")
    interpolated = {slot for gap in short for slot in gap.slots}
    values, quality = [MISSING] * len(gappy.values), bytearray([MISSING_QUALITY]) * len(gappy.values)
    for slot, value in zip(slots, split(lacking, weights=[weights[slot] for slot in slots]), strict=True):
        values[slot] = value
        quality[slot] = Quality.INTERPOLATED if slot in interpolated else Quality.ESTIMATED
    return Estimated(values, quality)


def without_estimates(curve: Curve) -> list[int]:
    """Return the values of a day without what was estimated here before, so that it is estimated afresh."""
    return [MISSING if code in _OURS else value for value, code in zip(curve.values, curve.quality, strict=True)]


def _short(gap: Gap, minutes: int, by: Estimation) -> bool:
    beside = gap.before is not None and gap.after is not None
    return beside and len(gap.slots) * minutes <= by.interpolate_minutes


def _shape(gappy: Gappy, by: Estimation) -> list[Fraction] | None:
    """Return the profile of similar days, raised or lowered to what this day shows where it has values."""
    curves = similar_days(
        gappy.day,
        curves=gappy.others,
        slots=len(gappy.values),
        minutes=gappy.minutes,
        most=by.reference_days,
        least=by.least_days,
    )
    if not curves:
        return None
    shape = profile(curves, scale=gappy.scale)
    known = [slot for slot, value in enumerate(gappy.values) if value >= 0]
    usual = sum((shape[slot] for slot in known), Fraction(0))
    if len(known) * 4 < len(shape) or not usual:
        return shape
    level = Fraction(sum(gappy.values[slot] for slot in known)) / usual
    return [value * level for value in shape]


def _lacking(gappy: Gappy, usual: Fraction) -> int:
    """Return how much the gaps have to sum to, in counts."""
    if gappy.registers_kwh is None:
        return round(usual)
    counted = int(gappy.registers_kwh.scaleb(gappy.scale).to_integral_value(ROUND_HALF_EVEN))
    return counted - sum(value for value in gappy.values if value > 0)

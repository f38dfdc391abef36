"""Estimating days: what is written is an estimate by its code, so a measured value replaces it whenever it comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from gridhall.kit.localdays import slots_in
from gridhall.metering.histories.keys import day_key, day_of, point_of
from gridhall.metering.histories.model import DayBucket, DayPiece
from gridhall.metering.histories.operations import record
from gridhall.metering.histories.packing import MISSING
from gridhall.metering.points.model import Meter
from gridhall.metering.vee.assembling import Material
from gridhall.metering.vee.estimating.estimate import Estimated, Gappy, NotEstimated, estimate, without_estimates
from gridhall.metering.vee.evidence import Curve, Registers
from gridhall.metering.vee.judging import Bench, Judged, Place

_ONE_DAY = timedelta(days=1)

Days = dict[date, Curve]


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of days with gaps. written: intervals that have an estimate now, or another one than before.

    points: those with estimated days. refused: of each day that was not estimated, why.
    """

    points: frozenset[UUID] = frozenset()
    written: int = 0
    refused: tuple[tuple[Place, date, str], ...] = ()


async def fill(*, bench: Bench, judged: Sequence[Judged], today: date, now: datetime) -> Filled:
    """Estimate the gaps of days that were judged, also those that were estimated before their state changed.

    Only days before `today` on which a meter counts: nothing is estimated of the future or of an empty point.
    Idempotent: the same state gives the same estimates, which then say nothing new. Two round trips to read, and
    those of `record` to write, for all places together.
    """
    wanted = {
        Place(one.material.point.id, one.material.channel): (one.material, days)
        for one in judged
        if (days := [day.day for day in one.days if day.day < today and _gappy(one.material, day.day)])
    }
    if not wanted:
        return Filled()
    curves = await _curves(bench, wanted)
    pieces: list[DayPiece] = []
    refused: list[tuple[Place, date, str]] = []
    for place, (material, days) in wanted.items():
        for day in days:
            made = _estimated(bench, material, day, curves.get(place, {}))
            if isinstance(made, NotEstimated):
                refused.append((place, day, made.reason))
            elif made is not None:
                pieces.append(made)
    recorded = await record(pieces=pieces, histories=bench.histories, now=now)
    return Filled(
        points=frozenset(point_of(piece.key) for piece in pieces),
        written=recorded.accepted + recorded.corrected,
        refused=tuple(refused),
    )


def _gappy(material: Material, day: date) -> bool:
    bucket = material.buckets.get(day)
    return bucket is None or MISSING in without_estimates(Curve.of(bucket))


def _estimated(bench: Bench, material: Material, day: date, curves: Days) -> DayPiece | NotEstimated | None:
    meter = material.meter_on(day)
    if meter is None:
        return None
    point, by = material.point, bench.thresholds[material.point.supply_class].estimation
    bucket = material.buckets.get(day)
    scale, minutes = (bucket.scale, bucket.minutes) if bucket else (meter.scale, meter.interval_minutes)
    slots = slots_in(day, point.zone, minutes)
    values = without_estimates(Curve.of(bucket)) if bucket else [MISSING] * slots
    made = estimate(
        Gappy(
            day=day,
            minutes=minutes,
            scale=scale,
            values=values,
            before=_edge(curves.get(day - _ONE_DAY), scale, minutes, last=True),
            after=_edge(curves.get(day + _ONE_DAY), scale, minutes, last=False),
            registers_kwh=_counted(material, day, meter, values, scale),
            others=tuple(curves.items()),
        ),
        by=by,
    )
    if not isinstance(made, Estimated):
        return made
    key = day_key(point.id, material.channel, day)
    return DayPiece(key, minutes, scale, point.zone, point.calendar, made.values, made.quality)


def _counted(material: Material, day: date, meter: Meter, values: Sequence[int], scale: int) -> Decimal | None:
    """Return what the registers counted; no less than the intervals where it is less only by what they cannot show."""
    counted: Registers = material.counted(day, meter)
    if counted.kwh is None:
        return None
    there = Decimal(sum(value for value in values if value > 0)).scaleb(-scale)
    return there if counted.kwh < there <= counted.kwh + counted.resolution else counted.kwh


def _edge(curve: Curve | None, scale: int, minutes: int, *, last: bool) -> int | None:
    """Return the value beside a day at `scale`, where it was measured in the same intervals."""
    if curve is None or curve.minutes != minutes or curve.scale > scale:
        return None
    value = without_estimates(curve)[-1 if last else 0]
    return None if value == MISSING else value * 10 ** (scale - curve.scale)


async def _curves(bench: Bench, wanted: dict[Place, tuple[Material, list[date]]]) -> dict[Place, Days]:
    """Return the days before each of the wanted ones, and the one after, as far as they may stand in."""
    keys: dict[bytes, Place] = {}
    for place, (material, days) in wanted.items():
        back = bench.thresholds[material.point.supply_class].estimation.back_days
        near = {day + timedelta(days=offset) for day in days for offset in range(-back, 2)}
        keys |= {day_key(*place, day): place for day in near}
    found: dict[bytes, DayBucket] = await bench.histories.days(keys)
    curves: dict[Place, Days] = {}
    for key, bucket in found.items():
        curves.setdefault(keys[key], {})[day_of(key)] = Curve.of(bucket)
    return curves

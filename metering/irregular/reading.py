"""Curves out of what is kept: points, days and registers of a chunk, one round trip each."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import numpy as np

from gridhall.kit.localdays import DAY_MINUTES, Days
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key, day_of, point_of
from gridhall.metering.histories.model import DayBucket
from gridhall.metering.histories.packing import unpack_quality
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.irregular.curves import NO_DISTRICT, SLOT_MINUTES, SLOTS, Bools, Curves, District, Floats
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.points.repository import PointRepository
from gridhall.metering.quality import ESTIMATES
from gridhall.metering.registers.model import RegisterRead
from gridhall.metering.registers.queries import reads_at
from gridhall.metering.registers.repository import RegisterRepository

SUM_METER: Final = "district"
"""The class of points that measure a transformer and not a home."""

LEAST_PRESENT: Final = 0.8
"""A day with fewer of its slots measured says nothing. Estimates are not measured."""

_REGISTERS_EVERY: Final = 7
_WHOLE: Final = 0.995


@dataclass(frozen=True, slots=True)
class Sources:
    """Where curves come from."""

    points: PointRepository
    histories: HistoryRepository
    registers: RegisterRepository


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a chunk. homes: by id. curves: by class, each with the transformers that feed its homes."""

    homes: Mapping[UUID, ServicePoint]
    curves: Mapping[str, Curves]


async def read_curves(*, point_ids: Collection[UUID], days: Days, sources: Sources) -> Reading:
    """Read the curves of points over local days. A point may be a home or the sum meter of a district.

    The loss of a district is looked for where all its homes are of one class and all are among the points.
    """
    found = await sources.points.by_ids(point_ids)
    keys = [day_key(point_id, IMPORT_KWH, day) for point_id in found for day in days]
    buckets = await sources.histories.days(keys)
    midnights = [*[*days][::_REGISTERS_EVERY], days.end]
    reads = await reads_at(point_ids=found, days=midnights, registers=sources.registers)
    kept = _kept(found, buckets.values(), days)
    classes: dict[str, list[ServicePoint]] = defaultdict(list)
    for point in sorted(found.values(), key=lambda one: one.id):
        classes[point.supply_class].append(point)
    flowed = _flowed(classes.pop(SUM_METER, []), kept)
    mixed = _mixed(classes)
    meters = {code: kwh for code, kwh in flowed.items() if code not in mixed}
    return Reading(
        homes={point.id: point for of_class in classes.values() for point in of_class},
        curves={name: _curves(homes, kept, meters, reads, days) for name, homes in classes.items()},
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    """The days of a point. kwh: by day and half hour, NaN where nothing was measured. shaped: see `Curves`."""

    kwh: Floats
    shaped: Bools


def _kept(found: Iterable[UUID], buckets: Iterable[DayBucket], days: Days) -> dict[UUID, _Kept]:
    """Lay the days out as arrays; of a day without a curve the energy is spread evenly over it."""
    kept = {point_id: _Kept(np.full((len(days), SLOTS), np.nan), np.zeros(len(days), np.bool_)) for point_id in found}
    for bucket in buckets:
        values = bucket.unpacked()
        if len(values) * bucket.minutes != DAY_MINUTES:
            continue
        kwh = np.array(values, np.float64) / 10**bucket.scale
        codes = bucket.quality
        if isinstance(codes, bytes) or codes in ESTIMATES:
            kwh[np.isin(np.frombuffer(unpack_quality(codes, values), np.uint8), list(ESTIMATES))] = np.nan
        kwh[kwh < 0] = np.nan
        point, day = kept[point_of(bucket.key)], (day_of(bucket.key) - days.start).days
        point.kwh[day], point.shaped[day] = _half_hours(kwh, bucket.minutes), bucket.has_curve
    return kept


def _half_hours(kwh: Floats, minutes: int) -> Floats:
    if minutes > SLOT_MINUTES:
        return np.repeat(kwh / (minutes // SLOT_MINUTES), minutes // SLOT_MINUTES)
    return np.asarray(kwh.reshape(SLOTS, -1).sum(axis=1))


def _flowed(points: Sequence[ServicePoint], kept: Mapping[UUID, _Kept]) -> dict[str, Floats]:
    """Return what flowed through each transformer where it has a curve; with two sum meters the sum of both."""
    flowed: dict[str, Floats] = {}
    for point in points:
        if point.district is not None:
            kwh = np.where(kept[point.id].shaped[:, None], kept[point.id].kwh, np.nan)
            flowed[point.district] = flowed[point.district] + kwh if point.district in flowed else kwh
    return flowed


def _mixed(classes: Mapping[str, Sequence[ServicePoint]]) -> set[str]:
    """Return the districts that feed homes of several classes: those of one class alone do not make up the sum."""
    seen: dict[str, set[str]] = defaultdict(set)
    for name, homes in classes.items():
        for home in homes:
            if home.district is not None:
                seen[home.district].add(name)
    return {code for code, names in seen.items() if len(names) > 1}


def _curves(
    homes: Sequence[ServicePoint],
    kept: Mapping[UUID, _Kept],
    meters: Mapping[str, Floats],
    reads: Mapping[tuple[UUID, date], RegisterRead],
    days: Days,
) -> Curves:
    measured = np.stack([kept[home.id].kwh for home in homes])
    usable = np.isfinite(measured).mean(axis=2) >= LEAST_PRESENT
    codes = sorted({home.district for home in homes if home.district in meters and home.district is not None})
    place = {code: index for index, code in enumerate(codes)}
    gaps = [_register_gap(home.id, kwh, reads, days) for home, kwh in zip(homes, measured, strict=True)]
    return Curves(
        points=tuple(home.id for home in homes),
        energy=completed(np.where(usable[:, :, None], measured, np.nan)),
        usable=usable,
        shaped=np.stack([kept[home.id].shaped for home in homes]),
        district=np.array([place.get(home.district or "", NO_DISTRICT) for home in homes], np.int64),
        districts=tuple(District(code, meters[code]) for code in codes),
        register_gap=np.array(gaps),
    )


def completed(measured: Floats) -> Floats:
    """Return the slots with what is missing filled by the home's own median of that slot, 0 where there is none."""
    missing = np.isnan(measured)
    if not missing.any():
        return measured
    filled = measured.copy()
    for home in np.flatnonzero(missing.any(axis=(1, 2))):
        known = ~missing[home].all(axis=0)
        usual = np.zeros(SLOTS)
        usual[known] = np.nanmedian(measured[home][:, known], axis=0)
        filled[home] = np.where(missing[home], usual, measured[home])
    return filled


def _register_gap(home: UUID, measured: Floats, reads: Mapping[tuple[UUID, date], RegisterRead], days: Days) -> float:
    """Return what the registers counted beyond the intervals as a share of it, over the longest span that both know.

    NaN where the meter was exchanged, a read is estimated, a slot is missing, or next to nothing was counted.
    """
    known = [read for day in [*days, days.end] if (read := reads.get((home, day))) and read.quality not in ESTIMATES]
    if len(known) < 2 or known[0].meter != known[-1].meter:  # noqa: PLR2004 - an opening and a closing read
        return np.nan
    first, last = known[0], known[-1]
    span = measured[(first.day - days.start) // timedelta(days=1) : (last.day - days.start) // timedelta(days=1)]
    counted = (_total(last) - _total(first)) * first.multiplier
    if np.isfinite(span).mean() < _WHOLE or counted < 1:
        return np.nan
    return float((counted - np.nansum(span)) / counted)


def _total(read: RegisterRead) -> float:
    """Return what the read shows in kWh: the total register, or those of the periods together."""
    shown = read.values["total"] if "total" in read.values else sum(read.values.values())
    return float(shown) / 10.0**read.scale

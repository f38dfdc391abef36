"""What becomes of a kept day when readings of it arrive. Pure: nothing here reads or writes anything.

A reading that says what is kept is a duplicate and changes nothing. One that says otherwise corrects it, and the
older revision is kept. An estimate never takes the place of a measured value; a measured value takes an estimate's.
Therefore the order in which readings arrive does not matter, but for two measured values of one slot: the later wins.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gridhall.metering.histories.keys import day_of
from gridhall.metering.histories.model import DayBucket, DayPiece
from gridhall.metering.histories.packing import MISSING, pack, pack_quality, unpack_quality
from gridhall.metering.histories.totals import totals_by_period
from gridhall.metering.quality import ESTIMATES


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome for one day.

    bucket: what to write, None where nothing changes. replaced: the older revision to keep first, None where no
    value was overwritten. The counts are readings.
    """

    bucket: DayBucket | None
    replaced: DayBucket | None = None
    accepted: int = 0
    duplicate: int = 0
    corrected: int = 0


def merge(stored: DayBucket | None, piece: DayPiece, *, now: datetime) -> Merged:
    """Lay a piece over what is kept of its day."""
    given = len(piece.values) - piece.values.count(MISSING)
    if stored is None:
        return Merged(_bucket(piece, revision=1, now=now) if given else None, accepted=given)
    if stored.minutes != piece.minutes:
        # The meter of the day was registered anew with another slot length; the slots of both cannot be mixed.
        return Merged(_bucket(piece, revision=stored.revision + 1, now=now), stored, corrected=given)
    if _says_the_same(stored, piece):
        return Merged(None, duplicate=given)
    values = stored.unpacked()
    qualities = unpack_quality(stored.quality, values)
    scale = max(stored.scale, piece.scale)
    values = _rescaled(values, stored.scale, scale)
    accepted, corrected = _lay_over(values, qualities, _rescaled(piece.values, piece.scale, scale), piece.quality)
    if not accepted and not corrected:
        return Merged(None, duplicate=given)
    whole = replace(piece, scale=scale, values=values, quality=qualities)
    return Merged(
        bucket=_bucket(whole, revision=stored.revision + 1, now=now),
        replaced=stored if corrected else None,
        accepted=accepted,
        duplicate=given - accepted - corrected,
        corrected=corrected,
    )


def _says_the_same(stored: DayBucket, piece: DayPiece) -> bool:
    return (
        stored.scale == piece.scale
        and stored.quality == pack_quality(bytes(piece.quality))
        and stored.values == pack(piece.values)
    )


def _rescaled(values: list[int], scale: int, to: int) -> list[int]:
    if scale == to:
        return values
    factor = 10 ** (to - scale)
    return [value * factor if value >= 0 else MISSING for value in values]


def _lay_over(
    values: list[int], qualities: bytearray, new_values: Sequence[int], new_qualities: bytearray
) -> tuple[int, int]:
    """Change `values` and `qualities` in place; return how many readings were accepted and how many corrected."""
    accepted = corrected = 0
    for slot, (value, quality) in enumerate(zip(new_values, new_qualities, strict=True)):
        if value < 0:
            continue
        if values[slot] < 0:
            accepted += 1
        elif (values[slot] == value and qualities[slot] == quality) or (
            quality in ESTIMATES and qualities[slot] not in ESTIMATES
        ):
            continue
        else:
            corrected += 1
        values[slot], qualities[slot] = value, quality
    return accepted, corrected


def _bucket(piece: DayPiece, *, revision: int, now: datetime) -> DayBucket:
    return DayBucket(
        key=piece.key,
        revision=revision,
        minutes=piece.minutes,
        scale=piece.scale,
        zone=piece.zone,
        calendar=piece.calendar,
        values=pack(piece.values),
        quality=pack_quality(bytes(piece.quality)),
        totals=totals_by_period(
            piece.values, code=piece.calendar, day=day_of(piece.key), minutes=piece.minutes, zone=piece.zone
        ),
        as_of=now,
    )

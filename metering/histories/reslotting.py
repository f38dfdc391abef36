"""A day whose meter was registered anew with another slot length, carried over to that length. Pure.

The slots of both lengths cannot stand side by side, and the registration that was made last is the one that holds.
What was measured in the older slots is cut evenly, or added up, into the newer ones and marked as derived, so that
the day keeps its energy and every reading in the newer slots takes the place of what was carried over. Only a longer
slot of which parts are missing is left out; the older revision, which is kept, still has those parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

from gridhall.kit.localdays import DAY_MINUTES, slots_in
from gridhall.metering.histories.coarsen import coarsen
from gridhall.metering.histories.model import DayBucket
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY, unpack_quality, unpack_versions
from gridhall.metering.quality import ESTIMATES, Quality


@dataclass(slots=True)
class Slots:
    """The slots of a day, unpacked: value, quality and version of each; None where every version is 0."""

    values: list[int]
    quality: bytearray
    versions: list[int] | None = None


def carried_over(stored: DayBucket, *, minutes: int) -> Slots:
    """Return a kept day in slots of `minutes`, all of it derived.

    Of a day without a curve none is invented; a day with one becomes one without it where no slot is missing.
    """
    values = stored.unpacked()
    codes = unpack_quality(stored.quality, values)
    versions = unpack_versions(stored.versions, values)
    if not stored.has_curve:
        slots = slots_in(stored.day, stored.zone, minutes)
        return Slots([MISSING] * slots, bytearray([MISSING_QUALITY]) * slots)
    if minutes == DAY_MINUTES:
        energy, quality = coarsen(values, codes, by=len(values))
        return Slots(energy, bytearray(map(_derived, quality)), [max(versions) if energy[0] >= 0 else 0])
    finest = gcd(stored.minutes, minutes)
    cuts, joins = stored.minutes // finest, minutes // finest
    energy, quality = coarsen(
        [part for value in values for part in _cut(value, cuts)],
        [code for code in codes for _ in range(cuts)],
        by=joins,
    )
    of_parts = [version for version in versions for _ in range(cuts)]
    return Slots(
        values=energy,
        quality=bytearray(map(_derived, quality)),
        versions=[
            max(of_parts[first : first + joins]) if value >= 0 else 0
            for first, value in zip(range(0, len(of_parts), joins), energy, strict=True)
        ],
    )


def _cut(value: int, cuts: int) -> Sequence[int]:
    """Cut a slot evenly; what is left of its counts goes to the first parts, one each."""
    if value < 0:
        return [MISSING] * cuts
    share, rest = divmod(value, cuts)
    return [share + (part < rest) for part in range(cuts)]


def _derived(code: int) -> int:
    return code if code in ESTIMATES or code == MISSING_QUALITY else Quality.DERIVED

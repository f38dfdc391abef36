"""Days that have an energy and no curve: what becomes of a kept one when another energy of it arrives. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from gridhall.metering.histories.model import DayBucket, DayPiece
from gridhall.metering.histories.packing import unpack_quality, unpack_versions
from gridhall.metering.quality import ESTIMATES


def laid_over(stored: DayBucket, piece: DayPiece) -> DayPiece | None:
    """Return the day that is to be kept, None where nothing changes; the order of `merge` decides.

    Who says the energy of a day alone does not deny the periods that were told before with the same energy.
    """
    values = stored.unpacked()
    code, version = unpack_quality(stored.quality, values)[0], unpack_versions(stored.versions, values)[0]
    new_code, new_version = piece.quality[0], piece.versions[0] if piece.versions else 0
    if (new_code not in ESTIMATES, new_version) < (code not in ESTIMATES, version):
        return None
    scale = max(stored.scale, piece.scale)
    value = piece.values[0] * 10 ** (scale - piece.scale)
    same_energy = value == values[0] * 10 ** (scale - stored.scale)
    totals = rescaled(piece.totals, scale - piece.scale)
    if totals is None and same_energy:
        totals = rescaled(stored.totals, scale - stored.scale)
    day = replace(piece, scale=scale, values=[value], totals=totals)
    return None if says_no_more(stored, day) and new_version == version else day


def says_no_more(stored: DayBucket, day: DayPiece) -> bool:
    """Tell whether a day, at its scale or a finer one, has the energy, code and periods that are kept."""
    values = stored.unpacked()
    finer = day.scale - stored.scale
    return (
        day.values[0] == values[0] * 10**finer
        and day.quality[0] == unpack_quality(stored.quality, values)[0]
        and day.totals == rescaled(stored.totals, finer)
    )


def rescaled(totals: Mapping[str, int] | None, by: int) -> dict[str, int] | None:
    """Return totals with `by` more decimals."""
    return None if totals is None else {period: energy * 10**by for period, energy in totals.items()}

"""Energies of days at the door: of meters that tell what flowed in a day, perhaps by period of use, and no curve."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from gridhall.kit.localdays import DAY_MINUTES
from gridhall.kit.quantity import from_scaled
from gridhall.metering.calendars import STANDARD_PERIODS
from gridhall.metering.feed.checks import check_interval, check_past
from gridhall.metering.feed.formats.rows import DayEnergy
from gridhall.metering.feed.gauges import Gauges
from gridhall.metering.feed.refusals import NotTakenError
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.totals import UNDIVIDED

_FLAT: Final = "flat"
"""The period (平) by which the periods of a day are made to add up: in practice it is the total less the others."""


def energy_piece(row: DayEnergy, *, gauges: Gauges) -> DayPiece | None:
    """Return what a row says of its day, None where it says that all of it is missing. Raises NotTakenError."""
    gauge = gauges.gauge(row.meter)
    check_interval(DAY_MINUTES, meter_minutes=gauge.known.meter.interval_minutes)
    day, code, version = gauges.days[row.day], gauges.codes[row.quality], gauges.versions[row.version]
    unknown = row.energies.keys() - STANDARD_PERIODS.keys() - {UNDIVIDED}
    if unknown:
        raise NotTakenError("unknown-period", name=min(unknown), allowed=", ".join((UNDIVIDED, *STANDARD_PERIODS)))
    point, link = gauge.place_kept(day)
    written = {period: text for period, text in row.energies.items() if text is not None}
    if not written:
        return None
    check_past(0, past=int(gauges.over(day, gauge.zone)))
    scale = gauge.known.meter.scale
    energies = {period: gauge.energies[text] for period, text in written.items()}
    totals = divided(energies, missing=len(written) < len(row.energies), scale=scale, unit=_unit(written.values()))
    return DayPiece(
        key=day_key(point.id, gauge.channel, day),
        minutes=DAY_MINUTES,
        scale=scale,
        zone=point.zone,
        calendar=point.calendar,
        values=[sum(totals.values()) * link.multiplier],
        quality=bytearray([code]),
        versions=[version] if version else None,
        totals=None if totals.keys() == {UNDIVIDED} else _times(link.multiplier, totals),
    )


def divided(energies: Mapping[str, int], *, missing: bool, scale: int, unit: int) -> dict[str, int]:
    """Return the energy of a day by period, in counts of 10**-scale, so that the periods add up to its total.

    energies: what the sender says, of periods and perhaps of the whole (`total`). missing: there are periods of which
    it says nothing; what they leave of the total is nobody's, and stays under `total`. unit: decimals that are
    written; each number was rounded to them, so the sum may differ by half a unit each. The difference goes to the
    flat period, or to the largest. Raises NotTakenError where it is larger than that.
    """
    periods = {period: energy for period, energy in energies.items() if period != UNDIVIDED}
    if UNDIVIDED not in energies:
        if missing:
            raise NotTakenError("no-day-total")
        return periods
    if not periods:
        return dict(energies)
    total, together = energies[UNDIVIDED], sum(periods.values())
    rest = total - together
    if 2 * abs(rest) <= (len(periods) + 1) * 10 ** max(scale - unit, 0):
        flat = periods.get(_FLAT)
        taker = max(periods, key=periods.__getitem__) if flat is None or flat + rest < 0 else _FLAT
        periods[taker] += rest
        return periods
    if missing and rest > 0:
        return {**periods, UNDIVIDED: rest}
    raise NotTakenError(
        "periods-differ", given=from_scaled(together, scale=scale), expected=from_scaled(total, scale=scale)
    )


def in_waves(pieces: Iterable[DayPiece]) -> list[list[DayPiece]]:
    """Return pieces in waves to be stored one after the other: a day that is told twice is in two of them."""
    seen = Counter[bytes]()
    waves: list[list[DayPiece]] = []
    for piece in pieces:
        if seen[piece.key] == len(waves):
            waves.append([])
        waves[seen[piece.key]].append(piece)
        seen[piece.key] += 1
    return waves


def _times(multiplier: int, totals: Mapping[str, int]) -> dict[str, int]:
    return {period: energy * multiplier for period, energy in totals.items()}


def _unit(texts: Collection[str | int]) -> int:
    """Return how many decimals the numbers are written with; a trailing zero may have been left out."""
    return max(len(str(text).partition(".")[2]) for text in texts)

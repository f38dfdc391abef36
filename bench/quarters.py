"""A stream of quarters as head-ends send it: every meter once a quarter of an hour, in any order, now and then anew."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Final

from bench.town import Home, quarter_wh
from gridhall.kit.localdays import day_start

CORRECTED: Final = 0.01
REPEATED: Final = 0.01

_QUARTER = timedelta(minutes=15)
_LATER_BY_AT_MOST = 0.5
"""Of a quarter: how much later a correction or a repetition comes."""


@dataclass(frozen=True, slots=True)
class Said:
    """One reading as it is said. version: 0 at first, 1 as a correction."""

    meter: str
    slot: int
    wh: int
    version: int = 0


def said(town: Sequence[Home], *, day: date, slots: Iterable[int], seed: int) -> Iterator[Said]:
    """Yield the readings of a day by quarters, shuffled over the meters, with 1 % corrected and 1 % repeated."""
    chance = random.Random(seed)  # noqa: S311 - it plays, it guards nothing
    for slot in slots:
        quarter: list[tuple[float, Said]] = []
        for home in town:
            at, first = chance.random(), Said(home.meter, slot, quarter_wh(home, day, slot))
            quarter.append((at, first))
            fate = chance.random()
            later = at + chance.random() * _LATER_BY_AT_MOST
            if fate < CORRECTED:
                quarter.append((later, Said(first.meter, slot, first.wh + 1, version=1)))
            elif fate < CORRECTED + REPEATED:
                quarter.append((later, first))
        yield from (one for _, one in sorted(quarter, key=lambda timed: timed[0]))


def entries(readings: Iterable[Said], *, rows: int) -> Iterator[list[Said]]:
    """Yield the readings `rows` at a time."""
    walk = iter(readings)
    while entry := list(islice(walk, rows)):
        yield entry


def ndjson(entry: Sequence[Said], *, day: date, zone: str) -> bytes:
    """Return an entry as the feed writes it."""
    first = day_start(day, zone)
    starts = {one.slot: (first + one.slot * _QUARTER).isoformat() for one in entry}
    return b"".join(
        b'{"meter":"%b","start":"%b","kwh":"%b"%b}\n'
        % (
            one.meter.encode(),
            starts[one.slot].encode(),
            f"{one.wh / 1000:.3f}".encode(),
            b',"version":1' if one.version else b"",
        )
        for one in entry
    )


def holding(readings: Iterable[Said]) -> Mapping[tuple[str, int], int]:
    """Return what must be kept of readings in the end: of two values of a meter and slot that of the higher version."""
    held: dict[tuple[str, int], Said] = {}
    for one in readings:
        before = held.setdefault((one.meter, one.slot), one)
        if one.version >= before.version:
            held[one.meter, one.slot] = one
    return {place: one.wh for place, one in held.items()}

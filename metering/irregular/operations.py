"""The look for irregular use: once a night, region by region, chunk by chunk.

A chunk is looked at by itself and writes nothing twice, so a chunk that is taken up again after a crash, or a whole
scan that is started again, ends where it would have ended anyhow.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Final, Self
from uuid import UUID

import numpy as np

from gridhall.kit.localdays import Days
from gridhall.metering.irregular.cases.gathering import gathered
from gridhall.metering.irregular.cases.repository import CaseRepository
from gridhall.metering.irregular.chunks import POINTS, chunks
from gridhall.metering.irregular.curves import Floats
from gridhall.metering.irregular.judging import judge
from gridhall.metering.irregular.model import Suspicion, Watch
from gridhall.metering.irregular.reading import Sources, read_curves
from gridhall.metering.irregular.repository import NormRepository, RegionNorms
from gridhall.metering.irregular.scoring import Norm, measured, norms_of

NORM_CHUNKS: Final = 8
"""Norms are measured on so many chunks, spread evenly over the region: some two thousand homes."""

NORMS_KEPT: Final = timedelta(days=7)
"""Norms follow the seasons, not the days; and one scan has one measure for all its chunks."""


@dataclass(frozen=True, slots=True)
class Scanning:
    """What a scan needs at hand."""

    sources: Sources
    norms: NormRepository
    cases: CaseRepository
    watch: Watch


@dataclass(slots=True)
class ScanReport:
    """What came of a scan. opened: new cases. added: cases that got new evidence."""

    homes: int = 0
    suspected: int = 0
    opened: int = 0
    added: int = 0

    def __iadd__(self, other: "ScanReport") -> Self:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        return self


async def scan(*, scanning: Scanning, region: str, today: date, now: datetime) -> ScanReport:
    """Look at every home of a region over the window that ends before `today`, one chunk after the other."""
    await refresh_norms(scanning=scanning, region=region, today=today)
    report = ScanReport()
    async for point_ids in chunks(points=scanning.sources.points, region=region):
        report += await scan_chunk(scanning=scanning, region=region, point_ids=point_ids, today=today, now=now)
    return report


async def refresh_norms(*, scanning: Scanning, region: str, today: date) -> bool:
    """Measure the norms of a region where they are older than NORMS_KEPT; say whether they were measured now."""
    known = await scanning.norms.load(region)
    if known is not None and known.on > today - NORMS_KEPT:
        return False
    points = scanning.sources.points
    every = max(1, await points.count(region=region) // (POINTS * NORM_CHUNKS))
    strengths: dict[str, dict[str, list[Floats]]] = defaultdict(lambda: defaultdict(list))
    number = 0
    async for point_ids in chunks(points=points, region=region):
        number += 1
        if (number - 1) % every:
            continue
        reading = await read_curves(point_ids=point_ids, days=_window(scanning.watch, today), sources=scanning.sources)
        for name, curves in reading.curves.items():
            for code, one in measured(curves).items():
                strengths[name][code].append(one.strength)
    of = {
        name: norms_of({code: np.concatenate(parts) for code, parts in by_code.items()})
        for name, by_code in strengths.items()
    }
    await scanning.norms.put(region, RegionNorms(on=today, of=of))
    return True


async def scan_chunk(
    *, scanning: Scanning, region: str, point_ids: Collection[UUID], today: date, now: datetime
) -> ScanReport:
    """Look at some hundred points that belong together, and open or add to the cases of those that are suspected.

    Four round trips to read (one is for the norms), two or three more where anybody is suspected. Idempotent: the same
    chunk on the same day writes nothing. A case that a person changes at the same moment is left to the person; the
    next scan comes again.
    """
    days = _window(scanning.watch, today)
    norms = await scanning.norms.load(region)
    reading = await read_curves(point_ids=point_ids, days=days, sources=scanning.sources)
    suspicions: list[Suspicion] = []
    for name, curves in reading.curves.items():
        of_class: dict[str, Norm] = dict(norms.of.get(name, {})) if norms else {}
        suspicions += judge(curves=curves, homes=reading.homes, norms=of_class, days=days, watch=scanning.watch)
    report = ScanReport(homes=len(reading.homes), suspected=len(suspicions))
    if not suspicions:
        return report
    under_way, quiet = await scanning.cases.concerning([one.point.id for one in suspicions], at=now)
    changed = []
    for one in suspicions:
        known = under_way.get(one.point.id)
        case = gathered(one, case=known, quiet=quiet.get(one.point.id, frozenset()), watch=scanning.watch, now=now)
        if case is not None:
            changed.append(case)
    report.opened = await scanning.cases.put([case for case in changed if case.revision == 1])
    report.added = await scanning.cases.put([case for case in changed if case.revision > 1])
    return report


def _window(watch: Watch, today: date) -> Days:
    return Days(today - timedelta(days=watch.window_days), today)

"""Archiving or expiring interval detail, page by page of a region's points; and bringing archived months back.

Totals of months, and so of days and years, are never touched. A page is done again without harm: what was archived
makes the same file again, and only what was read back from its file, and is still of that revision, is deleted.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby, islice
from pathlib import Path
from typing import Final
from uuid import UUID

from gridhall.kit.localdays import Month
from gridhall.metering.histories.keys import point_of
from gridhall.metering.histories.model import DayBucket
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.points.repository import PointRepository
from gridhall.metering.retention.archive import ArchiveStore, read_file
from gridhall.metering.retention.holds import Holds
from gridhall.metering.retention.model import Counts, Progress
from gridhall.metering.retention.policy import RetentionPolicy
from gridhall.metering.retention.repository import RetentionRepository
from gridhall.metering.retention.rows import BadArchiveError

PAGE: Final = 200
"""Points of one page: about 25,000 days of all channels a month, some 10 MB."""

_AT_ONCE: Final = 1000

_DOOR_FIRST: Final = timedelta(days=1)
"""The feed refuses readings of days past their time by the month of UTC. Detail goes a day later, so that no reading
which was let in before finds its day gone: what is laid over nothing would be a part of a day, in no total."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What retention needs."""

    policy: RetentionPolicy
    points: PointRepository
    detail: RetentionRepository
    archive: ArchiveStore
    holds: Holds


async def run_page(*, retention: Retention, region: str, today: date) -> Counts | None:
    """Do the next page of a region's points; None where this month's pass has come to its end.

    What is held back, or was brought back from the archive, stays; the next month's pass looks at it again.
    """
    progress = await _of_this_month(retention, region, today)
    if progress.finished:
        return None
    counts, progress = await _page(retention, progress, today=today - _DOOR_FIRST, dry=False)
    await retention.detail.save(progress)
    return counts


async def plan(*, retention: Retention, region: str, today: date) -> Counts:
    """Count what a whole pass through a region would do now, and change nothing."""
    counts = Counts()
    progress = await retention.detail.progress(region)
    progress = replace(progress, after=None, finished=False, held={})
    while not progress.finished:
        of_page, progress = await _page(retention, progress, today=today - _DOOR_FIRST, dry=True)
        counts += of_page
    return counts


async def restore(*, file: Path, detail: RetentionRepository, keep_days: int, today: date) -> tuple[str, Month, int]:
    """Bring the days of an archive file back as they were; return region, month and how many were not there.

    They stay for `keep_days`, after which the next pass archives them again. Raises BadArchiveError; what came
    before the damage is back then.
    """
    (region, month), rows = read_file(file)
    await detail.note_restored(region, month, until=today + timedelta(days=keep_days))
    came = 0
    while some := list(islice(rows, _AT_ONCE)):
        days = [bucket for bucket, older in some if not older]
        came += await detail.bring_back(days, [bucket for bucket, older in some if older])
    return region, month, came


async def _of_this_month(retention: Retention, region: str, today: date) -> Progress:
    """Return the pass that is under way, or begin the next one: one a month, and none that was finished again."""
    progress = await retention.detail.progress(region)
    over = [name for name, until in progress.restored.items() if until <= today]
    month = Month.of(today - _DOOR_FIRST)
    if progress.pass_of == month and not over:
        return progress
    await retention.detail.forget_restored(region, over)
    # What was brought back lies before what is done: the pass goes back there.
    done = {name: min([behind, *over]) for name, behind in progress.done.items()}
    restored = {name: until for name, until in progress.restored.items() if name not in over}
    begun = replace(progress, pass_of=month, after=None, finished=False, done=done, held={}, restored=restored)
    await retention.detail.save(begun)
    return begun


async def _page(retention: Retention, progress: Progress, *, today: date, dry: bool) -> tuple[Counts, Progress]:
    points = await retention.points.page(region=progress.region, after=progress.after, limit=PAGE)
    counts, held = Counts(points=len(points)), dict(progress.held)
    for supply_class, of_class in groupby(sorted(points, key=_class), key=_class):
        kept_from = retention.policy.kept_from(supply_class, today=today)
        if kept_from is None:
            continue
        some = list(of_class)
        counts += await _findings(retention, some, supply_class, today=today, dry=dry)
        for month in _months(some, progress.done.get(supply_class), kept_from):
            stay = {point.id for point in some} if month in progress.restored else await retention.holds.of(some, month)
            going = [point.id for point in some if point.id not in stay]
            of_month = await _do(retention, progress.region, month, going, dry=dry)
            if stay and (left := await retention.detail.count(list(stay), month.days))[0]:
                counts += Counts(held=left[0])
                held[supply_class] = min(month, held.get(supply_class, month))
            counts += of_month
    finished = len(points) < PAGE
    done = dict(progress.done)
    if finished:
        for supply_class in retention.policy.months:
            kept_from = retention.policy.kept_from(supply_class, today=today)
            if kept_from:
                done[supply_class] = held.get(supply_class, Month.of(kept_from))
    after = points[-1].id if points else progress.after
    return counts, replace(progress, after=after, finished=finished, held=held, done=done)


async def _findings(
    retention: Retention, points: Sequence[ServicePoint], supply_class: str, *, today: date, dry: bool
) -> Counts:
    """Delete what the checks found so long ago that nobody may ask any more; what is held stays with its detail."""
    before = retention.policy.findings_from(supply_class, today=today)
    if before is None:
        return Counts()
    stay = await retention.holds.of(points, before.shift(-1))
    going = [point.id for point in points if point.id not in stay]
    gone = retention.detail.count_findings if dry else retention.detail.delete_findings
    return Counts(findings=await gone(going, before))


async def _do(retention: Retention, region: str, month: Month, point_ids: Sequence[UUID], *, dry: bool) -> Counts:
    if dry:
        days, revisions = await retention.detail.count(point_ids, month.days)
        files = 1 if days and retention.policy.mode == "archive" else 0
        return Counts(days=days, revisions=revisions, files=files)
    current = await retention.detail.days(point_ids, month.days)
    older = await retention.detail.revisions(point_ids, month.days)
    if not current and not older:
        return Counts()
    counts = Counts(revisions=len(older))
    if retention.policy.mode == "archive":
        await asyncio.to_thread(_archive, retention.archive, region, month, current, older)
        counts.files = 1
    counts.days = await retention.detail.delete(current, older)
    return counts


def _archive(
    archive: ArchiveStore, region: str, month: Month, current: Iterable[DayBucket], older: Iterable[DayBucket]
) -> None:
    """Write days to the archive and read them back; nothing may be deleted before. Raises ArchiveDiffersError."""
    days = sorted(
        [*((bucket, False) for bucket in current), *((bucket, True) for bucket in older)],
        key=lambda one: (one[0].key, one[0].revision),
    )
    name = archive.write(region=region, month=month, first=point_of(days[0][0].key), days=days)
    try:
        same = list(archive.read(name)) == days
    except BadArchiveError:
        same = False
    if not same:
        raise ArchiveDiffersError(name)


def _months(points: Sequence[ServicePoint], done: Month | None, kept_from: date) -> list[Month]:
    """Return the months that are past their time and not done: of a first pass, from the first meter's first day on."""
    first = done or min(
        (Month.of(link.from_day) for point in points for link in point.links), default=Month.of(kept_from)
    )
    months = []
    while first < Month.of(kept_from):
        months.append(first)
        first = first.shift(1)
    return months


def _class(point: ServicePoint) -> str:
    return point.supply_class


class ArchiveDiffersError(RuntimeError):
    """An archive file does not say what was written to it; nothing was deleted."""

    def __init__(self, name: str) -> None:
        super().__init__(f"archive file {name} does not read back as it was written; its days stay in the database")

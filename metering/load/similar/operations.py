"""Counting the homes of a region by use: page by page, in bounded memory, and again from where it stopped."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from gridhall.kit.localdays import Month
from gridhall.metering.histories.queries import period_totals
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.load.similar.mean_day import mean_day
from gridhall.metering.load.similar.model import LEAST_HOMES, Group, GroupFigures, group_of, groups_of
from gridhall.metering.load.similar.repository import Count, SimilarRepository
from gridhall.metering.load.similar.sketch import bin_of, quantile
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.points.repository import PointRepository

PAGE: Final = 500
PAGES_AT_ONCE: Final = 100
"""After so many pages the caller is asked to come again, so that no job runs into its time limit."""


@dataclass(frozen=True, slots=True)
class Similar:
    """Where homes are read, and their groups kept."""

    points: PointRepository
    histories: HistoryRepository
    groups: SimilarRepository


async def count_homes(
    *, similar: Similar, region: str, month: Month, today: date, now: datetime, pages: int = PAGES_AT_ONCE
) -> bool:
    """Count the homes of a region's ended month, at most `pages` pages of them; tell whether all are counted.

    Every page is counted once, whoever counts it and however often it is tried. The figures are written when the
    last page is in; until then those of the last count stay. On the next day it begins anew, since late readings
    come.
    """
    for _ in range(pages):
        count = await similar.groups.begin(region=region, month=month, on=today)
        if count.done:
            return True
        page = await similar.points.page(region=region, after=count.after, limit=PAGE)
        if not page:
            figures, small = _figures(count, now=now)
            await similar.groups.put(figures, small=small)
            await similar.groups.finish(count)
            return True
        await similar.groups.add(count, bins=await _bins(similar, page, month), last=page[-1].id)
    return False


async def _bins(similar: Similar, page: Sequence[ServicePoint], month: Month) -> dict[str, Counter[int]]:
    totals = await period_totals(point_ids=[point.id for point in page], days=month.days, histories=similar.histories)
    bins: dict[str, Counter[int]] = {}
    for point in page:
        group, found = group_of(point, month=month), totals.get(point.id)
        kwh = mean_day(found, days=len(month.days)) if found else None
        if group is not None and isinstance(kwh, Decimal):
            bins.setdefault(group.local, Counter())[bin_of(kwh)] += 1
    return bins


def _figures(count: Count, *, now: datetime) -> tuple[list[GroupFigures], list[Group]]:
    """Return the figures of the groups that are large enough, and the other groups."""
    figures, small = [], []
    for group in groups_of(count.region, count.month):
        bins = count.bins.get(group.local, {})
        homes = sum(bins.values())
        if homes < LEAST_HOMES:
            small.append(group)
            continue
        efficient, below, median, above, top = (quantile(bins, per_cent=part) for part in (20, 40, 50, 60, 80))
        figures.append(GroupFigures(group, homes, efficient, below, median, above, top, now))
    return figures, small

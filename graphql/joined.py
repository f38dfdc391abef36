"""Readers whose reads travel together: what many requests ask for at one moment is one round trip each.

They look to the rooms like the repositories behind them.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import Billed
from gridhall.billing.bills.repository import BillRepository
from gridhall.kit.loader import Loader
from gridhall.kit.localdays import Month
from gridhall.metering.histories.model import MonthOfDays
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.points.model import ServicePoint

BilledSince = tuple[AccountId, Month]


class JoinedMonths:
    """Totals of months by key: the tiers and the days of one screen mostly ask for the same ones."""

    def __init__(self, histories: HistoryRepository) -> None:
        self._months: Loader[bytes, MonthOfDays] = Loader(histories.months)

    async def months(self, keys: Collection[bytes]) -> Mapping[bytes, MonthOfDays]:
        """Return those of the months that are kept, by key."""
        found = await asyncio.gather(*(self._months.load(key) for key in keys))
        return {key: month for key, month in zip(keys, found, strict=True) if month is not None}


class JoinedPoints:
    """Service points by id."""

    def __init__(self, points: Loader[UUID, ServicePoint]) -> None:
        self._points = points

    async def by_ids(self, ids: Collection[UUID]) -> Mapping[UUID, ServicePoint]:
        """Return those of the points that exist, by id."""
        found = await asyncio.gather(*(self._points.load(id_) for id_ in ids))
        return {point.id: point for point in found if point is not None}


class JoinedBilled:
    """What was billed to accounts."""

    def __init__(self, bills: BillRepository) -> None:
        self._bills = bills
        self._billed: Loader[BilledSince, list[Billed]] = Loader(self._fetch)

    async def billed(self, account_ids: Iterable[AccountId], *, month: Month) -> Mapping[AccountId, Sequence[Billed]]:
        """Return what was billed to accounts for a month and later; rejected bills are left out."""
        wanted = list(account_ids)
        found = await asyncio.gather(*(self._billed.load((account_id, month)) for account_id in wanted))
        return {account_id: billed or [] for account_id, billed in zip(wanted, found, strict=True)}

    async def _fetch(self, wanted: list[BilledSince]) -> dict[BilledSince, list[Billed]]:
        found: dict[BilledSince, list[Billed]] = {}
        for month in {month for _, month in wanted}:
            ids = [account_id for account_id, since in wanted if since == month]
            billed = await self._bills.billed(ids, month=month)
            found |= {(account_id, month): billed[account_id] for account_id in ids}
        return found

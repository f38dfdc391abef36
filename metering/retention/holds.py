"""Points whose detail has to stay although its time is over: its days are not closed, or somebody looks into them."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from uuid import UUID

from gridhall.kit.localdays import Month
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.closings.model import closing_key
from gridhall.metering.closings.repository import ClosingRepository
from gridhall.metering.points.model import ServicePoint

Watcher = Callable[[Collection[UUID]], Awaitable[set[UUID]]]
"""Whoever knows points that are being looked into: returns those of the points whose detail is needed."""


class Holds:
    """Asks everybody who may hold detail back.

    needs_closing: whether days stay until a bill stands on them; a supplier that is billed elsewhere closes no days
    here and sets it to false.
    """

    def __init__(self, *, closings: ClosingRepository, watchers: Sequence[Watcher], needs_closing: bool) -> None:
        self._closings = closings
        self._watchers = watchers
        self._needs_closing = needs_closing

    async def of(self, points: Collection[ServicePoint], month: Month) -> set[UUID]:
        """Return those of the points whose detail of a month stays."""
        ids = {point.id for point in points}
        held = set[UUID]()
        if self._needs_closing:
            keys = {closing_key(id_, IMPORT_KWH): id_ for id_ in ids}
            known = await self._closings.of(keys)
            end = month.shift(1).first
            held = {id_ for key, id_ in keys.items() if key not in known or known[key].until < end}
        for watcher in self._watchers:
            held |= await watcher(ids - held)
        return held

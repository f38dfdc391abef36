"""The meters that the feed met lately, kept in the process: a stream names the same meters over and over."""

from collections.abc import Collection
from datetime import datetime, timedelta

from gridhall.metering.points.model import KnownMeter
from gridhall.metering.points.repository import PointRepository

_KEPT_FOR = timedelta(seconds=60)
_MOST = 200_000


class Directory:
    """Answers which meters are known, asking MongoDB at most once a batch and only for those not met lately.

    A changed link is seen within 60 seconds. A number that is unknown is asked for every time, so a meter that
    was registered a moment ago is taken at once.
    """

    def __init__(self, points: PointRepository) -> None:
        self._points = points
        self._kept: dict[str, tuple[datetime, KnownMeter]] = {}

    def forget(self, numbers: Collection[str]) -> None:
        """Ask MongoDB for these meters next time: somebody has just changed their links."""
        for number in numbers:
            self._kept.pop(number, None)

    async def find(self, numbers: Collection[str], *, now: datetime) -> dict[str, KnownMeter]:
        """Return those of the meters that are known, by number."""
        oldest = now - _KEPT_FOR
        found = {number: kept[1] for number in numbers if (kept := self._kept.get(number)) and kept[0] >= oldest}
        missing = [number for number in numbers if number not in found]
        if missing:
            fresh = await self._points.known(missing)
            if len(self._kept) + len(fresh) > _MOST:
                self._kept.clear()
            self._kept.update((number, (now, meter)) for number, meter in fresh.items())
            found |= fresh
        return found

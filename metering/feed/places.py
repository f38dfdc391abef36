"""Where a refused row belongs, so that those see it who look after that place. Pure."""

from collections.abc import Mapping

from gridhall.metering.feed.quarantine import KeptRow
from gridhall.metering.points.model import KnownMeter

Place = tuple[str | None, str]
"""Region and organisation; None is everywhere."""

EVERYWHERE: Place = (None, "")


def places_of(row: KeptRow, known: Mapping[str, KnownMeter]) -> list[Place]:
    """Return the places of a row: where its meter hangs or hung, else everything that its sender may write.

    A meter outside its sender's scope tells nothing of the row: the sender named a wrong one.
    """
    meter = known.get(row.meter or "")
    if meter:
        found: list[Place] = [
            (point.region, point.org_path)
            for point in meter.points
            if row.regions is None or (point.region in row.regions and row.scope.may_write(point.org_path))
        ]
        if found:
            return found
    if not row.regions:
        return [EVERYWHERE]
    return [(region, path) for region in sorted(row.regions) for path in sorted(row.org_paths) or [""]]

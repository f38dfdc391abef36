"""A region cut into chunks: whole transformer districts together, so that a chunk has neighbours and losses in it."""

from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from gridhall.metering.points.repository import PointRepository

POINTS: Final = 300
"""About so many points are read at once. Twelve weeks of half hours of them are some ten megabytes as arrays."""


async def chunks(*, points: PointRepository, region: str, size: int = POINTS) -> AsyncIterator[tuple[UUID, ...]]:
    """Yield the points of a region; no district is cut, so one that is larger than `size` is a chunk by itself.

    Only one chunk is held at a time. Points of no known district may be parted anywhere.
    """
    chunk: list[UUID] = []
    district: list[UUID] = []
    present: str | None = None
    async for code, point_id in points.walk(region=region):
        if code != present or code is None:
            if len(chunk) + len(district) > size and chunk:
                yield tuple(chunk)
                chunk = []
            chunk += district
            present, district = code, []
        district.append(point_id)
    if len(chunk) + len(district) > size and chunk:
        yield tuple(chunk)
        chunk = []
    if chunk or district:
        yield (*chunk, *district)

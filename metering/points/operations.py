"""Registering service points and meters, many at once."""

from collections.abc import Sequence
from itertools import combinations
from zoneinfo import ZoneInfo

from gridhall.metering.calendars import calendar
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.repository import PointRepository

_AT_ONCE = 1000

Place = tuple[ServicePoint, MeterLink]


async def register_points(
    *, points: Sequence[ServicePoint], meters: Sequence[Meter], repository: PointRepository
) -> None:
    """Write points and meters; an id or a number that exists takes the new state, the same again changes nothing.

    Raises OverlappingLinksError where a point would have two meters on one day or a meter two points,
    TwoZonesError where a meter would have points in two time zones (the feed reads its local days by one),
    UnknownCalendarError and ZoneInfoNotFoundError where a point names a calendar or a zone that is not there.
    A running feed sees the change once its `Directory` asks again.
    """
    for point in points:
        calendar(point.calendar)
        ZoneInfo(point.zone)
        _refuse_overlaps(point.links, of=f"point {point.id}")
    for number, places in (await _places_of_meters(points, repository)).items():
        _refuse_overlaps([link for _, link in places], of=f"meter {number}")
        zones = {point.zone for point, _ in places}
        if len(zones) > 1:
            raise TwoZonesError(number, zones)
    for first in range(0, max(len(points), len(meters)), _AT_ONCE):
        until = first + _AT_ONCE
        await repository.put(points[first:until], meters[first:until])


async def _places_of_meters(points: Sequence[ServicePoint], repository: PointRepository) -> dict[str, list[Place]]:
    """Return every place of the meters named by `points`, with those that they have at points registered earlier."""
    places: dict[str, list[Place]] = {}
    for point in points:
        for link in point.links:
            places.setdefault(link.meter, []).append((point, link))
    given, numbers = {point.id for point in points}, list(places)
    for first in range(0, len(numbers), _AT_ONCE):
        for point in await repository.points_of(numbers[first : first + _AT_ONCE]):
            if point.id not in given:
                for link in point.links:
                    if link.meter in places:
                        places[link.meter].append((point, link))
    return places


def _refuse_overlaps(links: Sequence[MeterLink], *, of: str) -> None:
    for one, other in combinations(links, 2):
        if one.overlaps(other):
            raise OverlappingLinksError(of, one, other)


class OverlappingLinksError(ValueError):
    """Two links of one point, or of one meter, share a day."""

    def __init__(self, of: str, one: MeterLink, other: MeterLink) -> None:
        super().__init__(
            f"{of}: meter {one.meter} from {one.from_day} and meter {other.meter} from {other.from_day} overlap; "
            "give the earlier link a to_day at or before the later one's from_day"
        )


class TwoZonesError(ValueError):
    """A meter would hang at points of different time zones."""

    def __init__(self, number: str, zones: set[str]) -> None:
        super().__init__(f"meter {number}: its points lie in {' and '.join(sorted(zones))}; all must be in one zone")

"""Reading routes, lists and rates."""

from collections.abc import Collection
from dataclasses import dataclass

from gridhall.kit.localdays import Month
from gridhall.metering.rounds.rates import Tally
from gridhall.metering.rounds.stores import Rounds


@dataclass(frozen=True, slots=True)
class Rate:
    """What one person did of one route in a month. route: '' for silent meters on none. person: '' for nobody."""

    route: str
    person: str
    tally: Tally

    @property
    def key(self) -> tuple[str, str]:
        """Its place in the order of a page."""
        return self.route, self.person


async def rates(
    *,
    rounds: Rounds,
    region: str,
    units: Collection[str],
    month: Month,
    after: tuple[str, str] | None = None,
    limit: int,
) -> list[Rate]:
    """Return the rates of a region's lists of a month, a route and person, from behind `after`."""
    found = await rounds.lists.rates(region=region, units=units, days=month.days, after=after, limit=limit)
    return [Rate(route, person, tally) for route, person, tally in found]

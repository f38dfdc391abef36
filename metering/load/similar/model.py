"""Homes that may be compared: of one region, class and size."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from gridhall.kit.localdays import Month
from gridhall.metering.points.model import ServicePoint

SIZES_KW: Final = (4, 6, 8, 10, 15, 20, 40)
"""Upper ends of the size bands, in contracted kW; above the last is a band too."""

LEAST_HOMES: Final = 11
"""A smaller group is not shown: who knows the others could work out one of them. A home is one among ten others."""

COMPARED: Final = frozenset({"residential", "commercial"})


@dataclass(frozen=True, slots=True)
class Group:
    """Homes of one region, class and size band in a month.

    above_kw, upto_kw: the band, None where it is open; both None where no contracted power is known.
    """

    region: str
    supply_class: str
    month: Month
    above_kw: int | None
    upto_kw: int | None

    @property
    def key(self) -> str:
        """The name under which the group is kept."""
        return f"{self.region}:{self.month}:{self.local}"

    @property
    def local(self) -> str:
        """Its name among the groups of one region and month."""
        if self.above_kw is None and self.upto_kw is None:
            return f"{self.supply_class}-any"
        return f"{self.supply_class}-{self.above_kw or 0}-{self.upto_kw or 'up'}"


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """What is kept of a group: a count and four quantiles of the mean day, and nothing of any one home.

    efficient, below, median, above, top: kWh a day that 20, 40, 50, 60 and 80 % of the homes stay within.
    """

    group: Group
    homes: int
    efficient: Decimal
    below: Decimal
    median: Decimal
    above: Decimal
    top: Decimal
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A home among similar ones. own: its mean day in kWh. fifth: 1 for the fifth that uses least, to 5."""

    figures: GroupFigures
    own: Decimal
    fifth: int


def group_of(point: ServicePoint, *, month: Month) -> Group | None:
    """Return the group in which a point is compared; None for what is no home or shop."""
    if point.supply_class not in COMPARED:
        return None
    above, upto = _band(point.capacity_kw)
    return Group(point.region, point.supply_class, month, above, upto)


def groups_of(region: str, month: Month) -> list[Group]:
    """Return every group that there may be in a region and month."""
    bands = [(None, None), *zip((None, *SIZES_KW), (*SIZES_KW, None), strict=True)]
    return [Group(region, supply_class, month, *band) for supply_class in sorted(COMPARED) for band in bands]


def _band(capacity_kw: int | None) -> tuple[int | None, int | None]:
    if capacity_kw is None:
        return None, None
    floor = None
    for ceiling in SIZES_KW:
        if capacity_kw <= ceiling:
            return floor, ceiling
        floor = ceiling
    return floor, None


def fifth_of(own: Decimal, figures: GroupFigures) -> int:
    """Return in which fifth of its group a mean day lies, 1 for the one that uses least."""
    return 1 + sum(own > border for border in (figures.efficient, figures.below, figures.above, figures.top))

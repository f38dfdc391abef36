"""Service points and the meters that hang on them, each link with the days on which it holds."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from gridhall.kit.localdays import DAY_MINUTES
from gridhall.metering.channels import IMPORT_KWH

SLOT_MINUTES = (5, 10, 15, 30, 60, DAY_MINUTES)
CLASSES = ("residential", "commercial", "district")
MAX_SCALE = 6
MAX_MULTIPLIER = 100_000
MAX_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Meter:
    """A meter asset.

    number: what is written on it, unique among all meters.
    scale: decimals of the kWh (or kVArh) that it counts; nothing finer is taken from it.
    interval_minutes: length of its slots; DAY_MINUTES of one that tells the energy of days and no curve.
    digits: whole digits that its registers show before they begin again at 0, None where that is not known.
    remote: it sends its reads itself; where it does not, or falls silent, somebody goes and reads it.
    """

    number: str
    scale: int = 3
    interval_minutes: int = 15
    channels: frozenset[str] = frozenset({IMPORT_KWH})
    digits: int | None = None
    remote: bool = True

    def __post_init__(self) -> None:
        if self.digits is not None and not 1 <= self.digits <= MAX_DIGITS:
            raise ValueError(f"meter {self.number}: digits must be 1 to {MAX_DIGITS}")
        if self.interval_minutes not in SLOT_MINUTES:
            raise ValueError(f"meter {self.number}: interval_minutes must be one of {SLOT_MINUTES}")
        if not 0 <= self.scale <= MAX_SCALE:
            raise ValueError(f"meter {self.number}: scale must be 0 to {MAX_SCALE}")


@dataclass(frozen=True, slots=True)
class MeterLink:
    """A meter at a point from `from_day` until before `to_day` (None: still there).

    multiplier (倍率): what the meter counts, times this, is the energy of the point.
    """

    meter: str
    from_day: date
    to_day: date | None = None
    multiplier: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.multiplier <= MAX_MULTIPLIER:
            raise ValueError(f"meter {self.meter}: multiplier must be 1 to {MAX_MULTIPLIER}")
        if self.to_day is not None and self.to_day <= self.from_day:
            raise ValueError(f"meter {self.meter}: to_day must be later than from_day")

    def holds_on(self, day: date) -> bool:
        """Tell whether the meter hangs at the point on a local day."""
        return self.from_day <= day and (self.to_day is None or day < self.to_day)

    def overlaps(self, other: "MeterLink") -> bool:
        """Tell whether the two links share a day."""
        return (self.to_day is None or other.from_day < self.to_day) and (
            other.to_day is None or self.from_day < other.to_day
        )


@dataclass(frozen=True, slots=True)
class ServicePoint:
    """A place that is supplied.

    org_path: the supplier's units that are in charge, from the top, joined by `/`.
    zone: IANA time zone of its local days. calendar: code of its time-of-use calendar.
    supply_class: whom it supplies, one of CLASSES; `district` is the sum meter (台区总表) of a transformer district.
    district: code of the transformer district (台区) that feeds it, None where that is not known.
    capacity_kw: the contracted power, None where none is agreed; the size by which homes are compared.
    place: where its meter hangs (degrees of latitude and longitude), None where nobody noted it.
    """

    id: UUID
    region: str
    org_path: str
    zone: str
    calendar: str
    links: tuple[MeterLink, ...] = ()
    supply_class: str = "residential"
    district: str | None = None
    capacity_kw: int | None = None
    place: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.supply_class not in CLASSES:
            raise ValueError(f"point {self.id}: supply_class must be one of {CLASSES}")

    def link_on(self, day: date) -> MeterLink | None:
        """Return the link of the meter that counts on a local day."""
        return next((link for link in self.links if link.holds_on(day)), None)

    def links_within(self, start: date, end: date | None) -> tuple[MeterLink, ...]:
        """Return its links from a day until before another (None: for good), cut to these days."""
        cut = (
            (link, max(link.from_day, start), min(filter(None, (link.to_day, end)), default=None))
            for link in self.links
        )
        return tuple(
            replace(link, from_day=first, to_day=last) for link, first, last in cut if last is None or first < last
        )


@dataclass(frozen=True, slots=True)
class KnownMeter:
    """A meter together with every point at which it hangs or hung: all that the feed asks about it."""

    meter: Meter
    points: tuple[ServicePoint, ...]

    def point_on(self, day: date) -> tuple[ServicePoint, MeterLink] | None:
        """Return the point that the meter counts for on a local day, with the link, if there is one."""
        for point in self.points:
            for link in point.links:
                if link.meter == self.meter.number and link.holds_on(day):
                    return point, link
        return None

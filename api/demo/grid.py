"""The demo's grid: transformer districts (台区) with sum meters, and one meter past which a wire was laid."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from gridhall.kit.localdays import Days
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.simulators.households import Household, district_lines

BYPASSED = 24
"""Index of the household whose meter is bypassed."""

_NAMESPACE = UUID("5a0a1f3a-6f5d-4b0e-9f31-8f3f2c2a7d55")
_HOMES = 15
_SHARE = 0.7
_BYPASSED_DAYS = 45
_LOSS = 0.03
_METERS = {"zhejiang": "3399", "shaanxi": "6199"}


@dataclass(frozen=True, slots=True)
class District:
    """Households behind one transformer."""

    region: str
    number: int
    members: tuple[Household, ...]

    @property
    def code(self) -> str:
        """What the supplier calls the district."""
        return f"{self.region}-tq{self.number:02d}"

    @property
    def meter(self) -> str:
        """What is written on the sum meter (台区总表)."""
        return f"{_METERS[self.region]}{self.number:08d}"

    def point(self, *, zone: str, since: date) -> ServicePoint:
        """Return where the sum meter hangs."""
        return ServicePoint(
            id=uuid5(_NAMESPACE, self.code),
            region=self.region,
            org_path=f"gridhall/{self.region}",
            zone=zone,
            calendar="single",
            links=(MeterLink(self.meter, since),),
            supply_class="district",
            district=self.code,
        )

    def asset(self) -> Meter:
        """Return the sum meter."""
        return Meter(self.meter)

    def lines(self, *, days: Days, zone: str) -> Iterator[bytes]:
        """Yield what a head-end would send of the sum meter."""
        return district_lines(self.members, meter_no=self.meter, loss=_LOSS, days=days, zone=zone)


def districts(households: Sequence[Household]) -> tuple[District, ...]:
    """Cut the households of every region into districts."""
    by_region: dict[str, list[Household]] = {}
    for one in households:
        by_region.setdefault(one.region, []).append(one)
    return tuple(
        District(region, number, tuple(homes[first : first + _HOMES]))
        for region, homes in by_region.items()
        for number, first in enumerate(range(0, len(homes), _HOMES), start=1)
    )


def with_bypass(households: Sequence[Household], *, today: date, kept_in: Path) -> tuple[Household, ...]:
    """Return the households, one of them bypassed for 45 days at the demo's first start; the day is kept in a file."""
    if not kept_in.exists():
        kept_in.parent.mkdir(parents=True, exist_ok=True)
        kept_in.write_text((today - timedelta(days=_BYPASSED_DAYS)).isoformat())
    since = date.fromisoformat(kept_in.read_text())
    return tuple(
        replace(one, bypassed=_SHARE, bypassed_since=since) if index == BYPASSED else one
        for index, one in enumerate(households)
    )

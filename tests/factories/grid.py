"""A region whose homes hang behind transformers with sum meters, with what their meters sent stored as days."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np

from gridhall.kit.mongo import Mongo
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.irregular.curves import Floats
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository

ZONE, REGION, ORG = "Asia/Shanghai", "zhejiang", "grid/hangzhou"
SINCE = date(2026, 1, 1)


def home_id(index: int) -> UUID:
    """The point of a home."""
    return UUID(int=1000 + index)


async def a_grid(mongo: Mongo, *, sent: Floats, true: Floats, end: date, districts: int = 2) -> list[ServicePoint]:
    """Register homes, every n-th behind transformer T000, T001 and so on, and store their days until before `end`.

    sent: what the homes' meters sent. true: what flowed to them; the sum meters saw it and three percent of loss.
    """
    homes = [_point(home_id(index), f"H{index:04d}", index % districts) for index in range(len(sent))]
    meters = [_point(UUID(int=1 + one), f"S{one:04d}", one, supply_class="district") for one in range(districts)]
    links = [link.meter for point in (*homes, *meters) for link in point.links]
    assets = [Meter(number, scale=3, interval_minutes=30) for number in links]
    await register_points(points=[*homes, *meters], meters=assets, repository=PointRepository(mongo))
    chance = np.random.default_rng(5)
    energy = {point.id: sent[index] for index, point in enumerate(homes)}
    for one, point in enumerate(meters):
        flowed = true[one::districts].sum(axis=0)
        energy[point.id] = flowed * (1.03 + chance.normal(0, 0.003, flowed.shape))
    await store(mongo, energy, end=end)
    return [*homes, *meters]


async def store(mongo: Mongo, energy: dict[UUID, Floats], *, end: date) -> None:
    """Store days of half hours that end before a day."""
    pieces = [
        DayPiece(
            key=day_key(point_id, IMPORT_KWH, end - timedelta(days=len(days) - offset)),
            minutes=30,
            scale=3,
            zone=ZONE,
            calendar="zhejiang-tou",
            values=np.rint(day * 1000).astype(int).tolist(),
            quality=bytearray(len(day)),
        )
        for point_id, days in energy.items()
        for offset, day in enumerate(days)
    ]
    await record(pieces=pieces, histories=HistoryRepository(mongo), now=datetime(2026, 11, 1, tzinfo=UTC))


def _point(id_: UUID, meter: str, district: int, *, supply_class: str = "residential") -> ServicePoint:
    return ServicePoint(
        id_,
        REGION,
        ORG,
        ZONE,
        "zhejiang-tou",
        (MeterLink(meter, SINCE),),
        supply_class=supply_class,
        district=f"T{district:03d}",
    )

"""Points without a smart meter, the route on which they lie, and what a reader brings back."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Month, day_start
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.registers.model import RegisterRead
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.rounds.model import Route
from gridhall.metering.rounds.reads import HandRead
from gridhall.metering.rounds.stores import REPOSITORIES, Rounds

ZONE = "Asia/Shanghai"
DAY = date(2026, 11, 1)
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
READER, COLLEAGUE, LEADER = UUID(int=101), UUID(int=102), UUID(int=103)


async def open_rounds(mongo: Mongo, **settings: Any) -> Rounds:  # noqa: ANN401 - any setting
    """The rounds on a test's database, with their indexes."""
    await mongo.ensure_indexes({one.collection_name: one.indexes for one in REPOSITORIES})
    return Rounds.open(mongo=mongo, settings=Settings(**settings))


async def manual_points(rounds: Rounds, *numbers: str, org_path: str = "grid/city", **meter: Any) -> list[ServicePoint]:  # noqa: ANN401 - any field
    """Points of Zhejiang with a meter of five digits each, read by hand at every reading day since July."""
    made: dict[str, Any] = {"scale": 2, "digits": 5, "remote": False, **meter}
    points = [
        ServicePoint(new_id(), "zhejiang", org_path, ZONE, "single", (MeterLink(number, date(2026, 1, 1)),))
        for number in numbers
    ]
    await register_points(points=points, meters=[Meter(number, **made) for number in numbers], repository=rounds.points)
    await record_reads(
        reads=[
            past_read(point, Month(2026, month).first, 100 * (month - 7)) for point in points for month in (7, 8, 9, 10)
        ],
        registers=rounds.registers,
        now=NOON,
    )
    return points


def past_read(point: ServicePoint, day: date, kwh: int, *, start: int = 1000) -> RegisterRead:
    """What the point's meter showed as a day began, `kwh` after `start`."""
    return RegisterRead(
        point_id=point.id,
        channel=IMPORT_KWH,
        meter=point.links[0].meter,
        day=day,
        at=day_start(day, ZONE),
        values={"total": (start + kwh) * 100},
        scale=2,
        quality=0,
    )


def a_route(points: list[ServicePoint], **changes: Any) -> Route:  # noqa: ANN401 - any field
    """The route of the points, read on the first of every month by `READER`."""
    fields: dict[str, Any] = {
        "code": "R1",
        "name": "望江路",
        "region": "zhejiang",
        "org_path": "grid/city",
        "points": tuple(point.id for point in points),
        "day": 1,
        "reader": READER,
    }
    return Route(**{**fields, **changes})


def a_hand_read(worklist: str, point: ServicePoint, total: str, **changes: Any) -> HandRead:  # noqa: ANN401 - any field
    """What `READER` read at noon of the reading day."""
    fields: dict[str, Any] = {
        "id": uuid4(),
        "worklist": worklist,
        "point_id": point.id,
        "meter": point.links[0].meter,
        "values": {"total": total},
        "taken_at": NOON,
        "by": READER,
    }
    return HandRead(**{**fields, **changes})

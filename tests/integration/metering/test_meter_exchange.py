"""A meter takes another's place: once, whole, and without losing what came before it was entered."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from gridhall.kit.localdays import day_start
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings
from gridhall.kit.subject import Refusal
from gridhall.metering.exchanges.model import Exchange, Exchanged
from gridhall.metering.exchanges.operations import exchange_meter
from gridhall.metering.exchanges.replaying import replay_exchanges
from gridhall.metering.feed.intake import take
from gridhall.metering.feed.model import FeedSource, IntakeReport
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.origin import How
from gridhall.metering.registers.queries import all_reads_at, reads_at
from gridhall.metering.services import REPOSITORIES, Metering
from tests.factories.rounds import NOON, ZONE, manual_points, past_read

DAY = date(2026, 10, 20)
AT = datetime(2026, 10, 20, 6, 30, tzinfo=UTC)
BY = UUID(int=7)


@pytest.fixture
async def metering(mongo: Mongo) -> Metering:
    await mongo.ensure_indexes({one.collection_name: one.indexes for one in REPOSITORIES})
    return Metering.open(mongo=mongo, settings=Settings())


@pytest.fixture
async def point(metering: Metering) -> ServicePoint:
    """A point whose meter OLD showed 1300 kWh on 1 October."""
    return (await manual_points(metering.rounds, "OLD"))[0]


def an_exchange(point: ServicePoint, **changes: Any) -> Exchange:  # noqa: ANN401 - any field
    fields: dict[str, Any] = {
        "id": uuid4(),
        "point_id": point.id,
        "at": AT,
        "old": "OLD",
        "new": Meter("NEW", scale=3),
        "multiplier": 1,
        "closing": {"total": "1361.50"},
        "opening": {"total": "2.5"},
        "by": BY,
        "reason": "轮换",
    }
    return Exchange(**{**fields, **changes})


async def done(metering: Metering, exchange: Exchange) -> Exchanged | Refusal:
    return await exchange_meter(exchange=exchange, stores=metering.exchanges, now=NOON)


async def feed(metering: Metering, day: date, total: str) -> IntakeReport:
    """Hand in what NEW showed as a day began."""

    async def chunks() -> AsyncIterator[bytes]:
        at = day_start(day, ZONE).isoformat()
        yield f'{{"meter":"NEW","at":"{at}","registers":{{"total":"{total}"}}}}\n'.encode()

    source = FeedSource("ami", None, "batch-1")
    return await take(
        chunks=chunks(), format="ndjson", source=source, stores=metering.stores, limits=metering.limits, now=NOON
    )


async def test_the_old_link_ends_the_new_begins_and_both_reads_are_kept(
    metering: Metering, point: ServicePoint
) -> None:
    assert isinstance(await done(metering, an_exchange(point, multiplier=40)), Exchanged)
    kept = (await metering.points.by_ids([point.id]))[point.id]
    assert kept.links == (MeterLink("OLD", date(2026, 1, 1), DAY), MeterLink("NEW", DAY, multiplier=40))
    reads = (await all_reads_at(point_ids=[point.id], days=[DAY], registers=metering.rounds.registers))[point.id, DAY]
    assert [(read.meter, read.closing, dict(read.values), read.multiplier) for read in reads] == [
        ("NEW", False, {"total": 2500}, 40),
        ("OLD", True, {"total": 136_150}, 1),
    ]
    assert {(read.origin.how, read.origin.by, read.origin.taken_at) for read in reads} == {(How.EXCHANGE, BY, AT)}
    opening = (await reads_at(point_ids=[point.id], days=[DAY], registers=metering.rounds.registers))[point.id, DAY]
    assert opening.meter == "NEW"


async def test_entering_it_twice_is_entering_it_once(metering: Metering, point: ServicePoint) -> None:
    exchange = an_exchange(point)
    first = await done(metering, exchange)
    assert await done(metering, exchange) == first
    assert await done(metering, replace(exchange, closing={"total": "1362"})) == Refusal("exchange.id_reused")


async def test_a_late_frozen_value_of_the_old_meter_stands_beside_its_closing_read(
    metering: Metering, point: ServicePoint
) -> None:
    await done(metering, an_exchange(point))
    frozen = replace(past_read(point, DAY, 350), closing=True)
    await record_reads(reads=[frozen], registers=metering.rounds.registers, now=NOON)
    reads = (await all_reads_at(point_ids=[point.id], days=[DAY], registers=metering.rounds.registers))[point.id, DAY]
    assert [dict(read.values) for read in reads if read.meter == "OLD"] == [{"total": 136_150}]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"at": NOON + timedelta(days=1)}, "exchange.in_future"),
        ({"old": "OTHER"}, "exchange.not_hanging"),
        ({"at": datetime(2026, 1, 1, 3, tzinfo=UTC)}, "exchange.hung_the_same_day"),
        ({"closing": {"total": "1299"}}, "exchange.closing_below_last"),
        ({"closing": {"total": "1361.555"}}, "exchange.bad_registers"),
        ({"opening": {"total": "-1"}}, "exchange.bad_registers"),
        ({"opening": {"total": "0", "peak": "0"}}, "exchange.other_registers"),
        ({"new": Meter("OLD")}, "exchange.same_meter"),
        ({"point_id": UUID(int=1)}, "exchange.no_such_point"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    metering: Metering, point: ServicePoint, changes: dict[str, Any], code: str
) -> None:
    refused = await done(metering, an_exchange(point, **changes))
    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert (await metering.points.by_ids([point.id]))[point.id] == point


async def test_a_meter_that_hangs_elsewhere_cannot_be_hung(metering: Metering, point: ServicePoint) -> None:
    await manual_points(metering.rounds, "NEW")
    assert await done(metering, an_exchange(point)) == Refusal("exchange.meter_elsewhere")


async def test_nothing_is_entered_before_a_later_exchange(metering: Metering, point: ServicePoint) -> None:
    await done(metering, an_exchange(point))
    earlier = an_exchange(point, at=AT - timedelta(days=9), new=Meter("THIRD"))
    assert await done(metering, earlier) == Refusal("exchange.later_exists")


async def test_another_multiplier_of_the_same_meter_begins_a_link(metering: Metering, point: ServicePoint) -> None:
    shown = {"total": "1361.5"}
    exchange = an_exchange(point, new=Meter("OLD"), multiplier=30, closing=shown, opening=shown)
    assert isinstance(await done(metering, exchange), Exchanged)
    kept = (await metering.points.by_ids([point.id]))[point.id]
    assert [(link.multiplier, link.from_day) for link in kept.links] == [(1, date(2026, 1, 1)), (30, DAY)]
    assert (await metering.rounds.meters.by_numbers(["OLD"]))["OLD"].digits == 5


async def test_readings_that_came_before_it_was_entered_are_taken_of_themselves(
    metering: Metering, point: ServicePoint
) -> None:
    day = DAY + timedelta(days=1)
    assert (await feed(metering, day, "9.25")).quarantined == 1
    await done(metering, an_exchange(point))
    assert await replay_exchanges(replaying=metering.replaying, now=NOON) == 1
    found = await reads_at(point_ids=[point.id], days=[day], registers=metering.rounds.registers)
    assert found[point.id, day].values == {"total": 9250}


async def test_a_feed_that_has_not_seen_the_link_yet_gets_a_second_replay(
    metering: Metering, point: ServicePoint
) -> None:
    await done(metering, an_exchange(point))
    assert await replay_exchanges(replaying=metering.replaying, now=NOON) == 0
    assert await replay_exchanges(replaying=metering.replaying, now=NOON + timedelta(minutes=1)) == 0
    assert len(await metering.replaying.exchanges.to_replay(now=NOON + timedelta(minutes=3), limit=5)) == 1
    await replay_exchanges(replaying=metering.replaying, now=NOON + timedelta(minutes=3))
    assert not await metering.replaying.exchanges.to_replay(now=NOON + timedelta(days=3), limit=5)

"""Customers' own reads that come, and are decided, at the same moment."""

import asyncio
from uuid import UUID, uuid4

import pytest

from gridhall.kit.blobs import BlobRepository
from gridhall.kit.mongo import Mongo
from gridhall.kit.subject import Refusal
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.registers.queries import reads_at
from gridhall.metering.rounds.own.model import OwnRead, OwnState
from gridhall.metering.rounds.own.operations import (
    DECIDED_BEFORE,
    MOST_WAITING,
    TOO_MANY,
    OwnShown,
    decide_read,
    propose_read,
)
from gridhall.metering.rounds.own.repository import OwnReadRepository
from gridhall.metering.rounds.stores import Rounds
from tests.factories.rounds import DAY, NOON, manual_points, open_rounds

JPEG = b"\xff\xd8\xff\xe0" + b"the meter in the hall" * 20
CUSTOMER = UUID(int=7)


@pytest.fixture
async def rounds(mongo: Mongo) -> Rounds:
    await mongo.ensure_indexes({one.collection_name: one.indexes for one in (OwnReadRepository, BlobRepository)})
    return await open_rounds(mongo)


@pytest.fixture
async def point(rounds: Rounds) -> ServicePoint:
    return (await manual_points(rounds, "M1"))[0]


@pytest.fixture
def own(mongo: Mongo) -> OwnReadRepository:
    return OwnReadRepository(mongo)


async def proposed(rounds: Rounds, own: OwnReadRepository, point: ServicePoint, total: str) -> OwnRead | Refusal:
    """Hand in a read that is more than the past makes likely, so that somebody has to decide."""
    photo = await rounds.blobs.put(JPEG, by=CUSTOMER, now=NOON)
    shown = OwnShown(uuid4(), CUSTOMER, point.links[0].meter, {"total": total}, NOON, (photo.id,))
    return await propose_read(point=point, shown=shown, read_day=1, rounds=rounds, own=own, now=NOON)


async def decided(rounds: Rounds, own: OwnReadRepository, read: OwnRead, by: int) -> OwnRead | Refusal:
    return await decide_read(
        read=read, confirm=bool(by % 2), by=UUID(int=by), reason="so it is", rounds=rounds, own=own, now=NOON
    )


async def test_of_many_decisions_at_once_one_is_made_and_only_that_one_is_done(
    rounds: Rounds, own: OwnReadRepository
) -> None:
    for point in await manual_points(rounds, *(f"M{number}" for number in range(2, 8))):
        read = await proposed(rounds, own, point, "2600")
        assert isinstance(read, OwnRead)
        assert read.state is OwnState.PROPOSED
        outcomes = await asyncio.gather(*(decided(rounds, own, read, by) for by in range(1, 9)))
        (made,) = [one for one in outcomes if isinstance(one, OwnRead)]
        assert outcomes.count(DECIDED_BEFORE) == 7
        assert (await own.load([read.id]))[read.id] == made
        found = await reads_at(point_ids=[point.id], days=[DAY], registers=rounds.registers)
        kept = found.get((point.id, DAY))
        assert (kept is not None and kept.origin.id == read.id) == (made.state is OwnState.CONFIRMED)


async def test_many_at_once_do_not_wait_in_greater_number_than_one_after_the_other(
    rounds: Rounds, own: OwnReadRepository, point: ServicePoint
) -> None:
    told = await asyncio.gather(*(proposed(rounds, own, point, f"{2600 + one}") for one in range(20)))
    waiting = [one for one in told if isinstance(one, OwnRead)]
    assert len(waiting) + told.count(TOO_MANY) == 20
    assert len(await own.proposed(region="zhejiang", limit=50)) == len(waiting) <= MOST_WAITING
    while isinstance(one := await proposed(rounds, own, point, "2700"), OwnRead):
        waiting.append(one)
    assert (one, len(waiting)) == (TOO_MANY, MOST_WAITING)

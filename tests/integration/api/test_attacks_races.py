"""Two people at the same thing at the same moment, and ids that belong to somebody else."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from gridhall.api.state import State
from gridhall.crm.agents.model import Agent, AgentRole
from gridhall.kit.blobs import Attachment
from gridhall.metering.exchanges.model import Exchange, Exchanged
from gridhall.metering.exchanges.operations import exchange_meter
from gridhall.metering.points.model import Meter, ServicePoint
from gridhall.metering.rounds.bringing import READ, bring_back
from gridhall.metering.rounds.making import make_worklist
from gridhall.metering.rounds.model import Worklist
from gridhall.metering.rounds.reads import HandRead
from tests.factories.agents import an_agent
from tests.factories.rounds import DAY, NOON, a_route, manual_points

JPEG = b"\xff\xd8\xff\xe0" + b"meter" * 100


@pytest.fixture
async def reader(state: State) -> Agent:
    return await an_agent(state, "chao.biao", role=AgentRole.READER)


@pytest.fixture
async def points(state: State) -> list[ServicePoint]:
    return await manual_points(state.metering.rounds, "OLD", "M2")


async def a_list(state: State, points: list[ServicePoint], reader: Agent, **where: str) -> Worklist:
    rounds = state.metering.rounds
    route = replace(a_route(points, reader=reader.id), **where)  # type: ignore[arg-type]
    await rounds.routes.put([route])
    made = await make_worklist(route=route, day=DAY, rounds=rounds, now=NOON)
    assert isinstance(made, Worklist)
    return made


def a_read(worklist: Worklist, point: ServicePoint, by: UUID, total: str = "1400", **changes: object) -> HandRead:
    fields: dict[str, object] = {
        "id": uuid4(),
        "worklist": worklist.id,
        "point_id": point.id,
        "meter": point.links[0].meter,
        "values": {"total": total},
        "taken_at": NOON,
        "by": by,
        **changes,
    }
    return HandRead(**fields)  # type: ignore[arg-type]


class TestExchanges:
    async def test_entered_by_two_at_once_happen_once(self, state: State, points: list[ServicePoint]) -> None:
        def entered(number: int) -> Exchange:
            return Exchange(
                id=uuid4(),
                point_id=points[0].id,
                at=datetime(2026, 10, 20, 6, tzinfo=UTC),
                old="OLD",
                new=Meter(f"NEW{number}", scale=3),
                multiplier=1,
                closing={"total": "1361.50"},
                opening={"total": "2.5"},
                by=UUID(int=number),
                reason="轮换",
            )

        works = (
            exchange_meter(exchange=entered(one), stores=state.metering.exchanges, now=NOON) for one in range(1, 6)
        )
        done = [one for one in await asyncio.gather(*works) if isinstance(one, Exchanged)]
        kept = (await state.metering.points.by_ids([points[0].id]))[points[0].id]
        assert len(done) == 1
        assert [link.meter for link in kept.links] == ["OLD", done[0].exchange.new.number]


class TestReads:
    async def test_of_one_id_from_two_readers_are_one_read(
        self, state: State, points: list[ServicePoint], reader: Agent
    ) -> None:
        worklist, rounds = await a_list(state, points, reader), state.metering.rounds
        read = a_read(worklist, points[0], reader.id)
        other = replace(read, by=uuid4(), values={"total": "1401"})
        works = (bring_back(worklist=worklist, reads=[one], rounds=rounds, now=NOON) for one in (read, other) * 4)
        told = [one for (one,) in await asyncio.gather(*works)]
        kept = (await rounds.reads.load([read.id]))[read.id].read
        assert {one.judged is not None for one in told if one.read == kept} == {True}
        assert {one.judged for one in told if one.read != kept} == {None}

    async def test_of_another_list_lend_their_photos_to_nobody(
        self, state: State, points: list[ServicePoint], reader: Agent
    ) -> None:
        rounds, blobs = state.metering.rounds, state.hall.blobs
        photo = (await blobs.put(JPEG, by=reader.id, now=NOON)).id
        mine = await a_list(state, points[:1], reader)
        read = a_read(mine, points[0], reader.id, photos=(photo,))
        await bring_back(worklist=mine, reads=[read], rounds=rounds, now=NOON)
        far = replace(mine, id="shaanxi/R9@2026-11-01", region="shaanxi", org_path="grid/far")
        await bring_back(worklist=far, reads=[replace(read, worklist=far.id, by=uuid4())], rounds=rounds, now=NOON)
        (kept,) = (await blobs.load([photo])).values()
        assert kept.attached == (Attachment(READ, str(read.id), mine.region, mine.org_path),)

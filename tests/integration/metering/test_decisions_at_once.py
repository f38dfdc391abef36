"""People who decide on the same thing at the same moment, on a real server: one decides, and only that is done."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import orjson
import pytest

from gridhall.kit.localdays import Days
from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Outbox
from gridhall.kit.settings import Settings
from gridhall.kit.subject import Refusal
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.feed.model import IntakeReport
from gridhall.metering.histories.queries import interval_series
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.vee.exceptions import deciding
from gridhall.metering.vee.exceptions.deciding import CHANGED, Decision
from gridhall.metering.vee.exceptions.model import REREAD_ASKED, DayException, ExceptionState
from gridhall.metering.vee.exceptions.repository import Wanted
from gridhall.metering.vee.running import Vee, run_chunk
from gridhall.metering.vee.services import open_vee
from tests.factories.rooms import all_documents

Feed = Callable[..., Awaitable[IntakeReport]]
NOW = datetime(2026, 10, 20, 2, tzinfo=UTC)
TODAY, DAY = date(2026, 10, 20), date(2026, 10, 15)
OF_DAY = Days(DAY, DAY + timedelta(days=1))


@pytest.fixture
async def vee(stores: IntakeStores, mongo: Mongo) -> Vee:
    assert stores
    await mongo.ensure_indexes({Outbox.collection_name: Outbox.indexes})
    return open_vee(mongo=mongo, settings=Settings())


@pytest.fixture
async def waiting(vee: Vee, feed: Feed, points: list[ServicePoint]) -> dict[bytes, ServicePoint]:
    """An exception at each of ten points, of a day of which the half is missing; by key."""
    rows = [
        orjson.dumps({"meter": f"M{one}", "day": DAY.isoformat(), "kwh": ["0.100"] * 48 + [None] * 48}).decode()
        for one in range(10)
    ]
    await feed("\n".join(rows), now=NOW)
    await run(vee, points)
    found = await vee.exceptions.page(Wanted("zhejiang"), after=None, limit=20)
    assert len(found) == 10
    by_id = {point.id: point for point in points}
    return {one.key: by_id[one.point_id] for one in found}


async def run(vee: Vee, points: list[ServicePoint]) -> None:
    await run_chunk(vee=vee, points=points, days=OF_DAY, today=TODAY, now=NOW)


async def all_at_once(vee: Vee, key: bytes, mongo: Mongo) -> list[DayException | Refusal]:
    """Four people who saw the same version: one accepts, one edits, one estimates, one asks for another read."""

    def decision(by: str) -> Decision:
        return Decision(key, 1, by, f"as {by} sees it")

    return list(
        await asyncio.gather(
            deciding.accept(vee=vee, decision=decision("accepts"), now=NOW),
            deciding.edit(vee=vee, decision=decision("edits"), kwh={60: Decimal("0.777")}, now=NOW),
            deciding.estimate(vee=vee, decision=decision("estimates"), today=TODAY, now=NOW),
            deciding.ask_reread(vee=vee, decision=decision("asks"), outbox=Outbox(mongo), now=NOW),
        )
    )


async def test_of_four_decisions_at_once_one_is_made_and_only_that_one_is_done(
    vee: Vee, waiting: dict[bytes, ServicePoint], mongo: Mongo
) -> None:
    for key, point in waiting.items():
        told = await all_at_once(vee, key, mongo)
        refused = [one for one in told if isinstance(one, Refusal)]
        assert CHANGED in refused
        kept = (await vee.exceptions.load([key]))[key]
        series = await interval_series(point=point, days=OF_DAY, histories=vee.bench.histories)
        asked = [one for one in await all_documents(mongo, "outbox") if one["kind"] == REREAD_ASKED]
        asked = [one for one in asked if one["payload"]["point_id"] == str(point.id)]
        assert (17 in series.quality) == (kept.state is ExceptionState.ACCEPTED)
        assert (series.values[60] == 777) == (kept.state is ExceptionState.EDITED)
        assert len(asked) == (kept.state is ExceptionState.REREAD)
        assert len(refused) >= 3
        assert kept.owner in {"accepts", "edits", "estimates", "asks"}


async def test_a_decision_that_was_begun_is_noted_though_the_nightly_run_came_between(
    vee: Vee, waiting: dict[bytes, ServicePoint]
) -> None:
    outcomes = await asyncio.gather(
        *(deciding.accept(vee=vee, decision=Decision(key, 1, "zhou", "it is right"), now=NOW) for key in waiting),
        *(run_chunk(vee=vee, points=[point], days=OF_DAY, today=TODAY, now=NOW) for point in waiting.values()),
    )
    for key, told in zip(waiting, outcomes, strict=False):
        kept = (await vee.exceptions.load([key]))[key]
        assert kept.state is ExceptionState.ACCEPTED, told
        assert [step.by for step in kept.steps].count("zhou") == 1


async def test_nothing_is_written_into_a_day_of_which_retention_has_left_only_the_total(
    vee: Vee, waiting: dict[bytes, ServicePoint], mongo: Mongo
) -> None:
    key = next(iter(waiting))
    await mongo["usage_days"].delete_one({"_id": key})
    decision = Decision(key, 1, "zhou", "it was so")
    edited = await deciding.edit(vee=vee, decision=decision, kwh={60: Decimal("0.777")}, now=NOW)
    estimated = await deciding.estimate(vee=vee, decision=decision, today=TODAY, now=NOW)
    assert edited == estimated == deciding.NOTHING_THERE
    assert await mongo["usage_days"].find_one({"_id": key}) is None

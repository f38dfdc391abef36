"""What the released code wrote of metering: read as it is, and by its migration what is written now."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gridhall.kit.mongo import Document, Mongo
from gridhall.metering.histories.keys import day_key
from gridhall.metering.irregular.cases.model import Case, CaseId, Closing, Entry, Photo, State
from gridhall.metering.irregular.cases.repository import CaseFilter, CaseRepository
from gridhall.metering.rounds.model import Expected
from gridhall.metering.rounds.own.model import OwnRead, OwnState
from gridhall.metering.rounds.own.repository import OwnReadRepository
from gridhall.metering.rounds.plausibility import Doubt, Finding
from gridhall.metering.vee.exceptions.model import DayException, ExceptionState
from gridhall.metering.vee.exceptions.repository import ExceptionRepository, Wanted
from gridhall.metering.vee.model import Severity
from tests.factories.cases import a_case, a_point
from tests.factories.released import a_released_case, a_released_exception, a_released_own_read, kept, migrate

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
DAY = date(2026, 11, 1)

OPEN = a_case(point=a_point(1))
CLOSED = replace(
    a_case(point=a_point(2)),
    state=State.DISMISSED,
    owner="Li",
    inspector="Wang",
    closing=Closing.VACANT,
    quiet_until=NOW + timedelta(days=180),
    photos=(Photo(UUID(int=9), "Wang", NOW, "the door"),),
    history=(Entry(NOW, "Wang", "closed", "nobody lives there"),),
)

FAILED = DayException(
    key=day_key(UUID(int=1), "import-kwh", DAY),
    point_id=UUID(int=1),
    channel="import-kwh",
    day=DAY,
    region="zhejiang",
    org_path="grid/hangzhou",
    supply_class="residential",
    meter="M1",
    codes=("sum", "spike"),
    severity=Severity.INVALID,
    state=ExceptionState.OPEN,
    opened_at=NOW,
    due_on=DAY,
    accepted=frozenset({"spike"}),
).moved(ExceptionState.REREAD, by="Li", now=NOW, reason="the sum is off")
ROOT = replace(FAILED, key=day_key(UUID(int=2), "import-kwh", DAY), point_id=UUID(int=2), org_path="", version=1)

PROPOSED = OwnRead(
    id=UUID(int=5),
    point_id=UUID(int=1),
    region="zhejiang",
    org_path="grid/hangzhou",
    zone="Asia/Shanghai",
    by=UUID(int=7),
    meter="M1",
    shown={"total": "2600"},
    counts={"total": 260000},
    taken_at=NOW,
    day=DAY,
    photos=(UUID(int=8),),
    expected=Expected("M1", 1, 2, 6, ("total",)),
    findings=(Finding(Doubt.BEFORE_LAST, "total"),),
    state=OwnState.PROPOSED,
    brought_at=NOW,
)
DECIDED = replace(
    PROPOSED, id=UUID(int=6), state=OwnState.REFUSED, decided_by=UUID(int=3), decided_at=NOW, reason="too low"
)


async def _put_case(mongo: Mongo, case: Case) -> None:
    await CaseRepository(mongo).put([replace(case, revision=1)])


async def _put_exception(mongo: Mongo, one: DayException) -> None:
    await ExceptionRepository(mongo).put([one])  # an upsert, of whichever version


async def _put_own_read(mongo: Mongo, read: OwnRead) -> None:
    await OwnReadRepository(mongo).add(read)


PUT: dict[str, Callable[[Mongo, Any], Awaitable[None]]] = {
    "irregular_cases": _put_case,
    "usage_exceptions": _put_exception,
    "own_reads": _put_own_read,
}


@pytest.mark.parametrize(
    ("collection", "one", "released"),
    [
        *(("irregular_cases", one, a_released_case) for one in (OPEN, CLOSED)),
        *(("usage_exceptions", one, a_released_exception) for one in (FAILED, ROOT)),
        *(("own_reads", one, a_released_own_read) for one in (PROPOSED, DECIDED)),
    ],
)
async def test_a_released_document_becomes_what_is_written_now(
    mongo: Mongo, collection: str, one: object, released: Callable[[Any], Document]
) -> None:
    old = released(one)
    await PUT[collection](mongo, one)
    now_written = await kept(mongo, collection, old["_id"])
    await mongo[collection].replace_one({"_id": old["_id"]}, old)
    assert await migrate(mongo, collection) == 1
    assert await kept(mongo, collection, old["_id"]) == now_written
    assert await migrate(mongo, collection) == 0


async def test_released_cases_are_read_before_their_migration_and_found_after_it(mongo: Mongo) -> None:
    cases = CaseRepository(mongo)
    await mongo["irregular_cases"].insert_many([a_released_case(OPEN), a_released_case(CLOSED)])
    assert await cases.load([OPEN.id, CLOSED.id]) == {OPEN.id: OPEN, CLOSED.id: CLOSED}
    await migrate(mongo, "irregular_cases")
    wanted = CaseFilter(region="zhejiang", units=("grid/hangzhou",))
    found = await cases.page(wanted, after=None, limit=5)
    assert {one.id for one in found} == {OPEN.id, CLOSED.id}
    assert await cases.under_way([OPEN.point_id, CLOSED.point_id]) == {OPEN.point_id}
    under_way, quiet = await cases.concerning([OPEN.point_id, CLOSED.point_id], at=NOW)
    assert (list(under_way), list(quiet)) == ([OPEN.point_id], [CLOSED.point_id])


async def test_a_released_case_that_is_changed_is_of_the_schema_of_today(mongo: Mongo) -> None:
    await mongo["irregular_cases"].insert_one(a_released_case(OPEN))
    await CaseRepository(mongo).put([replace(OPEN, revision=OPEN.revision + 1, owner="Li")])
    document = await kept(mongo, "irregular_cases", CaseId(OPEN.id))
    assert (document["schema"], document["owner"]) == (2, "Li")
    assert "point_id" not in document
    assert await migrate(mongo, "irregular_cases") == 0


async def test_released_exceptions_and_own_reads_stand_in_the_lists_of_their_unit(mongo: Mongo) -> None:
    await mongo["usage_exceptions"].insert_one(a_released_exception(FAILED))
    await mongo["own_reads"].insert_one(a_released_own_read(PROPOSED))
    exceptions, own = ExceptionRepository(mongo), OwnReadRepository(mongo)
    assert await exceptions.load([FAILED.key]) == {FAILED.key: FAILED}
    assert await own.load([PROPOSED.id]) == {PROPOSED.id: PROPOSED}
    await migrate(mongo, "usage_exceptions")
    await migrate(mongo, "own_reads")
    wanted = Wanted("zhejiang", units=("grid/hangzhou",), state=ExceptionState.REREAD)
    assert await exceptions.page(wanted, after=None, limit=5) == [FAILED]
    assert await own.proposed(region="zhejiang", units=("grid",), limit=5) == [PROPOSED]


async def test_the_indexes_of_today_are_made_beside_those_that_were_released(mongo: Mongo) -> None:
    cases = mongo["irregular_cases_released"]
    only = {"under_way": True}
    await cases.create_index("point_id", name="one_under_way", unique=True, partialFilterExpression=only)
    quieted = {"quiet_until": {"$type": "date"}}
    await cases.create_index(["point_id", "quiet_until"], name="quieted", partialFilterExpression=quieted)
    await mongo.ensure_indexes({cases.name: CaseRepository.indexes})
    assert len(await cases.index_information()) == 6
    await cases.drop()

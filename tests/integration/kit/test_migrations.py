"""Documents of an old schema on a real database, changed while others write, are killed, or do the same."""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gridhall.kit.clock import FixedClock
from gridhall.kit.migrations import Added, SchemaStep
from gridhall.kit.migrations.operations import Range, run
from gridhall.kit.migrations.repository import OldDocuments, ProgressRepository
from gridhall.kit.mongo import Document, Mongo

MODULE = "tests.integration.kit.test_migrations"
CLOCK = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))


def _with_units(document: Document, _besides: Mapping[str, Document | None]) -> Document:
    new = {name: value for name, value in document.items() if name != "path"}
    return {**new, "units": ["", document["path"]]}


STEP = SchemaStep("meters_tried", of=1, change=_with_units)


async def _fill(mongo: Mongo, count: int) -> None:
    await mongo[STEP.collection].insert_many(
        [{"_id": f"{number:04}", "schema": 1, "path": f"p{number}", "seen": 0} for number in range(count)]
    )


async def _all(mongo: Mongo) -> list[Document]:
    return [one async for one in mongo[STEP.collection].find({}).sort("_id")]


async def _run(mongo: Mongo, step: SchemaStep = STEP, *, size: int = 10) -> list[Range]:
    return [one async for one in run(mongo=mongo, step=step, clock=CLOCK, pause=0, size=size)]


async def test_every_old_document_is_changed_once_and_a_second_run_changes_nothing(mongo: Mongo) -> None:
    await _fill(mongo, 25)
    await mongo[STEP.collection].insert_one({"_id": "0007b", "schema": 2, "units": [""], "seen": 3})
    first = await _run(mongo)
    assert [one.changed for one in first] == [9, 10, 6]
    kept = await _all(mongo)
    assert kept[0] == {"_id": "0000", "schema": 2, "seen": 0, "units": ["", "p0"]}
    assert kept[8] == {"_id": "0007b", "schema": 2, "units": [""], "seen": 3}
    assert {one["schema"] for one in kept} == {2}
    assert sum(one.changed for one in await _run(mongo)) == 0
    assert await _all(mongo) == kept
    progress = await ProgressRepository(mongo).load(STEP)
    assert (progress.done, progress.changed, progress.at) == (True, 25, CLOCK.now())


async def slowly(uri: str, database: str) -> None:
    """Run in a process of its own, with a pause in which it can be killed."""
    mongo = Mongo.connect(uri=uri, database=database)
    async for one in run(mongo=mongo, step=STEP, clock=CLOCK, pause=60, size=10):
        print(one.changed, flush=True)  # noqa: T201 - to the process that waits for it


async def test_a_killed_process_leaves_its_place_to_the_next(mongo: Mongo, mongo_uri: str) -> None:
    await _fill(mongo, 25)
    run_it = f"import asyncio; from {MODULE} import slowly; asyncio.run(slowly({mongo_uri!r}, {mongo.database.name!r}))"
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", run_it, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert killed.stdout is not None
    assert await killed.stdout.readline() == b"10\n"
    killed.kill()
    await killed.wait()
    assert await OldDocuments(mongo, STEP).count() == 15
    assert [one.changed for one in await _run(mongo)] == [10, 5]


async def test_a_run_that_is_broken_off_goes_on_where_it_stood(mongo: Mongo) -> None:
    await _fill(mongo, 40)
    async with aclosing(run(mongo=mongo, step=STEP, clock=CLOCK, pause=0, size=10)) as killed:
        await anext(killed)
        await anext(killed)
    assert (await ProgressRepository(mongo).load(STEP)).place == "0019"
    assert [one.looked_up_to for one in await _run(mongo)] == ["0029", "0039"]
    assert await OldDocuments(mongo, STEP).count() == 0


async def test_what_was_written_in_the_old_schema_behind_a_run_is_found_by_the_next(mongo: Mongo) -> None:
    await _fill(mongo, 12)
    await _run(mongo)
    await mongo[STEP.collection].insert_one({"_id": "0003x", "schema": 1, "path": "late", "seen": 0})
    assert sum(one.changed for one in await _run(mongo)) == 1


async def test_two_runs_at_once_change_each_document_once(mongo: Mongo) -> None:
    await _fill(mongo, 60)
    both = await asyncio.gather(_run(mongo), _run(mongo))
    assert sum(one.changed for ranges in both for one in ranges) == 60
    assert not [left for ranges in both for one in ranges for left in one.left]
    assert await OldDocuments(mongo, STEP).count() == 0


async def test_what_writers_write_meanwhile_is_never_lost(mongo: Mongo) -> None:
    await _fill(mongo, 100)
    over = asyncio.Event()
    written = 0

    async def write() -> None:
        nonlocal written
        while not over.is_set():  # one field only and no schema, as a live `$set` does; and a field that was not there
            key = f"{written % 100:04}"
            await mongo[STEP.collection].update_one({"_id": key}, {"$inc": {"seen": 1}, "$set": {"by": key}})
            written += 1

    writer = asyncio.create_task(write())
    ranges = [one async for one in run(mongo=mongo, step=STEP, clock=CLOCK, pause=0.005, size=10)]
    over.set()
    await writer
    kept = await _all(mongo)
    assert written
    assert sum(one["seen"] for one in kept) == written
    assert sum(one.changed for one in ranges) + sum(len(one.left) for one in ranges) == 100
    await _run(mongo)
    assert {one["schema"] for one in await _all(mongo)} == {2}


async def test_a_field_that_somebody_sets_while_the_step_is_taken_stays_theirs(mongo: Mongo) -> None:
    await _fill(mongo, 1)
    documents = OldDocuments(mongo, STEP)
    (old,) = await documents.between(after=None, last="0000")
    await mongo[STEP.collection].update_one({"_id": "0000"}, {"$set": {"units": ["theirs"]}})
    assert await documents.write([(old, STEP.changed(old, {}))]) == 0
    assert (await _all(mongo))[0]["units"] == ["theirs"]


async def test_documents_that_cannot_be_changed_are_named_and_hold_up_no_other(mongo: Mongo) -> None:
    collection = mongo["meters_unique"]
    await collection.create_index("point", name="tried_one", unique=True, partialFilterExpression={"open": True})

    def opened(document: Document, _besides: Mapping[str, Document | None]) -> Document:
        return {**document, "open": True, "point": document["was"]}

    documents: list[dict[str, Any]] = [{"_id": key, "schema": 1, "was": key} for key in ("a", "b", "d")]
    documents += [{"_id": "c", "schema": 1}, {"_id": "z", "schema": 2, "open": True, "point": "b"}]
    await collection.insert_many(documents)
    (done,) = await _run(mongo, SchemaStep("meters_unique", of=1, change=opened))
    assert done.changed == 2
    assert [one.id for one in done.left] == ["c", "b"]
    assert "KeyError" in done.left[0].why


async def test_what_a_step_adds_elsewhere_comes_with_the_document_or_not_at_all(mongo: Mongo) -> None:
    await _fill(mongo, 3)
    await mongo["paths_tried"].insert_one({"_id": "p1", "name": "Hangzhou"})
    await mongo["added_tried"].insert_one({"_id": "0002", "as": "it was"})
    await mongo[STEP.collection].insert_one({"_id": "0003", "schema": 1, "seen": 0})  # it names nothing beside it

    def change(document: Document, besides: Mapping[str, Document | None]) -> Document:
        return {**document, "name": (besides["paths_tried"] or {}).get("name")}

    def adds(document: Document, _besides: Mapping[str, Document | None]) -> list[Added]:
        return [Added("added_tried", {"_id": document["_id"], "as": "added"})] if document["_id"] != "0003" else []

    step = SchemaStep(STEP.collection, of=1, change=change, beside={"paths_tried": "path"}, adds=adds)
    (done,) = await _run(mongo, step)
    assert done.changed == 4
    assert [one["name"] for one in await _all(mongo)] == [None, "Hangzhou", None, None]
    added = [one async for one in mongo["added_tried"].find({}).sort("_id")]
    assert [one["as"] for one in added] == ["added", "added", "it was"]
    (old,) = [{"_id": "0000", "schema": 1, "path": "p0", "seen": 0}]
    written = await OldDocuments(mongo, step).write_with(
        old, {**old, "schema": 2}, [Added("added_tried", {"_id": "x"})]
    )
    assert written == 0
    assert await mongo["added_tried"].count_documents({"_id": "x"}) == 0

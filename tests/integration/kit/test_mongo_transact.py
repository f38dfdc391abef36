"""The MongoDB seam: all of it or nothing, and again where another writer was faster."""

import asyncio
import os

import pytest
from pymongo.errors import OperationFailure

from gridhall.kit.mongo import Index, Mongo, Transaction

COUNTERS = "transact_counters"


async def value(mongo: Mongo) -> int | None:
    found = await mongo[COUNTERS].find_one({"_id": "c"})
    return found["n"] if found else None


@pytest.fixture
async def counter(mongo: Mongo) -> Mongo:
    await mongo[COUNTERS].insert_one({"_id": "c", "n": 0})
    return mongo


async def test_what_was_done_is_there_and_the_result_is_handed_back(counter: Mongo) -> None:
    async def work(transaction: Transaction) -> str:
        await counter[COUNTERS].update_one({"_id": "c"}, {"$inc": {"n": 5}}, session=transaction.session)
        return "done"

    assert await counter.transact(work) == "done"
    assert await value(counter) == 5


async def test_an_error_leaves_nothing_behind_and_is_not_tried_again(counter: Mongo) -> None:
    tries = 0

    async def work(transaction: Transaction) -> None:
        nonlocal tries
        tries += 1
        await counter[COUNTERS].update_one({"_id": "c"}, {"$inc": {"n": 5}}, session=transaction.session)
        await counter[COUNTERS].insert_one({"_id": "other"}, session=transaction.session)
        raise LookupError("no")

    with pytest.raises(LookupError):
        await counter.transact(work)
    assert (tries, await value(counter)) == (1, 0)
    assert await counter[COUNTERS].count_documents({}) == 1


async def test_a_caller_that_goes_away_leaves_nothing_behind(counter: Mongo) -> None:
    written = asyncio.Event()

    async def work(transaction: Transaction) -> None:
        await counter[COUNTERS].update_one({"_id": "c"}, {"$inc": {"n": 5}}, session=transaction.session)
        written.set()
        await asyncio.Event().wait()

    going = asyncio.create_task(counter.transact(work))
    await written.wait()
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    # The write lock is free again, or this would be a conflict.
    await counter[COUNTERS].update_one({"_id": "c"}, {"$inc": {"n": 1}})
    assert await value(counter) == 1


async def test_writers_that_meet_all_get_their_turn(counter: Mongo) -> None:
    tries = 0

    async def work(transaction: Transaction) -> None:
        nonlocal tries
        tries += 1
        found = await counter[COUNTERS].find_one({"_id": "c"}, session=transaction.session)
        assert found is not None
        await counter[COUNTERS].update_one({"_id": "c"}, {"$set": {"n": found["n"] + 1}}, session=transaction.session)

    await asyncio.gather(*(counter.transact(work) for _ in range(6)))
    assert await value(counter) == 6
    assert tries > 6


async def test_a_conflict_that_never_ends_is_given_up(counter: Mongo, mongo_uri: str) -> None:
    driver = os.environ.get("GRIDHALL_MONGO_DRIVER", "pymongo")
    counter = Mongo.connect(uri=mongo_uri, database=counter.database.name, driver=driver, patience=0.2)
    tries = 0

    async def work(transaction: Transaction) -> None:
        nonlocal tries
        tries += 1
        await counter[COUNTERS].find_one({"_id": "c"}, session=transaction.session)
        await counter[COUNTERS].update_one({"_id": "c"}, {"$inc": {"n": 1}})  # another writer, always faster
        await counter[COUNTERS].update_one({"_id": "c"}, {"$inc": {"n": 100}}, session=transaction.session)

    with pytest.raises(OperationFailure, match=r"WriteConflict|Write conflict"):
        await counter.transact(work)
    assert tries > 1
    assert await value(counter) == tries
    await counter.close()


async def test_an_index_is_made_once_and_keeps_its_promise(mongo: Mongo) -> None:
    index = Index("kind", "-at", name="one_a_kind", unique=True, only={"open": True})
    for _ in range(2):
        await mongo.ensure_indexes({"transact_indexed": [index], "transact_plain": []})
    await mongo["transact_indexed"].insert_many([{"kind": 1, "at": 1}, {"kind": 1, "at": 1}])
    await mongo["transact_indexed"].insert_one({"kind": 1, "at": 1, "open": True})
    with pytest.raises(OperationFailure, match="one_a_kind"):
        await mongo["transact_indexed"].update_many({}, {"$set": {"open": True}})


async def test_indexes_of_many_collections_never_wait_for_a_connection(
    mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way = most = done = 0

    class Collection:
        async def create_indexes(self, _: object) -> None:
            nonlocal under_way, most, done
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1
            done += 1

    monkeypatch.setattr(Mongo, "__getitem__", lambda *_: Collection())
    await mongo.ensure_indexes({f"c{number}": [Index("at", name="at")] for number in range(300)})
    assert done == 300
    assert 1 < most < 50


async def test_a_pipeline_sees_the_writes_of_its_transaction(counter: Mongo) -> None:
    async def work(transaction: Transaction) -> int:
        await counter[COUNTERS].insert_one({"_id": "d", "n": 4}, session=transaction.session)
        summed = [{"$group": {"_id": None, "n": {"$sum": "$n"}}}]
        (found,) = await counter.aggregate(COUNTERS, summed, transaction=transaction)
        assert await counter.aggregate(COUNTERS, summed) == [{"_id": None, "n": 0}]
        return int(found["n"])

    assert await counter.transact(work) == 4

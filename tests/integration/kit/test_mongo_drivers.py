"""The seam in kit/mongo.py shows one shape, whichever driver stands behind it."""

import os
from collections.abc import AsyncIterator

import pytest

from gridhall.kit.mongo import Index, Mongo, Transaction, session_of

MODULES = {"pymongo": "pymongo.asynchronous", "motor": "motor."}


@pytest.fixture(params=["pymongo", "motor"])
async def seam(request: pytest.FixtureRequest, mongo_uri: str, worker: str) -> AsyncIterator[Mongo]:
    mongo = Mongo.connect(uri=mongo_uri, database=f"test_drivers_{worker}", driver=request.param)
    assert type(mongo.database).__module__.startswith(MODULES[request.param])
    await mongo.drop()
    yield mongo
    await mongo.drop()
    await mongo.close()


async def test_the_tests_run_on_the_driver_that_was_asked_for(mongo: Mongo) -> None:
    asked = os.environ.get("GRIDHALL_MONGO_DRIVER", "pymongo")
    assert type(mongo.database).__module__.startswith(MODULES[asked])


async def test_an_aggregation_returns_its_rows(seam: Mongo) -> None:
    await seam["rows"].insert_many([{"_id": number, "kind": number % 2} for number in range(10)])
    grouped = await seam.aggregate("rows", [{"$group": {"_id": "$kind", "count": {"$sum": 1}}}, {"$sort": {"_id": 1}}])
    assert grouped == [{"_id": 0, "count": 5}, {"_id": 1, "count": 5}]


async def test_what_is_written_in_a_transaction_happens_whole_or_not_at_all(seam: Mongo) -> None:
    await seam.ensure_indexes({"rows": [Index("kind", name="by_kind")]})

    async def write(transaction: Transaction) -> int:
        await seam["rows"].insert_one({"_id": 1}, session=session_of(transaction))
        found = await seam.aggregate("rows", [{"$count": "rows"}], transaction=transaction)
        return int(found[0]["rows"])

    async def break_off(transaction: Transaction) -> None:
        await seam["rows"].insert_one({"_id": 2}, session=session_of(transaction))
        raise ZeroDivisionError

    assert await seam.transact(write) == 1
    with pytest.raises(ZeroDivisionError):
        await seam.transact(break_off)
    assert [document["_id"] async for document in seam["rows"].find()] == [1]


async def test_a_sorted_page_is_read_the_same_way(seam: Mongo) -> None:
    await seam["rows"].insert_many([{"_id": number} for number in range(5)])
    found = seam["rows"].find({"_id": {"$gt": 0}}).sort("_id", -1).limit(2)
    assert [document["_id"] async for document in found] == [4, 3]


class Packed:
    collection_name = "packed"
    indexes = (Index("kind", name="by_kind"),)
    storage = "leaf_page_max=128KB,block_compressor=zstd"


async def test_a_collection_of_its_own_storage_is_created_so_and_left_alone_afterwards(seam: Mongo) -> None:
    await seam.prepare([Packed])
    await seam["packed"].insert_one({"_id": 1, "kind": 1})
    await seam.prepare([Packed])
    (made,) = await seam.aggregate("packed", [{"$collStats": {"storageStats": {}}}])
    created = made["storageStats"]["wiredTiger"]["creationString"]
    assert "block_compressor=zstd" in created
    assert "leaf_page_max=128KB" in created
    assert "by_kind" in made["storageStats"]["indexSizes"]
    assert made["storageStats"]["count"] == 1


async def test_writes_on_a_known_revision_are_not_repeated_by_the_driver(seam: Mongo) -> None:
    assert seam.database.client.options.retry_writes
    assert not seam.unretried.database.client.options.retry_writes
    await seam.unretried["rows"].insert_one({"_id": 1})
    assert await seam["rows"].find_one() == {"_id": 1}

"""How long a transaction is tried again: a process has the patience of those who wait for it."""

import asyncio
import os
from pathlib import Path

import pytest
from pymongo.errors import OperationFailure

from gridhall.api.app import create_app
from gridhall.kit.mongo import OUTLIVES_THE_DEAD, SOMEBODY_WAITS, Mongo, Transaction
from gridhall.kit.runtime import open_mongo
from gridhall.kit.settings import Settings
from gridhall.workers.engine import Engine

LOCKED = "patience_locked"


async def add_one(mongo: Mongo) -> None:
    async def work(transaction: Transaction) -> None:
        await mongo[LOCKED].update_one({"_id": "c"}, {"$inc": {"n": 1}}, session=transaction.session)

    await mongo.transact(work)


def with_patience(mongo: Mongo, uri: str, seconds: float) -> Mongo:
    driver = os.environ.get("GRIDHALL_MONGO_DRIVER", "pymongo")
    return Mongo.connect(uri=uri, database=mongo.database.name, driver=driver, patience=seconds)


async def test_what_another_has_locked_is_outwaited_by_the_patient_only(mongo: Mongo, mongo_uri: str) -> None:
    await mongo[LOCKED].insert_one({"_id": "c", "n": 0})
    impatient, patient = (with_patience(mongo, mongo_uri, seconds) for seconds in (0.1, 20.0))
    locked, go_on = asyncio.Event(), asyncio.Event()

    async def hold(transaction: Transaction) -> None:
        await mongo[LOCKED].update_one({"_id": "c"}, {"$inc": {"n": 10}}, session=transaction.session)
        locked.set()
        await go_on.wait()

    holder = asyncio.create_task(mongo.transact(hold))
    await locked.wait()
    with pytest.raises(OperationFailure, match=r"WriteConflict|Write conflict"):
        await add_one(impatient)
    waiting = asyncio.create_task(add_one(patient))
    await asyncio.sleep(0.2)
    go_on.set()
    await asyncio.gather(holder, waiting)
    assert await mongo[LOCKED].find_one() == {"_id": "c", "n": 11}
    await impatient.close()
    await patient.close()


async def test_only_the_api_is_impatient(mongo_uri: str, redis_uri: str, worker: str, tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        mongo_uri=mongo_uri,
        mongo_database=f"patience_{worker}",
        redis_uri=redis_uri,
        log_level="ERROR",
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        of_the_api = app.state.gridhall.mongo
        assert of_the_api._patience == SOMEBODY_WAITS
        await of_the_api.drop()
    async with open_mongo(settings) as of_a_command:
        assert of_a_command._patience == OUTLIVES_THE_DEAD
    of_a_job = await Engine._connect(settings, mongo_uri)
    assert of_a_job._patience == OUTLIVES_THE_DEAD
    await of_a_job.close()

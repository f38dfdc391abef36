"""Bill runs killed (SIGKILL) while they write, on a real mongod: nobody is billed twice, nobody is left out."""

from pathlib import Path

from bench.chaos.bill_run import kill_bill_runs
from gridhall.api.state import open_state
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings

KILLS = 3


async def test_no_bill_is_made_twice_or_lost_however_often_its_run_is_killed(
    mongo_uri: str, redis_uri: str, worker: str, tmp_path: Path
) -> None:
    settings = Settings(
        data_dir=tmp_path,
        mongo_uri=mongo_uri,
        mongo_database=f"bill_run_kills_{worker}",
        redis_uri=redis_uri,
        log_level="WARNING",
    )
    mongo = Mongo.connect(uri=mongo_uri, database=settings.mongo_database, driver=settings.mongo_driver)
    await mongo.drop()
    try:
        async with open_state(settings, mongo=mongo) as state:
            found = await kill_bill_runs(
                state, folder=tmp_path, kills=KILLS, accounts=900, months=2, longest_life=0.1, seed=95598
            )
    finally:
        await mongo.drop()
        await mongo.close()
    assert (found.kills, found.bills, found.problems()) == (KILLS, found.due, [])
    assert 0 < found.owing < found.due

"""Real servers for every test: started once by the controlling process, shared by the parallel workers."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import hypothesis
import pytest

from gridhall.kit.embedded import EmbeddedServers, start_servers
from gridhall.kit.mongo import OUTLIVES_THE_DEAD, Mongo
from tests.factories.databases import database_of_its_own, goodbye, keep_the_past

_MONGO, _REDIS = "GRIDHALL_TEST_MONGO_URI", "GRIDHALL_TEST_REDIS_URI"
_servers: list[tuple[EmbeddedServers, Path]] = []

hypothesis.settings.register_profile("busy", deadline=None)
hypothesis.settings.load_profile("busy")  # a machine that does two things at once is no failure


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    folder = Path(tempfile.mkdtemp(prefix="gridhall-tests-"))
    servers = start_servers(data_dir=folder, mongo_uri=os.environ.get(_MONGO), redis_uri=os.environ.get(_REDIS))
    _servers.append((servers, folder))
    if _MONGO not in os.environ:
        keep_the_past(servers.mongo_uri)
    os.environ[_MONGO], os.environ[_REDIS] = servers.mongo_uri, servers.redis_uri


def pytest_unconfigure() -> None:
    while _servers:
        servers, folder = _servers.pop()
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def worker() -> str:
    """Name of the parallel worker, so that each has databases of its own."""
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0")


@pytest.fixture(scope="session")
def mongo_uri() -> str:
    return os.environ[_MONGO]


@pytest.fixture(scope="session")
def redis_uri(worker: str) -> str:
    """A logical database of the shared Redis-compatible server, one a worker."""
    number = int(worker.removeprefix("gw")) + 1
    return os.environ[_REDIS].rsplit("/", 1)[0] + f"/{number}"


@pytest.fixture(scope="session")
async def _database(mongo_uri: str, worker: str) -> AsyncIterator[Mongo]:
    driver = os.environ.get("GRIDHALL_MONGO_DRIVER", "pymongo")
    with database_of_its_own(mongo_uri, f"test_{worker}") as name:
        # Like a job it outwaits whoever else is busy: how fast the machine is decides no test.
        mongo = Mongo.connect(uri=mongo_uri, database=name, driver=driver, patience=OUTLIVES_THE_DEAD)
        yield mongo
        await goodbye(mongo)


@pytest.fixture
async def mongo(_database: Mongo) -> Mongo:
    """A connected database without any document."""
    for name in await _filled(_database):
        await _database[name].delete_many({})
    return _database


async def _filled(mongo: Mongo) -> list[str]:
    """Return the collections that have documents, by one round trip: a test leaves few of many that are there."""
    names = await mongo.database.list_collection_names()
    if not names:
        return []

    def one_of(name: str) -> list[dict[str, object]]:
        return [{"$limit": 1}, {"$project": {"_id": 0, "name": {"$literal": name}}}]

    others = [{"$unionWith": {"coll": name, "pipeline": one_of(name)}} for name in names[1:]]
    return [found["name"] for found in await mongo.aggregate(names[0], [*one_of(names[0]), *others])]


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real inputs; its absence skips the test, except in CI, where it fails."""
    here = Path(__file__).resolve().parent.parent
    folder = Path(os.environ.get("GRIDHALL_REALDATA", here.parent / "shared" / "data"))
    if not folder.is_dir():
        reason = f"the real inputs are not at {folder}; set GRIDHALL_REALDATA"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder

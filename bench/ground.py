"""The ground that every row stands on: one real mongod with an empty folder, and rooms opened on databases in it."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gridhall.api.state import State, open_state
from gridhall.kit.embedded import start_servers
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class Ground:
    """Settings with the addresses of the servers, and how long it may take: `quick` is for trying, not for telling."""

    settings: Settings
    quick: bool

    def size(self, full: int, quick: int) -> int:
        """Return one of two sizes."""
        return quick if self.quick else full

    @property
    def rounds(self) -> int:
        """How often subjects take turns."""
        return self.size(5, 2)

    def on(self, database: str, **changes: object) -> Settings:
        """Return the settings of a database, with other changes."""
        return self.settings.model_copy(update={"mongo_database": database, **changes})

    @asynccontextmanager
    async def open(self, database: str, **changes: object) -> AsyncIterator[State]:
        """Yield the rooms opened on a database, with its indexes."""
        chosen = self.on(database, **changes)
        mongo = Mongo.connect(uri=str(chosen.mongo_uri), database=database, driver=chosen.mongo_driver)
        try:
            async with open_state(chosen, mongo=mongo) as state:
                yield state
        finally:
            await mongo.close()


@contextmanager
def prepared(*, quick: bool) -> Iterator[Ground]:
    """Start the servers in a temporary folder, on free ports, and stop them at the end."""
    folder = Path(tempfile.mkdtemp(prefix="gridhall-bench-"))
    servers = start_servers(data_dir=folder, mongo_uri=None, redis_uri=None)
    try:
        # Mails are sent at any hour here.
        addresses = {"mongo_uri": servers.mongo_uri, "redis_uri": servers.redis_uri, "quiet_hours": ""}
        yield Ground(Settings(data_dir=folder, **addresses), quick)
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)

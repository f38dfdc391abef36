"""What a process needs open while it runs: a connected database, for commands and tests alike."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from gridhall.kit.mongo import OUTLIVES_THE_DEAD, Mongo
from gridhall.kit.settings import Settings


@asynccontextmanager
async def with_servers(settings: Settings) -> AsyncIterator[Settings]:
    """Yield the settings with the address of each server: the one they name, else the embedded one's.

    An embedded server that was not running is started and stopped again at the end.
    """
    if settings.mongo_uri is not None and settings.redis_uri is not None:
        yield settings
        return
    from gridhall.kit.embedded import start_servers  # noqa: PLC0415 - an extra that production never installs

    servers = start_servers(data_dir=settings.data_dir, mongo_uri=settings.mongo_uri, redis_uri=settings.redis_uri)
    try:
        yield settings.model_copy(update={"mongo_uri": servers.mongo_uri, "redis_uri": servers.redis_uri})
    finally:
        servers.stop()


@asynccontextmanager
async def open_mongo(settings: Settings, *, patience: float = OUTLIVES_THE_DEAD) -> AsyncIterator[Mongo]:
    """Yield a connected database: the one that the settings name, else the embedded one.

    patience: of its transactions, in seconds; see `Mongo.connect`.
    """
    async with with_servers(settings) if settings.mongo_uri is None else nullcontext(settings) as chosen:
        mongo = Mongo.connect(
            uri=str(chosen.mongo_uri),
            database=settings.mongo_database,
            driver=settings.mongo_driver,
            patience=patience,
        )
        try:
            yield mongo
        finally:
            await mongo.close()

"""What a process needs open while it runs: a connected database, for commands and tests alike."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings


@asynccontextmanager
async def open_mongo(settings: Settings) -> AsyncIterator[Mongo]:
    """Yield a connected database: the one that the settings name, else the embedded one.

    An embedded server that was not running is started and stopped again at the end.
    """
    servers = None
    uri = settings.mongo_uri
    if uri is None:
        from gridhall.kit.embedded import start_servers  # noqa: PLC0415 - an extra that production never installs

        servers = start_servers(data_dir=settings.data_dir, mongo_uri=None, redis_uri=settings.redis_uri)
        uri = servers.mongo_uri
    mongo = Mongo.connect(uri=uri, database=settings.mongo_database, driver=settings.mongo_driver)
    try:
        yield mongo
    finally:
        await mongo.close()
        if servers:
            servers.stop()

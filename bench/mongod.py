"""What the database itself says: its CPU, and how many bytes collections take on disk."""

from collections.abc import Collection

from gridhall.kit.mongo import Mongo

_MICRO = 1e-6


async def cpu(mongo: Mongo) -> float:
    """Return the CPU seconds that mongod used so far, of all its threads."""
    status = await mongo.database.command("serverStatus")
    extra = status["extra_info"]
    return float(extra["user_time_us"] + extra["system_time_us"]) * _MICRO


async def bytes_on_disk(mongo: Mongo, collections: Collection[str]) -> int:
    """Return what collections and their indexes take on disk, once all that was written has arrived there."""
    await mongo.database.client.admin.command("fsync")
    size = 0
    for name in collections:
        stats = await mongo.database.command("collStats", name)
        size += stats["storageSize"] + stats["totalIndexSize"]
    return size

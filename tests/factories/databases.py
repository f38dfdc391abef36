"""Databases of the tests' sessions: emptied before, dropped after."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pymongo import MongoClient

from gridhall.kit.mongo import Mongo

_SOCKET_MS = 60_000
_GOODBYE_SECONDS = 10


@contextmanager
def database_of_its_own(mongo_uri: str, name: str) -> Iterator[str]:
    """Name a database that is empty, and drop it after.

    By connections of its own that need no event loop: the loop of the tests stands still while the last tests run that
    have none, and its driver, which missed so many heartbeats, then takes the server for gone.
    """
    _drop(mongo_uri, name)
    yield name
    _drop(mongo_uri, name)


def keep_the_past(mongo_uri: str) -> None:
    """Let a server of the tests delete nothing by age.

    Most tests have days of their own, and its clock is the machine's: what they write is old, and once a minute all
    that is older than an index says would go from under them.
    """
    with MongoClient[dict[str, object]](mongo_uri, socketTimeoutMS=_SOCKET_MS) as client:
        client.admin.command("setParameter", 1, ttlMonitorEnabled=False)


async def goodbye(mongo: Mongo) -> None:
    """Close what a session of tests had open; not longer than a moment, for the reason above."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await mongo.close()


def _drop(mongo_uri: str, name: str) -> None:
    with MongoClient[dict[str, object]](mongo_uri, socketTimeoutMS=_SOCKET_MS) as client:
        client.drop_database(name)

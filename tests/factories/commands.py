"""Databases of their own for commands, which open what the settings name."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest

from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import settings


@contextmanager
def command_database(
    name: str, *, prepare: Callable[[Mongo], Awaitable[None]], mongo_uri: str, **chosen: str
) -> Iterator[str]:
    """Name a database in the settings, with `chosen` ones beside it, after `prepare` filled it; it is dropped after.

    Commands run a loop of their own, so it is filled and dropped in loops that end before and begin after.
    """

    async def empty(then: Callable[[Mongo], Awaitable[None]] | None) -> None:
        mongo = Mongo.connect(uri=mongo_uri, database=name)
        await mongo.drop()
        if then:
            await then(mongo)
        await mongo.close()

    asyncio.run(empty(prepare))
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in {"mongo_uri": mongo_uri, "mongo_database": name, **chosen}.items():
            patch.setenv(f"GRIDHALL_{variable.upper()}", value)
        settings.cache_clear()
        yield name
    settings.cache_clear()
    asyncio.run(empty(None))

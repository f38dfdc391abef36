"""What a real server says of the queries of repositories: which plan it would run."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from inspect import isasyncgenfunction, iscoroutinefunction, signature
from types import SimpleNamespace
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandListener, CommandStartedEvent

from gridhall.kit.mongo import Mongo
from tests.factories.rooms import CODEC

Read = Callable[[Any], Any]
"""Asks a repository something."""

Reads = dict[type, dict[str, tuple[Read, ...]]]
"""The queries of repositories by their methods, each with every filter that makes another query."""

NO_TRANSACTION: Any = SimpleNamespace(session=None)
"""For queries that are only asked in transactions: which plan they have does not depend on it."""

_READING = {"find", "aggregate", "count", "distinct"}


class Sent(CommandListener):
    """Remembers the commands that a client sends."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, dict[str, Any]]] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in _READING:
            self.commands.append((event.command_name, dict(event.command)))

    def succeeded(self, event: object) -> None: ...

    def failed(self, event: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Watched:
    """A database with the indexes of some repositories, and what is asked of it."""

    mongo: Mongo
    sent: Sent

    async def plans(self, repository: type, read: Read) -> AsyncIterator[tuple[dict[str, Any], list[set[str]]]]:
        """Yield every command that a read sends, with the stages of the plan that wins and of those rejected."""
        self.sent.commands.clear()
        await _run(read(_opened(repository, self.mongo)))
        commands = list(self.sent.commands)
        assert commands, "it asks the server nothing"
        for kind, command in commands:
            yield command, await _plans(self.mongo, kind, command)


@asynccontextmanager
async def watching(
    uri: str, *, database: str, repositories: Iterable[Any], beside: Iterable[str] = ()
) -> AsyncIterator[Watched]:
    """Create the collections of repositories with their indexes, and those `beside` them."""
    sent = Sent()
    mongo = Mongo(AsyncMongoClient(uri, event_listeners=[sent]), database)
    every = tuple(repositories)
    for name in {repository.collection_name for repository in every} | set(beside):
        await mongo.database.create_collection(name)  # of one that is not there, no plan is told
    await mongo.ensure_indexes({one.collection_name: one.indexes for one in every})
    yield Watched(mongo, sent)
    await mongo.drop()
    await mongo.close()


def cases(reads: Reads) -> list[Any]:
    """Return a test parameter for each query."""
    return [
        pytest.param(repository, name, read, id=f"{repository.__name__}.{name}-{number}")
        for repository, methods in reads.items()
        for name, variants in methods.items()
        for number, read in enumerate(variants)
    ]


def asked_by(repository: type) -> set[str]:
    """Return the names of everything that a repository does with its collection."""
    return {
        name
        for name, value in vars(repository).items()
        if (iscoroutinefunction(value) or isasyncgenfunction(value)) and not name.startswith("_")
    }


def must_use_an_index(command: dict[str, Any], plans: list[set[str]], *, may_sort: bool = False) -> None:
    """Assert that a plan reads an index, and sorts by it."""
    winner, *others = plans
    assert winner & {"IXSCAN", "IDHACK", "COUNT_SCAN", "DISTINCT_SCAN"}, (command, winner)
    assert "COLLSCAN" not in winner, (command, winner)
    # Of a collection without documents all plans are as good: one that need not sort must be among them.
    assert may_sort or not all("SORT" in plan for plan in (winner, *others)), (command, winner)


def _opened(repository: type, mongo: Mongo) -> object:
    sealed = "codec" in signature(repository).parameters
    return repository(mongo, CODEC) if sealed else repository(mongo)


async def _run(answer: Awaitable[object] | AsyncIterator[object]) -> None:
    if isinstance(answer, AsyncIterator):
        async for _ in answer:
            pass
    else:
        await answer


async def _plans(mongo: Mongo, kind: str, command: dict[str, Any]) -> list[set[str]]:
    own = {name: value for name, value in command.items() if name not in {"lsid", "$db", "txnNumber", "$clusterTime"}}
    if kind == "aggregate":
        own["cursor"] = {}
    told = await mongo.database.command(
        "explain", own, verbosity="queryPlanner", codec_options=mongo.database.codec_options
    )
    planner = told["queryPlanner"] if "queryPlanner" in told else told["stages"][0]["$cursor"]["queryPlanner"]
    return [set(_stages(plan)) for plan in (planner["winningPlan"], *planner["rejectedPlans"])]


def _stages(plan: object) -> Iterator[str]:
    if isinstance(plan, dict):
        for name, value in plan.items():
            if name == "stage":
                yield value
            yield from _stages(value)
    elif isinstance(plan, list):
        for one in plan:
            yield from _stages(one)

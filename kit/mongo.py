"""The MongoDB seam: one connection object over PyMongo's async client or Motor's.

PyMongo and Motor differ in what is awaited: `aggregate`, `watch`, `list_indexes` and `start_transaction` are
coroutines only in PyMongo, `start_session` only in Motor. Repositories go through this seam and see one shape.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from inspect import isawaitable
from itertools import count
from typing import Any, Final, Protocol, TypeVar, cast

from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from pymongo import ASCENDING, AsyncMongoClient, IndexModel, InsertOne, ReplaceOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
    WaitQueueTimeoutError,
)
from pymongo.write_concern import WriteConcern

Document = dict[str, Any]
Collection = AsyncCollection[Document]
Write = InsertOne[Document] | ReplaceOne[Document] | UpdateOne
T = TypeVar("T")
K = TypeVar("K")

_DUPLICATE_KEY: Final = 11000
_NAMESPACE_EXISTS: Final = 48
_COMMIT_TRIES: Final = 8
_COLLECTIONS_AT_ONCE: Final = 16
"""Far fewer than a client has connections: what waits for one is given up soon."""

_FIRST_PAUSE_SECONDS: Final = 0.01
_LONGEST_PAUSE_SECONDS: Final = 1.0

SOMEBODY_WAITS: Final = 3.0
"""Seconds for which a transaction is tried again in a process whose answers somebody waits for, as the API's."""

OUTLIVES_THE_DEAD: Final = 90.0
"""Seconds of patience in all other processes: jobs, commands, consumers. It outlasts the transaction of a process
that was killed: mongod keeps what that had written locked until its `transactionLifetimeLimitSeconds`, 60 by default,
are over."""

_LIMITS_MS: Final = {
    "serverSelectionTimeoutMS": 5_000,
    "connectTimeoutMS": 5_000,
    "waitQueueTimeoutMS": 5_000,
}
"""How long anybody is kept waiting for a server that is gone; an election of a replica set ends within the first.
What the URI says goes before; a driver would put these first."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction that is under way; handed to every repository call that belongs to it."""

    session: AsyncClientSession


class Index:
    """An index of a collection, declared beside the query it serves.

    Fields are ascending unless prefixed with `-`; `only` is a partial filter; `expire_seconds` makes it a TTL index.
    """

    def __init__(
        self,
        *fields: str,
        name: str,
        unique: bool = False,
        only: Mapping[str, object] | None = None,
        expire_seconds: int | None = None,
    ) -> None:
        keys = [(field.lstrip("-"), -1 if field.startswith("-") else ASCENDING) for field in fields]
        options: dict[str, Any] = {"name": name, "unique": unique}
        if only is not None:
            options["partialFilterExpression"] = dict(only)
        if expire_seconds is not None:
            options["expireAfterSeconds"] = expire_seconds
        self.model = IndexModel(keys, **options)


class Repository(Protocol):
    """A class that holds the queries of a topic.

    Where it has a `storage`, that is the configuration string with which WiredTiger creates its collection.
    """

    collection_name: str

    @property
    def indexes(self) -> tuple[Index, ...]:
        """The indexes of the collection."""


class Mongo:
    """A connected database of either driver.

    unretried: the same over connections on which the driver repeats no write by itself after an error of the network.
    The server then keeps no record of every single write, which costs it more than a small write does. It is for
    writes that say on which revision they stand: whoever makes them reads again and sees what became of them.
    """

    def __init__(
        self,
        client: AsyncMongoClient[Document],
        database: str,
        *,
        unretried: "Mongo | None" = None,
        patience: float = SOMEBODY_WAITS,
    ) -> None:
        self._client = client
        self._patience = patience
        self.unretried = unretried or self
        options: CodecOptions[Document] = CodecOptions(tz_aware=True, uuid_representation=UuidRepresentation.STANDARD)
        self.database: AsyncDatabase[Document] = client.get_database(
            database, codec_options=options, write_concern=WriteConcern(w="majority", j=True)
        )

    @classmethod
    def connect(cls, *, uri: str, database: str, driver: str = "pymongo", patience: float = SOMEBODY_WAITS) -> "Mongo":
        """Return a client of `uri`; nothing is sent before the first use.

        patience: for how many seconds a transaction is tried again; `SOMEBODY_WAITS` or `OUTLIVES_THE_DEAD`.
        """
        unretried = cls(_client(uri, driver, retryWrites=False), database, patience=patience)
        return cls(_client(uri, driver), database, unretried=unretried, patience=patience)

    def __getitem__(self, collection: str) -> Collection:
        """Return a collection by name."""
        return self.database[collection]

    async def aggregate(
        self, collection: str, pipeline: Sequence[Mapping[str, Any]], *, transaction: Transaction | None = None
    ) -> list[Document]:
        """Run a pipeline and return all that it yields; the pipeline bounds how much that is."""
        cursor: Any = self[collection].aggregate(pipeline, session=session_of(transaction))
        if isawaitable(cursor):
            cursor = await cursor
        return [document async for document in cursor]

    async def prepare(self, repositories: Sequence[Repository]) -> None:
        """Create the indexes of repositories, and before them the collections that are stored in a way of their own.

        What is there is left as it is: a collection keeps the storage that it was created with.
        """
        for one in repositories:
            storage: str | None = getattr(one, "storage", None)
            if storage is not None:
                await self._create(one.collection_name, storage)
        await self.ensure_indexes({one.collection_name: one.indexes for one in repositories})

    async def _create(self, collection: str, storage: str) -> None:
        try:
            await self.database.command("create", collection, storageEngine={"wiredTiger": {"configString": storage}})
        except OperationFailure as error:
            if error.code != _NAMESPACE_EXISTS:
                raise

    async def ensure_indexes(self, indexes: Mapping[str, Sequence[Index]]) -> None:
        """Create the indexes of each collection, some collections at a time; those that exist are left alone."""
        gate = asyncio.Semaphore(_COLLECTIONS_AT_ONCE)

        async def create(collection: str, declared: Sequence[Index]) -> None:
            async with gate:
                await self[collection].create_indexes([index.model for index in declared])

        await asyncio.gather(*(create(name, declared) for name, declared in indexes.items() if declared))

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[AsyncClientSession]:
        session: Any = self._client.start_session()
        if isawaitable(session):
            session = await session
        try:
            yield session
        finally:
            await session.end_session()

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` in a transaction and commit it; all of it happens, or nothing.

        Transient errors (a write conflict, an election) start it again with full jitter, as long as the process has
        patience, so `work` must do nothing but reads and writes of its transaction. An unknown commit result is asked
        again.
        """
        give_up_at = asyncio.get_running_loop().time() + self._patience
        for attempt in count():
            if attempt:
                longest = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2**attempt)
                await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - jitter
            async with self._session() as session:
                started: Any = session.start_transaction()
                if isawaitable(started):
                    await started
                try:
                    result = await work(Transaction(session))
                    await _commit(session)
                except BaseException as error:
                    if session.in_transaction:
                        await session.abort_transaction()
                    if _is_transient(error) and asyncio.get_running_loop().time() < give_up_at:
                        continue
                    raise
                return result
        raise AssertionError("unreachable: it is tried until it returns or raises")

    async def ping(self) -> None:
        """Ask the server whether it is there. Raises the driver's error where it is not."""
        await self.database.command("ping")

    async def drop(self) -> None:
        """Drop the whole database; for tests and `make clean`."""
        await self._client.drop_database(self.database.name)

    async def close(self) -> None:
        """Close every connection."""
        if self.unretried is not self:
            await self.unretried.close()
        closed: Any = self._client.close()
        if isawaitable(closed):
            await closed


def _client(uri: str, driver: str, **chosen: bool) -> AsyncMongoClient[Document]:
    limits = {name: most for name, most in _LIMITS_MS.items() if name.lower() not in uri.lower()}
    options: dict[str, Any] = {"appname": "gridhall", **limits, **chosen}
    if driver == "motor":
        from motor.motor_asyncio import AsyncIOMotorClient  # noqa: PLC0415 - only where it was chosen

        return cast("AsyncMongoClient[Document]", AsyncIOMotorClient(uri, **options))
    return AsyncMongoClient(uri, **options)


async def put_all(collection: Collection, writes: Sequence[Write], keys: Sequence[K]) -> set[K]:
    """Make optimistic writes in one round trip; return the keys, one a write, of those that came too late.

    A write is an insert, or an upsert meant for one revision of a document. Where the document is of another
    revision by now, it runs into the key of that one, and so it is told from the others.
    """
    if not writes:
        return set()
    try:
        await collection.bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        failures: list[dict[str, Any]] = error.details["writeErrors"]
        if error.details["writeConcernErrors"] or any(one["code"] != _DUPLICATE_KEY for one in failures):
            raise
        return {keys[one["index"]] for one in failures}
    return set()


def session_of(transaction: Transaction | None) -> AsyncClientSession | None:
    """Return the session to hand to the driver, if a transaction is under way."""
    return transaction.session if transaction else None


async def _commit(session: AsyncClientSession) -> None:
    for attempt in range(_COMMIT_TRIES):
        try:
            await session.commit_transaction()
        except PyMongoError as error:
            if not error.has_error_label("UnknownTransactionCommitResult") or attempt == _COMMIT_TRIES - 1:
                raise
        else:
            return


def is_duplicate(error: PyMongoError) -> bool:
    """Say whether a write failed only because its unique key is there already."""
    if isinstance(error, BulkWriteError):
        failures = (error.details or {}).get("writeErrors", ())
        return bool(failures) and all(failure["code"] == _DUPLICATE_KEY for failure in failures)
    return isinstance(error, DuplicateKeyError)


def is_unavailable(error: BaseException) -> bool:
    """Say whether the database could not be reached, or did not answer in time: asking again later may do."""
    return isinstance(error, ConnectionFailure | WaitQueueTimeoutError)


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, PyMongoError) and error.has_error_label("TransientTransactionError")

"""What a worker process has at hand: one event loop in a thread of its own, and the rooms opened on it.

Tasks call the same async operations as the request path (ADR 0003). The loop runs all the time, so that the
driver's heartbeats go on between tasks.
"""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import httpx
from celery import Celery

from gridhall.billing.invoices.opening import open_tax_platform
from gridhall.billing.payments.providers import open_providers
from gridhall.billing.services import Billing
from gridhall.billing.tariffs.imports.operations import kept_fresh
from gridhall.crm.services import People
from gridhall.kit.clock import Clock, SystemClock
from gridhall.kit.jobs import CeleryQueue, JobQueue
from gridhall.kit.keys import field_codec
from gridhall.kit.mongo import OUTLIVES_THE_DEAD, Mongo
from gridhall.kit.outbox import Outbox
from gridhall.kit.settings import Settings
from gridhall.metering.services import Metering
from gridhall.notifications.services import PostRoom

T = TypeVar("T")


class Engine:
    """The rooms of one worker process. Made after the fork: no client of a driver survives one."""

    def __init__(self, *, settings: Settings, app: Celery) -> None:
        if settings.mongo_uri is None:
            raise RuntimeError("GRIDHALL_MONGO_URI must be set for a worker: it starts no embedded servers")
        if settings.redis_uri is None:
            raise RuntimeError("GRIDHALL_REDIS_URI must be set for a worker: it starts no embedded servers")
        self.clock: Clock = SystemClock()
        self.queue: JobQueue = CeleryQueue(app)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="engine", daemon=True)
        self._thread.start()
        self.mongo = self.run(self._connect(settings, settings.mongo_uri))
        codec = field_codec(settings)
        self.outbox = Outbox(self.mongo)
        self.metering = Metering.open(mongo=self.mongo, settings=settings)
        self.billing = Billing.open(mongo=self.mongo, codec=codec, settings=settings)
        self._opened = AsyncExitStack()
        versions, seconds = self.billing.tariff_versions, settings.tariff_refresh_seconds
        self.run(self._opened.enter_async_context(kept_fresh(versions=versions, every_seconds=seconds)))
        self._http = self.run(self._open_http(settings))
        noted = self.billing.watching.pulse
        self.providers = open_providers(settings, http=self._http, clock=self.clock, noted=noted)
        self.tax = open_tax_platform(settings, http=self._http, clock=self.clock)
        self.people = People.open(mongo=self.mongo, codec=codec, settings=settings, billing=self.billing)
        self.post_room = PostRoom.open(
            mongo=self.mongo, settings=settings, clock=self.clock, billing=self.billing, people=self.people
        )

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and wait for its result; a time limit that ends the wait ends the work."""
        running = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return running.result()
        except BaseException:
            running.cancel()
            raise

    def close(self) -> None:
        """Close the connections and end the loop."""
        self.run(self._opened.aclose())
        self.run(self.people.aclose())
        self.run(self._http.aclose())
        self.run(self.mongo.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @staticmethod
    async def _connect(settings: Settings, uri: str) -> Mongo:
        return Mongo.connect(
            uri=uri, database=settings.mongo_database, driver=settings.mongo_driver, patience=OUTLIVES_THE_DEAD
        )

    @staticmethod
    async def _open_http(settings: Settings) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=settings.outside_timeout_seconds)


_engine: Engine | None = None


def start(settings: Settings, app: Celery) -> None:
    """Make the engine of this process."""
    global _engine  # noqa: PLW0603 - a process of Celery's pool has exactly one
    _engine = Engine(settings=settings, app=app)


def stop() -> None:
    """Close the engine of this process."""
    global _engine  # noqa: PLW0603 - see `start`
    if _engine is not None:
        _engine.close()
        _engine = None


def engine() -> Engine:
    """Return the engine of this process. Raises RuntimeError outside a worker."""
    if _engine is None:
        raise RuntimeError("the engine is started by a worker process")
    return _engine

"""The process of a consumer: opens what it needs, works until it is told to end, and leaves."""

import asyncio
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from gridhall.kit.clock import Clock, SystemClock
from gridhall.kit.log import logger
from gridhall.kit.redis import connect_redis_bytes
from gridhall.kit.runtime import open_mongo, with_servers
from gridhall.kit.settings import Settings
from gridhall.metering.feed.stream.consumer import Consumer
from gridhall.metering.feed.stream.portions import PortionIntake
from gridhall.metering.feed.stream.redis_stream import ReadingStream
from gridhall.metering.feed.stream.serving import served
from gridhall.metering.feed.stream.supply import Pace
from gridhall.metering.services import Metering

_OBJECTS: Final = 500_000

_log = logger("metering.feed.stream")


@asynccontextmanager
async def open_stream(settings: Settings) -> AsyncIterator[ReadingStream]:
    """Yield the stream that the settings name; their Redis must be known."""
    stream = ReadingStream(
        connect_redis_bytes(str(settings.redis_uri)), name=settings.feed_stream, group=settings.feed_stream_group
    )
    try:
        yield stream
    finally:
        await stream.close()


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let the garbage collector look less often meanwhile: at its usual pace it takes two fifths of the time.

    A portion is a hundred thousand objects that live for a second, and none of them is part of a cycle.
    """
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def consumer_of(
    settings: Settings, *, name: str, stream: ReadingStream, metering: Metering, clock: Clock, stop: asyncio.Event
) -> Consumer:
    """Return a consumer that goes as the settings say, until `stop` is set."""
    return Consumer(
        name=name,
        stream=stream,
        intake=PortionIntake(
            stores=metering.stores,
            clients=metering.clients,
            limits=metering.limits,
            entry_bytes=settings.feed_stream_entry_bytes,
        ),
        pace=Pace(
            batch_bytes=settings.feed_stream_batch_bytes,
            backlog_bytes=settings.feed_stream_backlog_bytes,
            claim_seconds=settings.feed_stream_claim_seconds,
            tries=settings.feed_stream_tries,
        ),
        clock=clock,
        stop=stop,
    )


async def consume(settings: Settings, *, name: str | None) -> None:
    """Store what comes by the stream until SIGTERM or SIGINT; what is in hand then is finished first.

    name: of the consumer, which must be its own; by default it is made of host and process, and what a process that
    died had in hand is taken over after `feed_stream_claim_seconds`. A name that stays takes it over at once.
    """
    stop = asyncio.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(told, stop.set)
    async with with_servers(settings) as chosen, open_mongo(chosen) as mongo, open_stream(chosen) as stream:
        metering = Metering.open(mongo=mongo, settings=chosen)
        own_name = name or f"{socket.gethostname()}-{os.getpid()}"
        consumer = consumer_of(chosen, name=own_name, stream=stream, metering=metering, clock=SystemClock(), stop=stop)
        async with served(chosen.feed_stream_port, is_ready=lambda: consumer.is_ready):
            _log.info("consuming", stream=stream.name, group=stream.group)
            with seldom_collected():
                await consumer.run()

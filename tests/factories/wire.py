"""A wire to a server that can be cut, or go silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Wire:
    """A relay to a server on this machine."""

    port: int
    silent: bool = False
    _server: asyncio.Server | None = None
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def cut(self) -> None:
        """End every connection and take no more, as a server that was killed."""
        assert self._server
        self._server.close()
        for writer in self._writers:
            writer.close()


@asynccontextmanager
async def wire_to(host: str, port: int) -> AsyncIterator[Wire]:
    """Yield a wire to a server."""
    wire = Wire(port=0)
    pumps: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                if not wire.silent:
                    writer.write(data)
                    await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(host, port)
        wire._writers += [writer, there[1]]
        for task in (asyncio.create_task(pump(reader, there[1])), asyncio.create_task(pump(there[0], writer))):
            pumps.add(task)
            task.add_done_callback(pumps.discard)

    wire._server = await asyncio.start_server(connected, "127.0.0.1", 0)
    wire.port = wire._server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        wire.cut()
        for task in pumps:
            task.cancel()

"""The load: keep-alive clients in a process of their own, each with one request under way.

    python -m bench.home.loading <port> <seconds> <clients> <folder>

reads the tokens and the body from the folder and prints what it measured as JSON.
"""

import asyncio
import sys
import time
from itertools import cycle
from pathlib import Path

import httptools
import orjson
import uvloop

_WARM_SECONDS = 1.0
_GOOD = 200


class Client(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, asks again."""

    def __init__(self, requests: "cycle[bytes]", measured: list[float], until: float) -> None:
        self._requests = requests
        self._measured = measured
        self._until = until
        self._body = b""
        self._asked = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so where the end had not come."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        """Hand the bytes to the parser."""
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the answer."""
        self._body += body

    def on_message_complete(self) -> None:
        """Count the answer and ask again."""
        now = time.perf_counter()
        if self._parser.get_status_code() != _GOOD or b'"errors"' in self._body:
            self.done.set_exception(RuntimeError(f"a bad answer: {self._body[:300]!r}"))
            self._transport.close()
            return
        self._measured.append(now - self._asked)
        if now < self._until:
            self._ask()
        else:
            self.done.set_result(None)
            self._transport.close()

    def _ask(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""
        self._asked = time.perf_counter()
        self._transport.write(next(self._requests))


async def load(*, port: int, seconds: float, clients: int, requests: list[bytes]) -> dict[str, object]:
    """Ask for a second to warm up, then for `seconds`."""
    turns = cycle(requests)
    warm = await _spell(port, _WARM_SECONDS, clients, turns)
    began, cpu = time.perf_counter(), time.process_time()
    measured = await _spell(port, seconds, clients, turns)
    took = time.perf_counter() - began
    return {
        "seconds": took,
        "warm": len(warm),
        "busy": (time.process_time() - cpu) / took,
        "each_ms": [one * 1000 for one in measured],
    }


async def _spell(port: int, seconds: float, clients: int, requests: "cycle[bytes]") -> list[float]:
    measured: list[float] = []
    until = time.perf_counter() + seconds
    loop = asyncio.get_running_loop()
    connected = [
        await loop.create_connection(lambda: Client(requests, measured, until), "127.0.0.1", port)
        for _ in range(clients)
    ]
    await asyncio.gather(*(client.done for _, client in connected))
    return measured


def request(token: str, body: bytes) -> bytes:
    """Return a whole request."""
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def main() -> None:
    """Load, and print what was measured."""
    port, seconds, clients, folder = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    body = (folder / "body").read_bytes()
    requests = [request(token, body) for token in (folder / "tokens").read_text().split()]
    found = uvloop.run(load(port=port, seconds=seconds, clients=clients, requests=requests))
    sys.stdout.buffer.write(orjson.dumps(found))


if __name__ == "__main__":
    main()

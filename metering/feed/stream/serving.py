"""Whether a consumer lives, whether it can work, and what it counts, over HTTP on the loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

_HOST: Final = "127.0.0.1"
_PATIENCE_SECONDS: Final = 5
_JSON: Final = "application/json"


@asynccontextmanager
async def served(port: int | None, *, is_ready: Callable[[], bool]) -> AsyncIterator[None]:
    """Answer `/health/live`, `/health/ready` and `/metrics` meanwhile, if any port was chosen."""
    if port is None:
        yield
        return

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                path = (await reader.readuntil(b"\r\n")).split(b" ")[1].decode()
                writer.write(_answer(path, is_ready=is_ready()))
                await writer.drain()
        except (TimeoutError, OSError, IndexError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asks like this gets no answer
        finally:
            writer.close()

    server = await asyncio.start_server(answer, _HOST, port)
    async with server:
        yield


def _answer(path: str, *, is_ready: bool) -> bytes:
    if path == "/metrics":
        return _response("200 OK", CONTENT_TYPE_LATEST, generate_latest())
    if path == "/health/live":
        return _response("200 OK", _JSON, b'{"status":"alive"}')
    if path == "/health/ready":
        if is_ready:
            return _response("200 OK", _JSON, b'{"status":"ready"}')
        return _response("503 Service Unavailable", _JSON, b'{"status":"a server is away"}')
    return _response("404 Not Found", _JSON, b"{}")


def _response(status: str, kind: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body

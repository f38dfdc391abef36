"""Calls to the outside: every one is bounded in time and counted, and no file makes one that is not listed here."""

import ast
import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client import REGISTRY

from gridhall.billing.invoices.platform import HttpTaxPlatform, Seller
from gridhall.billing.invoices.port import TaxUnavailableError
from gridhall.billing.payments.calls import call
from gridhall.billing.payments.port import ProviderUnavailableError
from gridhall.kit.clock import SystemClock
from gridhall.kit.outside import send_bounded
from gridhall.workers.app import app as _of_workers

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("api", "billing", "crm", "graphql", "kit", "metering", "notifications", "workers")

BOUNDED = {
    "api/demo/command.py": "timeout",
    "api/demo/feeding.py": "timeout",
    "api/demo/seed.py": "",
    "api/demo/wechat.py": "timeout",
    "api/state.py": "timeout",
    "billing/reconciliation/cli.py": "timeout",
    "crm/wechat/client.py": "timeout",
    "kit/jobs.py": "BROKER_LIMITS",
    "kit/mongo.py": "_LIMITS_MS",
    "kit/embedded/mongod.py": "serverSelectionTimeoutMS",
    "kit/embedded/valkey.py": "socket_timeout",
    "kit/redis.py": "socket_timeout",
    "notifications/channels/mail.py": "timeout",
    "notifications/channels/sms.py": "timeout",
    "workers/app.py": "BROKER_LIMITS",
    "workers/engine.py": "timeout",
}
"""The files that open connections, and what bounds each: a word of the call or of its file.

The demo's seed calls the stand-ins beside it with httpx's own limit of five seconds.
"""

COUNTED = {
    "gridhall_payment_provider_calls": "billing/payments/calls.py",
    "gridhall_tax_platform_calls": "billing/invoices/platform.py",
    "gridhall_wechat_calls": "crm/wechat/metrics.py",
    "gridhall_delivery_attempts": "notifications/channels/metrics.py",
    "gridhall_jobs": "workers/measures.py",
}

OPENERS = {
    *("AsyncClient", "Client", "SMTP", "Celery", "MongoClient", "AsyncMongoClient", "AsyncIOMotorClient"),
    *("open_connection", "create_connection", "urlopen", "from_url", "Redis"),
}
AT_ONCE = {"get", "post", "put", "patch", "delete", "head", "request", "stream"}


def opened(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls that open a connection to somebody."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) | ast.Attribute(attr=name) if name in OPENERS:
                    yield node
                case ast.Attribute(value=ast.Name(id="httpx"), attr=name) if name in AT_ONCE:
                    yield node


def test_no_file_opens_a_connection_that_nothing_bounds() -> None:
    found = {}
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts):
        text = path.read_text()
        if not any(f"{word}(" in text for word in (*OPENERS, *(f"httpx.{one}" for one in AT_ONCE))):
            continue
        if calls := list(opened(ast.parse(text))):
            name = path.relative_to(ROOT).as_posix()
            words = {keyword.arg or "" for one in calls for keyword in one.keywords}
            found[name] = {word for word in (BOUNDED.get(name), "timeout") if word and (word in words or word in text)}
    assert found.keys() == BOUNDED.keys()
    assert {name for name, bound in BOUNDED.items() if bound and bound not in found[name]} == set()


def test_every_kind_of_call_is_counted() -> None:
    assert _of_workers
    known = {metric.name for metric in REGISTRY.collect()}
    assert {name for name in COUNTED if name not in known} == set()
    assert {place for place in COUNTED.values() if not (ROOT / place).is_file()} == set()


@asynccontextmanager
async def dripping() -> AsyncIterator[str]:
    """A server that answers a byte at a time and never ends."""

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.02)

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.fixture
async def slow() -> AsyncIterator[tuple[str, httpx.AsyncClient]]:
    async with dripping() as url, httpx.AsyncClient(timeout=0.1, trust_env=False) as http:
        yield url, http


async def test_an_answer_that_drips_is_given_up(slow: tuple[str, httpx.AsyncClient]) -> None:
    url, http = slow
    started = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        await send_bounded(http, http.build_request("GET", url))
    assert time.monotonic() - started < 5


async def test_neither_a_provider_nor_the_tax_platform_keeps_us_by_dripping(
    slow: tuple[str, httpx.AsyncClient],
) -> None:
    url, http = slow
    with pytest.raises(ProviderUnavailableError, match="ReadTimeout"):
        await call(http=http, provider="alipay", name="query", request=lambda: http.build_request("GET", url))
    platform = HttpTaxPlatform(http=http, url=url, seller=Seller("c", "n", "1"), key=b"k", clock=SystemClock())
    with pytest.raises(TaxUnavailableError, match="ReadTimeout"):
        await platform.query("one")

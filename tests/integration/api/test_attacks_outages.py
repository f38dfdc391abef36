"""A server that is gone, or that has gone silent: a clean answer, and soon."""

import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest

from gridhall.api.app import create_app
from gridhall.api.state import State
from gridhall.crm.customers.model import CustomerId
from gridhall.kit.ids import new_id
from gridhall.kit.settings import Settings
from tests.factories.wire import Wire, wire_to

Served = tuple[httpx.AsyncClient, Wire, State]
CODE = {"phone": "13800000001"}

SHORT = "serverSelectionTimeoutMS=1000&connectTimeoutMS=1000&heartbeatFrequencyMS=500"

_SOON_SECONDS = 10
"""Far above what the limits of `SHORT` make it, and far below waiting for ever."""
"""A fifth of what a deployment waits."""


@pytest.fixture
async def served(settings: Settings, mongo_uri: str) -> AsyncIterator[Served]:
    """The API with a database behind a wire, and a Redis that nobody listens for."""
    address = urlsplit(mongo_uri)
    async with wire_to(str(address.hostname), address.port or 27017) as wire:
        uri = f"mongodb://127.0.0.1:{wire.port}/?directConnection=true&{SHORT}"
        app = create_app(settings.model_copy(update={"mongo_uri": uri, "redis_uri": "redis://127.0.0.1:1/0"}))
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://api.test", timeout=60) as http:
                yield http, wire, app.state.gridhall


async def test_without_redis_codes_are_taken_and_reads_answered(served: Served) -> None:
    http, _, state = served
    assert (await http.post("/v1/sign-in/code", json=CODE)).status_code == 202
    assert (await http.post("/graphql", json={"query": "{ viewer { phone } }"})).json() == {"data": {"viewer": None}}
    assert (await http.get("/health/ready")).status_code == 200
    (event,) = await state.mongo["outbox"].find({}).to_list()
    assert event["waiting"]


@pytest.mark.parametrize("how", ["cut", "silent"])
async def test_without_the_database_every_answer_is_clean_and_comes_soon(served: Served, how: str) -> None:
    http, wire, state = served
    customer = {"Authorization": f"Bearer {state.access_tokens.sign(CustomerId(new_id()), now=state.clock.now()).text}"}
    if how == "cut":
        wire.cut()
    else:
        wire.silent = True
    started = time.monotonic()
    ready = await http.get("/health/ready")
    assert ready.status_code == 503
    assert time.monotonic() - started < _SOON_SECONDS
    asked = await http.post("/v1/sign-in/code", json=CODE, headers={"Accept-Language": "en"})
    assert (asked.status_code, asked.json()["code"], asked.headers["retry-after"]) == (503, "unavailable", "5")
    told = await http.post("/graphql", json={"query": "{ viewer { phone } }"}, headers=customer)
    assert told.status_code == 503
    for answer in (asked, told):
        assert "mongo" not in answer.text.lower()
        assert str(wire.port) not in answer.text
    assert (await http.get("/health/live")).status_code == 200
    assert time.monotonic() - started < 3 * _SOON_SECONDS

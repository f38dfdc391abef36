"""Our clients of both providers over HTTP against the stand-ins, going by one clock that a test may move."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import pytest

from gridhall.billing.payments.port import OnlineProvider, StatementLine
from gridhall.kit.clock import FixedClock
from gridhall.kit.localdays import local_day
from gridhall.simulators.app import Addresses, running
from tests.factories.paying import START, Statement, pay_keys, providers_at, tell


@pytest.fixture(scope="module")
def shared() -> FixedClock:
    """The clock that both sides go by."""
    return FixedClock(START)


@pytest.fixture(scope="module")
async def stands(shared: FixedClock) -> AsyncIterator[Addresses]:
    keys = pay_keys()
    async with running(pay=keys, sms_access_key_id="k", sms_access_key_secret="s", clock=shared) as addresses:
        yield addresses


@pytest.fixture
async def http(stands: Addresses) -> AsyncIterator[httpx.AsyncClient]:
    """A client; what the stand-ins were told ends with the test."""
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        yield client
        await tell(client, stands)


@pytest.fixture
def clock(shared: FixedClock) -> Iterator[FixedClock]:
    """The shared clock, which a test may move."""
    yield shared
    shared.at = START


@pytest.fixture
def provider(
    request: pytest.FixtureRequest, stands: Addresses, http: httpx.AsyncClient, clock: FixedClock
) -> OnlineProvider:
    """The provider that a module names as its `PROVIDER`."""
    return providers_at(stands, http, clock=clock)[request.module.PROVIDER]


@pytest.fixture
def statement(provider: OnlineProvider, http: httpx.AsyncClient, stands: Addresses, clock: FixedClock) -> Statement:
    """Fetch the statement of the day on which the tests began, at noon of the next, as wrong as it is told to be."""

    async def fetch(*wrong: str) -> list[StatementLine]:
        await tell(http, stands, statement=list(wrong))
        clock.at = START + timedelta(days=1, hours=12)
        return list(await provider.statement(local_day(START, "Asia/Shanghai")))

    return fetch

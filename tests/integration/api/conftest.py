"""The API in this process, on a real database, with the stand-ins for SMS, mail and payment."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gridhall.api.app import create_app
from gridhall.api.state import State
from gridhall.billing.bills.model import Bill, BillStatus, Finding
from gridhall.crm.agents.model import Agent, AgentRole
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.settings import Settings
from gridhall.simulators.app import Addresses, running
from tests.factories.agents import an_agent, headers_of
from tests.factories.bills import a_bill
from tests.factories.desk import Ask
from tests.factories.homes import Home, a_home
from tests.factories.paying import pay_keys, pay_settings, public_pem


@pytest.fixture(scope="session")
async def stands() -> AsyncIterator[Addresses]:
    async with running(
        pay=pay_keys(), sms_access_key_id="api-key", sms_access_key_secret="api-sms", tax=b"api-tax"
    ) as addresses:
        yield addresses


@pytest.fixture
def settings(mongo: Mongo, mongo_uri: str, redis_uri: str, stands: Addresses, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        mongo_uri=mongo_uri,
        mongo_database=mongo.database.name,
        redis_uri=redis_uri,
        public_url="http://api.test",
        mail_port=stands.smtp_port,
        sms_url=stands.sms_url,
        sms_access_key_id="api-key",
        sms_access_key_secret="api-sms",
        **pay_settings(stands),
        wechatpay_public_key=public_pem(pay_keys().wechatpay.public.public_key()),
        wechatpay_public_key_id=pay_keys().wechatpay.public_id,
        feed_max_bytes=200_000,
        log_level="ERROR",
        password_memory_kib=64,
        password_passes=1,
    )


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[tuple[httpx.AsyncClient, State]]:
    made = create_app(settings)
    async with made.router.lifespan_context(made):
        transport = httpx.ASGITransport(app=made, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
            yield client, made.state.gridhall


@pytest.fixture
def http(app: tuple[httpx.AsyncClient, State]) -> httpx.AsyncClient:
    return app[0]


@pytest.fixture
def state(app: tuple[httpx.AsyncClient, State]) -> State:
    return app[1]


@pytest.fixture
async def home(state: State) -> Home:
    return await a_home(state, 1)


@pytest.fixture
async def agent(state: State) -> Agent:
    return await an_agent(state)


@pytest.fixture
async def reviewer(state: State) -> Agent:
    return await an_agent(state, "qian.hong", role=AgentRole.REVIEWER)


@pytest.fixture
def ask(http: httpx.AsyncClient, state: State) -> Ask:
    """The door as an agent uses it."""

    async def post(agent: Agent, query: str, **variables: object) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        told: dict[str, Any] = (await http.post("/graphql", json=body, headers=headers_of(state, agent))).json()
        return told

    return post


@pytest.fixture
async def held(state: State, home: Home) -> Bill:
    """The home's bill of October, held by the review."""
    finding = Finding("jumped_against_last_month", (("kwh", "2000"), ("previous", "240")))
    used = {"peak": 1500, "valley": 500}
    bill = a_bill(home.account, "2026-10", used, status=BillStatus.HELD, findings=(finding,))

    async def write(transaction: Transaction) -> None:
        await state.hall.billing.bills.add([bill], transaction=transaction)

    await state.mongo.transact(write)
    return bill

"""The whole service as processes: API, Celery worker and beat, on the tests' MongoDB and Redis, with stand-ins."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from gridhall.api.demo.processes import Processes
from gridhall.api.state import open_state
from gridhall.kit.embedded.process import free_port
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings
from gridhall.simulators.app import running
from gridhall.workers import names
from tests.factories.databases import database_of_its_own, goodbye
from tests.factories.paying import pay_keys, pay_settings
from tests.factories.service import Service

_READY_SECONDS = 60
_QUEUES = ",".join(sorted(set(names.QUEUES.values())))


@pytest.fixture(scope="session")
async def service(
    mongo_uri: str, redis_uri: str, worker: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    folder = tmp_path_factory.mktemp("journey")
    url = f"http://127.0.0.1:{free_port()}"
    async with running(
        pay=pay_keys(), sms_access_key_id="journey-key", sms_access_key_secret="journey-sms", tax=b"journey-tax"
    ) as stands:
        settings = Settings(
            data_dir=folder,
            mongo_uri=mongo_uri,
            mongo_database=f"journey_{worker}",
            redis_uri=redis_uri,
            public_url=url,
            mail_port=stands.smtp_port,
            sms_url=stands.sms_url,
            **pay_settings(stands),
            wechat_url=stands.wechat_url,
            tax_url=stands.tax_url,
            tax_key=SecretStr("journey-tax"),
            quiet_hours="",
            sms_access_key_id="journey-key",
            sms_access_key_secret="journey-sms",
        )
        processes = Processes(folder / "logs", _environment(settings))
        with database_of_its_own(mongo_uri, settings.mongo_database):
            mongo = Mongo.connect(uri=mongo_uri, database=settings.mongo_database, driver=settings.mongo_driver)
            try:
                async with open_state(settings, mongo=mongo) as state:
                    _start(processes, url, folder)
                    await _ready(url, processes)
                    yield Service(url, settings, state, stands, processes)
            finally:
                await asyncio.to_thread(processes.stop)
                await goodbye(mongo)


def _environment(settings: Settings) -> dict[str, str]:
    values = settings.model_dump(exclude_none=True)
    plain = {name: value for name, value in values.items() if isinstance(value, str | int | float | Path)}
    secret = {name: value.get_secret_value() for name, value in values.items() if isinstance(value, SecretStr)}
    return {f"GRIDHALL_{name.upper()}": str(value) for name, value in {**plain, **secret}.items()}


def _start(processes: Processes, url: str, folder: Path) -> None:
    port = url.rsplit(":", 1)[1]
    processes.start("api", "uvicorn", "gridhall.api.app:create_app", "--factory", "--port", port, "--no-access-log")
    celery = ("celery", "-A", "gridhall.workers.app")
    processes.start("worker", *celery, "worker", "--concurrency", "1", "--queues", _QUEUES, "--loglevel", "WARNING")
    processes.start("beat", *celery, "beat", "--schedule", str(folder / "beat"), "--pidfile", "")


async def _ready(url: str, processes: Processes) -> None:
    async with httpx.AsyncClient() as http:
        for _ in range(_READY_SECONDS * 10):
            assert not processes.ended(), "\n".join(processes.log_of(name).read_text() for name in processes.ended())
            try:
                if (await http.get(f"{url}/health/ready")).is_success:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    pytest.fail("the API did not become ready")


@pytest.fixture
async def http(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=service.url, timeout=30) as client:
        yield client


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)

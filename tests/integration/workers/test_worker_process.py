"""A real worker: what its logs and its metrics say of a job."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gridhall.api.demo.processes import Processes
from gridhall.kit import log
from gridhall.kit.embedded.process import free_port
from gridhall.kit.jobs import CeleryQueue, producer
from gridhall.kit.mongo import Mongo
from gridhall.workers import names

QUEUE = "notifications.critical"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
async def worker_log(mongo: Mongo, mongo_uri: str, redis_uri: str, tmp_path: Path, port: int) -> AsyncIterator[Path]:
    environment = {
        "GRIDHALL_DATA_DIR": str(tmp_path),
        "GRIDHALL_MONGO_URI": mongo_uri,
        "GRIDHALL_MONGO_DATABASE": mongo.database.name,
        "GRIDHALL_REDIS_URI": redis_uri,
        "GRIDHALL_WORKER_METRICS_PORT": str(port),
    }
    processes = Processes(tmp_path / "logs", environment)
    arguments = ("worker", "--concurrency", "1", "--queues", QUEUE, "--loglevel", "WARNING")
    processes.start("worker", "celery", "-A", "gridhall.workers.app", *arguments)
    try:
        yield processes.log_of("worker")
    finally:
        await asyncio.to_thread(processes.stop)


async def errors_of(path: Path) -> list[dict[str, object]]:
    """The errors that the worker logged, once there is one."""
    for _ in range(600):
        lines = [
            json.loads(line) for line in (await asyncio.to_thread(path.read_text)).splitlines() if line.startswith("{")
        ]
        if found := [line for line in lines if line.get("level") == "error"]:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(path)


async def test_the_id_of_a_request_reaches_the_log_of_its_job_and_the_job_is_counted(
    redis_uri: str, worker_log: Path, port: int
) -> None:
    routes = {name: {"queue": queue} for name, queue in names.QUEUES.items()}
    with log.request("seen-at-the-door"):
        await CeleryQueue(producer(redis_uri, routes=routes)).send(names.TELL_CODES, event_ids=["no-id"])
    (error, *_) = await errors_of(worker_log)
    assert (error["request_id"], error["job"]) == ("seen-at-the-door", names.TELL_CODES)
    async with httpx.AsyncClient(trust_env=False) as http:
        told = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
    assert f'gridhall_jobs_total{{job="{names.TELL_CODES}",state="FAILURE"}} 1.0' in told

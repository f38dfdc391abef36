"""A broker that takes connections and says nothing keeps nobody."""

import asyncio
import socket
import time

import pytest
from kombu.exceptions import OperationalError

from gridhall.kit import jobs
from gridhall.kit.jobs import CeleryQueue, producer
from gridhall.workers.app import app


async def test_queueing_to_a_silent_broker_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BROKER_LIMITS", {"socket_connect_timeout": 0.1, "socket_timeout": 0.1})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        queue = CeleryQueue(producer(f"redis://127.0.0.1:{silent.getsockname()[1]}/0"))
        started = time.monotonic()
        with pytest.raises(OperationalError):
            await asyncio.wait_for(queue.send("a.job"), 20)
    assert time.monotonic() - started < 10


def test_workers_keep_the_same_limits() -> None:
    assert jobs.BROKER_LIMITS.items() <= app.conf.broker_transport_options.items()
    assert producer("redis://127.0.0.1:1/0").conf.broker_transport_options == jobs.BROKER_LIMITS

"""The port to the job queue: jobs are queued by name, with ids in the payload and never objects."""

import asyncio
from typing import Final, Protocol

from celery import Celery

from gridhall.kit.log import current_request_id

SEND_RETRY = {"max_retries": 2, "interval_start": 0.05, "interval_step": 0.2}
"""How hard a queueing tries: the outbox's sweeper repeats what gets lost, so a caller is not kept long."""

BROKER_LIMITS: Final[dict[str, float]] = {"socket_connect_timeout": 1.0, "socket_timeout": 10.0}
"""Seconds for the broker to take a connection and to answer: kombu would wait for a silent one for ever. A worker's
own blocking read takes one second, so the second limit must stay well above."""


class JobQueue(Protocol):
    """Somewhere to leave a job."""

    async def send(self, name: str, /, **payload: object) -> None:
        """Queue the job `name`. Raises the broker's error where it cannot be reached."""


class CeleryQueue:
    """Jobs on Celery; which queue a job belongs to is decided by the app's routes."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    async def send(self, name: str, /, **payload: object) -> None:
        """Queue the job in a thread: publishing to the broker blocks."""
        headers = {"request_id": current_request_id()}
        await asyncio.to_thread(
            self._app.send_task, name, kwargs=payload, headers=headers, retry=True, retry_policy=SEND_RETRY
        )


def producer(redis_uri: str, *, routes: dict[str, dict[str, str]] | None = None) -> Celery:
    """Return a Celery app that only publishes, for processes that run no jobs."""
    app = Celery("gridhall", broker=redis_uri)
    app.conf.update(
        task_routes=routes or {},
        task_ignore_result=True,
        broker_connection_retry_on_startup=True,
        broker_transport_options=dict(BROKER_LIMITS),
    )
    return app

"""How many jobs ran, how they ended, and how long they took."""

import time
from typing import Final

from billiard.process import current_process
from celery import Task
from celery.signals import task_postrun, task_prerun
from prometheus_client import Counter, Histogram, start_http_server

JOBS = Counter("gridhall_jobs_total", "Jobs that ended.", ["job", "state"])
SECONDS = Histogram("gridhall_job_seconds", "Time that a job took.", ["job"])

_HOST: Final = "127.0.0.1"

_started: dict[str, float] = {}


def serve(first_port: int | None) -> None:
    """Serve the metrics of this process of the pool on a port of its own, if any port was chosen."""
    if first_port is not None:
        # Only a process of a pool has an index.
        start_http_server(first_port + getattr(current_process(), "index", 0), addr=_HOST)


@task_prerun.connect
def _start(task_id: str, **_: object) -> None:
    _started[task_id] = time.perf_counter()


@task_postrun.connect
def _count(task_id: str, task: Task[..., object], state: str | None = None, **_: object) -> None:
    JOBS.labels(task.name, state or "UNKNOWN").inc()
    SECONDS.labels(task.name).observe(time.perf_counter() - _started.pop(task_id, time.perf_counter()))

"""The Celery app: `celery -A gridhall.workers.app worker` and `... beat`."""

from celery import Celery, Task
from celery.signals import setup_logging, task_postrun, task_prerun, worker_process_init, worker_process_shutdown
from structlog.contextvars import bind_contextvars, clear_contextvars

from gridhall.kit import log
from gridhall.kit.jobs import BROKER_LIMITS
from gridhall.kit.settings import settings
from gridhall.workers import engine, measures, names, schedule

HARD_LIMIT_SECONDS = 600
"""No task runs longer. Chunks are cut so that none comes near it."""

VISIBILITY_SECONDS = 2 * HARD_LIMIT_SECONDS + 60
"""A task not acknowledged after this long is started again, so it is longer than two hard limits."""

app = Celery(
    "gridhall",
    broker=settings().redis_uri,
    include=[
        f"gridhall.workers.tasks.{name}"
        for name in (
            "arrears",
            "bills",
            "forecasts",
            "invoices",
            "irregular",
            "load",
            "notifications",
            "outbox",
            "payments",
            "prepayment",
            "retention",
            "rounds",
            "shadow",
            "tips",
            "vee",
        )
    ],
)
app.conf.update(
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": VISIBILITY_SECONDS, **BROKER_LIMITS},
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=HARD_LIMIT_SECONDS,
    task_soft_time_limit=HARD_LIMIT_SECONDS - 30,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_routes={name: {"queue": queue} for name, queue in names.QUEUES.items()},
    task_default_queue="default",
    worker_prefetch_multiplier=1,
    worker_soft_shutdown_timeout=30,
    worker_enable_soft_shutdown_on_idle=True,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_send_task_events=False,
    beat_schedule=schedule.BEAT,
    timezone="UTC",
)


@setup_logging.connect
def _log_in_json(**_: object) -> None:
    log.configure(level=settings().log_level)


@worker_process_init.connect
def _start_engine(**_: object) -> None:
    engine.start(settings(), app)
    measures.serve(settings().worker_metrics_port)


@worker_process_shutdown.connect
def _stop_engine(**_: object) -> None:
    engine.stop()


@task_prerun.connect
def _bind_request_id(task_id: str, task: Task[..., object], **_: object) -> None:
    clear_contextvars()
    bind_contextvars(request_id=getattr(task.request, "request_id", None), job=task.name, job_id=task_id)


@task_postrun.connect
def _unbind(**_: object) -> None:
    clear_contextvars()

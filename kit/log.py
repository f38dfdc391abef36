"""Structured logs in JSON. No personal data belongs in them: log ids, never names, phones or texts."""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars, merge_contextvars
from structlog.tracebacks import ExceptionDictTransformer

from gridhall.kit.ids import new_id

_SANE_ID = re.compile(r"[A-Za-z0-9-]{1,64}")

_EXCEPTIONS = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
"""Where it happened and what was raised; local variables may hold personal data and are left out."""


def configure(*, level: str) -> None:
    """Send our own logs and those of libraries to standard error as JSON lines."""
    shared: list[structlog.typing.Processor] = [
        merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, _EXCEPTIONS, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _EXCEPTIONS,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(logging.WARNING, logging.getLevelName(level)), force=True)


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return a logger that names its room."""
    return structlog.get_logger(room=name)  # type: ignore[no-any-return]


@contextmanager
def request(request_id: str | None) -> Iterator[str]:
    """Bind a request id, the caller's if it is a sane one, to everything logged inside."""
    chosen = request_id if request_id and _SANE_ID.fullmatch(request_id) else str(new_id())
    with bound_contextvars(request_id=chosen):
        yield chosen


def current_request_id() -> str | None:
    """Return the request id that is bound here, to hand it on to a job."""
    found = get_contextvars().get("request_id")
    return str(found) if found is not None else None


def bind(**facts: object) -> None:
    """Add facts to everything that is logged later in this context."""
    bind_contextvars(**facts)

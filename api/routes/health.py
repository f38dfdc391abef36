"""Whether the process lives, whether it can serve, and what it counts."""

import asyncio
import hmac

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from gridhall.api.problems import ProblemError
from gridhall.api.state import state_of
from gridhall.kit.log import logger

router = APIRouter(tags=["health"])

_log = logger("api.health")

_SOON_SECONDS = 2


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Say that the process lives."""
    return {"status": "alive"}


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """Say whether the database answers soon; 503 where it does not."""
    try:
        async with asyncio.timeout(_SOON_SECONDS):
            await state_of(request).mongo.ping()
    except Exception as error:  # noqa: BLE001 - whatever it is, the process cannot serve
        _log.warning("not ready", error=type(error).__name__)
        return JSONResponse({"status": "database unreachable"}, status_code=503)
    return JSONResponse({"status": "ready"})


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Return the metrics in Prometheus' text format, in production to whoever has the token for them."""
    settings = state_of(request).settings
    token = settings.metrics_token.get_secret_value() if settings.metrics_token else None
    if token is None and settings.environment == "production":
        raise ProblemError("not_found")
    given = request.headers.get("authorization", "").encode()
    if token is not None and not hmac.compare_digest(given, f"Bearer {token}".encode()):
        raise ProblemError("not_found")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

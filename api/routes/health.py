"""Whether the process lives, whether it can serve, and what it counts."""

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from gridhall.api.state import state_of
from gridhall.kit.log import logger

router = APIRouter(tags=["health"])

_log = logger("api.health")


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Say that the process lives."""
    return {"status": "alive"}


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """Say whether the database answers; 503 where it does not."""
    try:
        await state_of(request).mongo.ping()
    except Exception as error:  # noqa: BLE001 - whatever it is, the process cannot serve
        _log.warning("not ready", error=type(error).__name__)
        return JSONResponse({"status": "database unreachable"}, status_code=503)
    return JSONResponse({"status": "ready"})


@router.get("/metrics", include_in_schema=False)
async def metrics() -> Response:
    """Return the metrics in Prometheus' text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

"""How many requests came, how they ended, and how long they took."""

import time

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS = Counter("gridhall_http_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram("gridhall_http_request_seconds", "Time from a request to the end of its answer.", ["route"])

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NO_ROUTE = "none"
_NO_ANSWER = "none"


class Measures:
    """Counts requests by route and status. A path that is no route is not named: anybody could invent labels."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, started = _NO_ANSWER, time.perf_counter()

        async def send_seeing_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, send_seeing_status)
        finally:
            route = _route(scope)
            method = scope["method"] if scope["method"] in _METHODS else "other"
            REQUESTS.labels(method, route, status).inc()
            SECONDS.labels(route).observe(time.perf_counter() - started)


def _route(scope: Scope) -> str:
    if "endpoint" not in scope:
        return _NO_ROUTE
    # A plain ASGI route has one path, and a mounted folder one root; only FastAPI's routes name themselves.
    return str(getattr(scope.get("route"), "path", None) or scope["root_path"] or scope["path"])

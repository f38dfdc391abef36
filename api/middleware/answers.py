"""The headers of every answer."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
"""No guessing of types, no frames, no addresses of ours (they name accounts and bills) told to others."""


class AnswerHeaders:
    """Adds headers that protect a browser, and keeps answers out of caches where a route says nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request and add to its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                headers.update(_ALWAYS)
                if "cache-control" not in headers and "etag" not in headers:
                    headers["Cache-Control"] = "no-store"
                message["headers"] = headers.raw
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)

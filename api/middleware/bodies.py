"""How much of a request is read."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OWN_LIMITS = ("/v1/feed/", "/v1/billing/", "/v1/photos")
"""These read as it comes and count for themselves."""


class BodyLimit:
    """Stops reading a request beyond `most` bytes, whatever length it says it has."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; the read that goes beyond the limit raises BodyTooLargeError."""
        if scope["type"] != "http" or scope["path"].startswith(OWN_LIMITS):
            await self._app(scope, receive, send)
            return
        came = 0

        async def receive_counting() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self._most:
                raise BodyTooLargeError(self._most)
            return message

        await self._app(scope, receive_counting, send)


class BodyTooLargeError(HTTPException):
    """A request is larger than is read. It is one of HTTP's own errors, which no parser of bodies hides."""

    def __init__(self, most: int) -> None:
        super().__init__(413, f"a request must be at most {most} bytes")
        self.most = most

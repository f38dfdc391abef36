"""An id for every request: the caller's if it sends a sane one."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gridhall.kit import log


class RequestIds:
    """Binds the id of a request to everything that is logged, and returns it in the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Bytes that are no text become characters that no sane id has.
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), None)
        with log.request(given) as request_id:

            async def send_with_id(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
                await send(message)

            await self._app(scope, receive, send_with_id)

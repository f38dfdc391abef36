"""What nobody caught, as a problem document under the id of its request."""

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gridhall.api import problems
from gridhall.api.state import state_of


class Faults:
    """Answers a fault itself: beyond this, the server would log it again and answer without the request's id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; a fault before the answer has begun is answered, one after that ends the connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except ClientDisconnect:
            return  # nobody is there to be answered
        except Exception as error:
            problem = problems.problem_of(error)
            if begun:
                raise
            request = Request(scope)
            await problems.answer(state_of(request).words, request, problem)(scope, receive, send)

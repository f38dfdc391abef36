"""The front door: one ASGI app, made by `create_app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gridhall.api import problems
from gridhall.api.graphiql import routes as graphiql
from gridhall.api.graphql_route import GraphQLRoute
from gridhall.api.problems import ProblemError
from gridhall.api.routes import bills, feed, health, sign_in, webhooks
from gridhall.api.state import open_state, state_of
from gridhall.graphql.schema import build_schema
from gridhall.kit import log
from gridhall.kit.clock import Clock
from gridhall.kit.runtime import open_mongo
from gridhall.kit.settings import Settings
from gridhall.kit.settings import settings as settings_of_process


def create_app(settings: Settings | None = None, *, clock: Clock | None = None) -> FastAPI:
    """Return the app; the database is opened when it starts and closed when it stops."""
    chosen = settings or settings_of_process()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        log.configure(level=chosen.log_level)
        async with open_mongo(chosen) as mongo, open_state(chosen, mongo=mongo, clock=clock) as state:
            app.state.gridhall = state
            yield

    app = FastAPI(title="gridhall", lifespan=lifespan, docs_url=None, redoc_url=None)
    for routes in (sign_in, feed, bills, webhooks, health):
        app.include_router(routes.router)
    app.router.routes.append(Route("/graphql", endpoint=GraphQLRoute(build_schema(chosen))))
    if chosen.environment == "development":
        graphiql.mount(app)
    app.add_middleware(RequestIds)
    _present_errors(app)
    return app


class RequestIds:
    """Gives every request an id, the caller's if it sends a sane one, and returns it in the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request with its id bound to everything that is logged."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value.decode() for name, value in scope["headers"] if name == b"x-request-id"), None)
        with log.request(given) as request_id:

            async def send_with_id(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
                await send(message)

            await self._app(scope, receive, send_with_id)


def _present_errors(app: FastAPI) -> None:
    async def present(request: Request, error: Exception) -> Response:
        return problems.answer(state_of(request).words, request, problems.problem_of(error))

    for kind in (ProblemError, RequestValidationError, Exception):
        app.add_exception_handler(kind, present)

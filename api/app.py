"""The front door: one ASGI app, made by `create_app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from gridhall.api import problems
from gridhall.api.graphiql import routes as graphiql
from gridhall.api.graphql_route import GraphQLRoute
from gridhall.api.middleware.answers import AnswerHeaders
from gridhall.api.middleware.bodies import BodyLimit
from gridhall.api.middleware.faults import Faults
from gridhall.api.middleware.measures import Measures
from gridhall.api.middleware.request_ids import RequestIds
from gridhall.api.problems import ProblemError
from gridhall.api.routes import (
    bill_imports,
    bills,
    feed,
    field,
    health,
    invoices,
    photos,
    sign_in,
    sign_in_agents,
    usage,
    webhooks,
    wechat_push,
    wechat_sign_in,
)
from gridhall.api.state import open_state, state_of
from gridhall.graphql.schema import build_schema
from gridhall.kit import log
from gridhall.kit.clock import Clock
from gridhall.kit.mongo import SOMEBODY_WAITS
from gridhall.kit.runtime import open_mongo, with_servers
from gridhall.kit.settings import Settings
from gridhall.kit.settings import settings as settings_of_process


def create_app(settings: Settings | None = None, *, clock: Clock | None = None) -> FastAPI:
    """Return the app; the database is opened when it starts and closed when it stops."""
    chosen = settings or settings_of_process()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        log.configure(level=chosen.log_level)
        async with (
            with_servers(chosen) as served,
            open_mongo(served, patience=SOMEBODY_WAITS) as mongo,
            open_state(served, mongo=mongo, clock=clock) as state,
        ):
            app.state.gridhall = state
            yield

    development = chosen.environment == "development"
    app = FastAPI(
        title="gridhall",
        lifespan=lifespan,
        openapi_url="/openapi.json" if development else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    rooms = (
        sign_in,
        sign_in_agents,
        wechat_sign_in,
        feed,
        field,
        bills,
        bill_imports,
        invoices,
        usage,
        photos,
        webhooks,
        wechat_push,
    )
    for routes in (*rooms, health):
        app.include_router(routes.router)
    # The busiest route is the first that is tried.
    app.router.routes.insert(0, Route("/graphql", endpoint=GraphQLRoute(build_schema(chosen))))
    if development:
        graphiql.mount(app)
    # The first one added is the innermost.
    app.add_middleware(BodyLimit, most=chosen.request_max_bytes)
    for middleware in (Faults, Measures, AnswerHeaders, RequestIds):
        app.add_middleware(middleware)
    _present_errors(app)
    return app


def _present_errors(app: FastAPI) -> None:
    async def present(request: Request, error: Exception) -> Response:
        return problems.answer(state_of(request).words, request, problems.problem_of(error))

    for kind in (ProblemError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, present)

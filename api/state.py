"""What the API process has open, made by the lifespan and reached through the request."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import httpx
from starlette.requests import HTTPConnection

from gridhall.api.sign_in.access_tokens import AccessTokens
from gridhall.api.sign_in.refresh_tokens import RefreshTokens
from gridhall.api.sign_in.repository import DeskSignInRepository, SignInRepository
from gridhall.billing import services as billing_services
from gridhall.billing.invoices.opening import open_tax_platform
from gridhall.billing.invoices.port import TaxPlatform
from gridhall.billing.payments.providers import open_providers
from gridhall.billing.services import Billing
from gridhall.billing.tariffs.imports.operations import kept_fresh
from gridhall.crm import services as crm_services
from gridhall.crm.agents.model import Agent, AgentId
from gridhall.crm.customers.model import Customer, CustomerId
from gridhall.crm.services import People
from gridhall.graphql.context import Hall
from gridhall.kit.blobs import BlobRepository
from gridhall.kit.clock import Clock, SystemClock
from gridhall.kit.keys import field_codec
from gridhall.kit.loader import Loader
from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Outbox
from gridhall.kit.redis import connect_redis
from gridhall.kit.settings import Settings
from gridhall.kit.words import Words
from gridhall.metering import services as metering_services
from gridhall.metering.feed.rates import Rates
from gridhall.metering.feed.turnstile import Turnstile
from gridhall.metering.services import Metering
from gridhall.notifications import services as notifications_services

REPOSITORIES = (
    *metering_services.REPOSITORIES,
    *billing_services.REPOSITORIES,
    *crm_services.REPOSITORIES,
    *notifications_services.REPOSITORIES,
    Outbox,
    BlobRepository,
    SignInRepository,
    DeskSignInRepository,
)
"""Every repository whose indexes are made at start."""


@dataclass(frozen=True, slots=True)
class State:
    """The rooms of the API process."""

    settings: Settings
    clock: Clock
    words: Words
    mongo: Mongo
    metering: Metering
    feed_rates: Rates
    feed_turnstile: Turnstile
    feed_remembered_for: timedelta
    excel_places: asyncio.Semaphore
    hall: Hall
    access_tokens: AccessTokens
    refresh_tokens: RefreshTokens
    customers: Loader[CustomerId, Customer]
    desk_tokens: AccessTokens
    desk_refresh_tokens: RefreshTokens
    agents: Loader[AgentId, Agent]
    tax: TaxPlatform


@asynccontextmanager
async def open_state(settings: Settings, *, mongo: Mongo, clock: Clock | None = None) -> AsyncIterator[State]:
    """Open the rooms on a database and make its indexes."""
    clock = clock or SystemClock()
    await mongo.prepare(REPOSITORIES)
    codec = field_codec(settings)
    metering = Metering.open(mongo=mongo, settings=settings)
    billing = Billing.open(mongo=mongo, codec=codec, settings=settings)
    people = People.open(mongo=mongo, codec=codec, settings=settings, billing=billing)
    post_room = notifications_services.PostRoom.open(
        mongo=mongo, settings=settings, clock=clock, billing=billing, people=people
    )
    async with (
        AsyncExitStack() as opened,
        kept_fresh(versions=billing.tariff_versions, every_seconds=settings.tariff_refresh_seconds),
        aclosing(people),
        httpx.AsyncClient(timeout=settings.outside_timeout_seconds) as http,
    ):
        redis = await opened.enter_async_context(connect_redis(settings.redis_uri)) if settings.redis_uri else None
        hall = Hall(
            mongo=mongo,
            settings=settings,
            clock=clock,
            metering=metering,
            billing=billing,
            people=people,
            post_room=post_room,
            providers=open_providers(settings, http=http, clock=clock, noted=billing.watching.pulse),
            words=Words(["gridhall.graphql", "gridhall.metering", "gridhall.billing"]),
        )
        yield State(
            settings=settings,
            clock=clock,
            words=Words(["gridhall.api", "gridhall.metering"]),
            mongo=mongo,
            metering=metering,
            feed_rates=Rates.of(settings, redis=redis),
            feed_turnstile=Turnstile(settings.feed_batches_at_once),
            feed_remembered_for=timedelta(days=settings.feed_key_days),
            excel_places=asyncio.Semaphore(settings.export_excel_at_once),
            hall=hall,
            access_tokens=AccessTokens.of(settings),
            refresh_tokens=RefreshTokens(SignInRepository(mongo), timedelta(days=settings.refresh_token_days)),
            customers=Loader(people.customers.load),
            desk_tokens=AccessTokens.of_desk(settings),
            desk_refresh_tokens=RefreshTokens(
                DeskSignInRepository(mongo), timedelta(hours=settings.desk_refresh_hours)
            ),
            agents=Loader(people.agents.agents.load),
            tax=open_tax_platform(settings, http=http, clock=clock),
        )


def state_of(connection: HTTPConnection) -> State:
    """Return the state of the app that a request came to."""
    return cast("State", connection.app.state.gridhall)


async def customer_of(connection: HTTPConnection) -> Customer | None:
    """Return the customer whose access token a request carries, with today's bindings; None for a stranger."""
    state, token = state_of(connection), bearer_of(connection)
    customer_id = state.access_tokens.read(token, now=state.clock.now()) if token else None
    return await state.customers.load(CustomerId(customer_id)) if customer_id else None


async def agent_of(connection: HTTPConnection) -> Agent | None:
    """Return the agent whose access token a request carries, with today's grants; None for anybody else."""
    state, token = state_of(connection), bearer_of(connection)
    agent_id = state.desk_tokens.read(token, now=state.clock.now()) if token else None
    agent = await state.agents.load(AgentId(agent_id)) if agent_id else None
    return agent if agent and not agent.must_change else None


def bearer_of(connection: HTTPConnection) -> str | None:
    """Return the token that a request carries, if any."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else None

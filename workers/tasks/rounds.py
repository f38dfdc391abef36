"""Jobs of reading rounds: worklists, silent meters, and readings that came before their meter's exchange."""

from collections.abc import Sequence
from uuid import UUID

from gridhall.billing.regions import regions
from gridhall.metering.exchanges.replaying import replay_exchanges
from gridhall.metering.rounds.asking import Asked, list_asked
from gridhall.metering.rounds.making import make_due
from gridhall.metering.rounds.marking import close_due
from gridhall.metering.rounds.silent import list_silent_from
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.consuming import consumes
from gridhall.workers.engine import Engine, engine


@app.task(name=names.MAKE_WORKLISTS)
def make_worklists(**_later: object) -> None:
    """Make the lists of today and tomorrow, and close those whose time is over."""
    ctx = engine()

    async def work() -> None:
        now = ctx.clock.now()
        await make_due(rounds=ctx.metering.rounds, now=now)
        await close_due(rounds=ctx.metering.rounds, now=now)

    ctx.run(work())


@app.task(name=names.SPREAD_SILENT)
def spread_silent(**_later: object) -> None:
    """Begin the walk over the points of every region."""
    ctx = engine()

    async def work() -> None:
        for region in regions():
            await ctx.queue.send(names.LIST_SILENT, region=region, after=None)

    ctx.run(work())


@app.task(name=names.LIST_SILENT)
def list_silent(*, region: str, after: str | None = None, **_later: object) -> None:
    """List the silent meters among the next points of a region, and queue the walk over the rest."""
    ctx = engine()

    async def work() -> None:
        begin = UUID(after) if after else None
        _, last = await list_silent_from(region=region, after=begin, rounds=ctx.metering.rounds, now=ctx.clock.now())
        if last:
            await ctx.queue.send(names.LIST_SILENT, region=region, after=str(last))

    ctx.run(work())


@app.task(name=names.REPLAY_EXCHANGES)
def take_again(**_later: object) -> None:
    """Take readings again that were refused before their meter's exchange was entered."""
    ctx = engine()
    ctx.run(replay_exchanges(replaying=ctx.metering.replaying, now=ctx.clock.now()))


@consumes(names.LIST_ASKED)
async def list_asked_rereads(ctx: Engine, ids: Sequence[UUID]) -> None:
    """Put meters on lists that somebody asked to be read again."""
    asked = [Asked.of(event) for event in await ctx.outbox.load(ids)]
    await list_asked(asked=asked, rounds=ctx.metering.rounds, now=ctx.clock.now())

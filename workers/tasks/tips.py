"""Jobs of tips: the accounts of every region in chunks, and each chunk's tips."""

from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.accounts.walks import chunks
from gridhall.billing.regions import regions
from gridhall.kit.localdays import local_day
from gridhall.notifications.sending.deliver import deliver
from gridhall.notifications.triggers.tips import tell_tips
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.engine import engine


@app.task(name=names.SPREAD_TIPS)
def spread_tips(**_later: object) -> None:
    """Queue the month's tips of every account, in chunks."""
    ctx = engine()

    async def work() -> None:
        for region in regions():
            async for account_ids in chunks(accounts=ctx.billing.accounts, region=region):
                await ctx.queue.send(names.TELL_TIPS, account_ids=[str(account_id) for account_id in account_ids])

    ctx.run(work())


@app.task(name=names.TELL_TIPS)
def tell_chunk_of_tips(*, account_ids: list[str], **_later: object) -> None:
    """Send the month's tips of some hundred accounts. Idempotent by account and month."""
    ctx = engine()

    async def work() -> None:
        now = ctx.clock.now()
        keys = await tell_tips(
            newsroom=ctx.post_room.newsroom,
            tips=ctx.billing.tips,
            account_ids=[AccountId(UUID(account_id)) for account_id in account_ids],
            today=local_day(now, ctx.billing.issuing.zone),
            now=now,
        )
        await deliver(office=ctx.post_room.office, keys=keys, clock=ctx.clock)

    ctx.run(work())

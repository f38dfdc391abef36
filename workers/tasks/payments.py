"""Jobs of online payments: asking about what was not told, sending refunds, and reconciling the day before."""

from datetime import timedelta
from typing import Final

from gridhall.billing.payments.port import ProviderUnavailableError, StatementNotReadyError
from gridhall.billing.payments.told.asking import ask_due
from gridhall.billing.reconciliation.model import reconciliation_id
from gridhall.billing.reconciliation.operations import reconcile
from gridhall.billing.refunds.sending import follow
from gridhall.kit.localdays import local_day
from gridhall.kit.log import logger
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.engine import engine

_MOST: Final = 200
"""Intents of one job, which are asked about one after the other; a longer queue waits for the next."""

_log = logger("workers.payments")


@app.task(name=names.ASK_PROVIDERS)
def ask_providers(**_later: object) -> None:
    """Ask about started payments that are due, settle what was paid, and close what is over."""
    ctx = engine()
    ctx.run(ask_due(telling=ctx.billing.telling, providers=ctx.providers, now=ctx.clock.now(), limit=_MOST))


@app.task(name=names.FOLLOW_REFUNDS)
def follow_refunds(**_later: object) -> None:
    """Send approved refunds to their providers, and ask what became of those that were taken on."""
    ctx = engine()
    ctx.run(follow(refunds=ctx.billing.refunds, providers=ctx.providers, now=ctx.clock.now()))


@app.task(name=names.RECONCILE)
def reconcile_yesterday(**_later: object) -> None:
    """Reconcile the day before with every provider's statement, once; one that is late is fetched by the next job."""
    ctx = engine()

    async def work() -> None:
        reconciling, now = ctx.billing.reconciling, ctx.clock.now()
        day = local_day(now, reconciling.zone) - timedelta(days=1)
        for name, provider in ctx.providers.items():
            if await reconciling.reconciliations.load(reconciliation_id(name, day)):
                continue
            try:
                await reconcile(reconciling=reconciling, provider=provider, day=day, now=now)
            except (StatementNotReadyError, ProviderUnavailableError) as error:
                _log.warning("a statement is not there yet", provider=name, reason=str(error) or "not ready")

    ctx.run(work())

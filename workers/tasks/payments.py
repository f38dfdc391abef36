"""Jobs of online payments: asking what was not told, watching who answers, refunds, and reconciling days."""

from typing import Final

from gridhall.billing.payments.told.asking import ask_due
from gridhall.billing.payments.watching.operations import watch
from gridhall.billing.reconciliation.catching_up import reconcile_due
from gridhall.billing.refunds.sending import follow
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.engine import engine

_MOST: Final = 200
"""Intents of one job; a longer queue waits for the next."""


@app.task(name=names.ASK_PROVIDERS)
def ask_providers(**_later: object) -> None:
    """Ask about started payments that are due, settle what was paid, and close what is over."""
    ctx = engine()
    ctx.run(ask_due(telling=ctx.billing.telling, providers=ctx.providers, now=ctx.clock.now(), limit=_MOST))


@app.task(name=names.WATCH_PROVIDERS)
def watch_providers(**_later: object) -> None:
    """Open an outage where customers cannot pay online, and close it once they can."""
    ctx = engine()
    ctx.run(watch(watching=ctx.billing.watching, providers=ctx.providers, now=ctx.clock.now()))


@app.task(name=names.FOLLOW_REFUNDS)
def follow_refunds(**_later: object) -> None:
    """Send approved refunds to their providers, and ask what became of those that were taken on."""
    ctx = engine()
    ctx.run(follow(refunds=ctx.billing.refunds, providers=ctx.providers, now=ctx.clock.now()))


@app.task(name=names.RECONCILE)
def reconcile_days(**_later: object) -> None:
    """Reconcile the days that are over with every provider's statement, each once."""
    ctx = engine()
    providers = ctx.providers.values()
    ctx.run(reconcile_due(reconciling=ctx.billing.reconciling, providers=providers, now=ctx.clock.now()))

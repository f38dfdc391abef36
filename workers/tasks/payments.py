"""Jobs of online payments: asking providers about what they did not tell."""

from typing import Final

from gridhall.billing.payments.told.asking import ask_due
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.engine import engine

_MOST: Final = 200
"""Intents of one job, which are asked about one after the other; a longer queue waits for the next."""


@app.task(name=names.ASK_PROVIDERS)
def ask_providers(**_later: object) -> None:
    """Ask about started payments that are due, settle what was paid, and close what is over."""
    ctx = engine()
    ctx.run(ask_due(telling=ctx.billing.telling, providers=ctx.providers, now=ctx.clock.now(), limit=_MOST))

"""Asking providers about intents whose callback did not come, and closing those whose time is over.

A callback is told for a day and is not promised, so it is never the only way: an intent is asked about one, five,
fifteen, thirty and sixty minutes after it was started, and once more when it ends.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gridhall.billing.payments.model import Intent, IntentStatus
from gridhall.billing.payments.port import OnlineProvider, ProviderUnavailableError, Trade, TradeState
from gridhall.billing.payments.providers import Providers
from gridhall.billing.payments.told.operations import Taken, Telling, take_trade
from gridhall.kit.log import logger

ASKED_AFTER: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))

_AGAIN: Final = timedelta(minutes=5)
"""After a silence or a fault, and where an order that ended could not be closed yet."""

_log = logger("billing.payments")


@dataclass(frozen=True, slots=True)
class Asked:
    """How many intents were asked about, and how many of them were settled, closed, or could not be asked."""

    asked: int = 0
    settled: int = 0
    closed: int = 0
    failed: int = 0

    def with_one(self, outcome: str) -> "Asked":
        """Return it with one more."""
        return Asked(
            self.asked + 1,
            self.settled + (outcome == "settled"),
            self.closed + (outcome == "closed"),
            self.failed + (outcome == "failed"),
        )


async def ask_due(*, telling: Telling, providers: Providers, now: datetime, limit: int) -> Asked:
    """Ask about every intent that is due, `limit` at most, `telling.asked_at_once` of them beside each other.

    What goes wrong with one is logged and stops none of the others: it is asked about again later.
    """
    gate = asyncio.Semaphore(telling.asked_at_once)

    async def one(intent: Intent) -> str | None:
        async with gate:
            return await _ask_or_postpone(telling, providers, intent, now=now)

    due = await telling.payments.intents.to_ask(now=now, limit=limit)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(one(intent)) for intent in due]
    count = Asked()
    for outcome in (task.result() for task in asked):
        count = count.with_one(outcome) if outcome else count
    return count


async def _ask_or_postpone(telling: Telling, providers: Providers, intent: Intent, *, now: datetime) -> str | None:
    """Ask about an intent and return the outcome; None where nobody can be asked."""
    provider = providers.get(intent.provider)
    if provider is None:
        await telling.payments.intents.ask_later(intent.number, at=now + ASKED_AFTER[-1])
        _log.warning("intent of a provider that is not open", provider=intent.provider, trade_number=intent.number)
        return None
    try:
        return await _ask(telling, provider, intent, now=now)
    except ProviderUnavailableError as error:
        _log.warning("a provider could not be asked", provider=provider.name, reason=str(error))
    except Exception:  # noqa: BLE001 - logged whole; raised, it would stop the questions beside it
        _log.exception("an intent could not be asked about", trade_number=intent.number)
    await telling.payments.intents.ask_later(intent.number, at=now + _AGAIN)
    return "failed"


async def _ask(telling: Telling, provider: OnlineProvider, intent: Intent, *, now: datetime) -> str:
    trade = await provider.query(intent.number)
    if not trade.state.came and _is_over(intent, trade, now=now):
        if await provider.close(intent.number):
            await telling.payments.intents.set_closed(intent.number)
            return "closed"
        trade = await provider.query(intent.number)  # it was paid between the two
    taken = await take_trade(telling=telling, provider=provider.name, trade=trade, by="query", now=now)
    if taken is Taken.CASE:
        await telling.payments.intents.set_closed(intent.number)  # the rest is for whoever takes the case
    elif taken is Taken.NOT_PAID:
        await telling.payments.intents.ask_later(intent.number, at=next_question(intent, now=now))
    return "settled" if taken is Taken.SETTLED else "waiting"


def _is_over(intent: Intent, trade: Trade, *, now: datetime) -> bool:
    """Say whether an unpaid order is to be closed.

    One that was superseded is closed at once where the provider knows it; a page of Alipay's that nobody opened yet
    is known to nobody, and is over only by its own time.
    """
    if now >= intent.expires_at or trade.state is TradeState.CLOSED:
        return True
    return intent.status is IntentStatus.SUPERSEDED and trade.state is not TradeState.UNKNOWN


def next_question(intent: Intent, *, now: datetime, after: Sequence[timedelta] = ASKED_AFTER) -> datetime:
    """Return when an unpaid intent is asked about next."""
    later = (intent.started_at + pause for pause in after)
    return next((at for at in later if now < at < intent.expires_at), max(intent.expires_at, now + _AGAIN))

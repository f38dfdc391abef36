"""Watching the providers: an outage of all of them is opened, and closed with the first answer."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gridhall.billing.arrears.outages.model import ONLINE, Outage
from gridhall.billing.arrears.outages.operations import Noting, begin, end
from gridhall.billing.arrears.outages.repository import OutageRepository
from gridhall.billing.payments.port import OnlineProvider, ProviderUnavailableError
from gridhall.billing.payments.providers import Providers
from gridhall.billing.payments.watching.model import ONE_MINUTE, downs
from gridhall.billing.payments.watching.noting import Pulse
from gridhall.billing.payments.watching.repository import MinuteRepository
from gridhall.kit.log import logger
from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Outbox

BY: Final = "gridhall"
"""Who noted an outage that was found here. What people note or correct is left alone."""

PROBE: Final = "gridhall-probe"
"""The number of an order that is none: to ask about it is a call that changes nothing."""

_LOOKS_BACK: Final = timedelta(days=1)
_TROUBLED: Final = timedelta(minutes=2)
"""How long after a failure providers are asked whether they are there."""

_log = logger("billing.payments")


@dataclass(frozen=True, slots=True)
class Watching:
    """What it needs at hand. pulse: to be told of every call. after: minutes in a row that are an outage."""

    minutes: MinuteRepository
    noting: Noting
    pulse: Pulse
    after: int

    @classmethod
    def open(cls, *, mongo: Mongo, outages: OutageRepository, after: int) -> "Watching":
        """Open it on a database."""
        minutes = MinuteRepository(mongo)
        return cls(minutes, Noting(mongo, outages, Outbox(mongo)), Pulse(minutes), after)


async def watch(*, watching: Watching, providers: Providers, now: datetime) -> None:
    """Open an outage where no provider could be reached, and close it with the first answer of one.

    After a failure, and while an outage lasts, every provider is asked about an order that is none, so that it is known
    of one, too, of which no customer wants anything just then. Idempotent, and several processes may do it at once:
    what is opened and closed follows from the minutes that all of them share.
    """
    since = now - _LOOKS_BACK
    failing = await watching.minutes.failing(since=since)
    known = await _known(watching, since=since, now=now)
    if any(_lasts(outage) for outage in known) or (failing and failing[-1].at >= now - _TROUBLED):
        await asyncio.gather(*(_probe(provider) for provider in providers.values()))
        failing = await watching.minutes.failing(since=since)
    for began in downs(failing, providers=providers.keys(), after=watching.after):
        # What reaches back to where we began to look may have begun earlier, and was known then.
        if began - since <= ONE_MINUTE or any(one.lasts_at(began) for one in known):
            continue
        outage = Outage(ONLINE, began, None, BY, f"no answer from {', '.join(providers)}")
        known.append(outage)
        if await begin(noting=watching.noting, outage=outage, now=now):
            _log.error("customers cannot pay online", since=began.isoformat())
    for outage in filter(_lasts, await _known(watching, since=since, now=now)):
        answered = await watching.minutes.first_answer(since=outage.began_at)
        if answered is not None and await end(noting=watching.noting, outage=outage, at=answered, now=now):
            _log.warning("customers can pay online again", since=answered.isoformat())


async def _known(watching: Watching, *, since: datetime, now: datetime) -> list[Outage]:
    found = await watching.noting.outages.touching(since=since, until=now)
    return [outage for outage in found if outage.channel == ONLINE]


def _lasts(outage: Outage) -> bool:
    return outage.by == BY and outage.ended_at is None


async def _probe(provider: OnlineProvider) -> None:
    try:
        await provider.query(PROBE)
    except ProviderUnavailableError as error:
        _log.warning("a provider is not there", provider=provider.name, reason=str(error))

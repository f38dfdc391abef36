"""Noting outages: what becomes known of one is told in the same transaction, so that penalties follow it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from gridhall.billing.arrears.outages.model import Outage
from gridhall.billing.arrears.outages.repository import OutageRepository
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.outbox import Event, Outbox

KNOWN: Final = "billing.outage_known"
"""Told of an outage as it is noted, corrected or over. Payload: channel, began_at, and ended_at where it is over."""

_NAMESPACE: Final = UUID("b4a7e0c5-0a3c-5b7e-8f0f-6f3f0f6f1c1e")


@dataclass(frozen=True, slots=True)
class Noting:
    """What noting outages needs at hand."""

    mongo: Mongo
    outages: OutageRepository
    outbox: Outbox


async def note(*, noting: Noting, outage: Outage, now: datetime) -> None:
    """Note an outage, or correct the one of this channel and beginning."""

    async def work(transaction: Transaction) -> None:
        await noting.outages.note(outage, transaction=transaction)
        await _tell(noting, outage, now, transaction)

    await noting.mongo.transact(work)


async def begin(*, noting: Noting, outage: Outage, now: datetime) -> bool:
    """Note an outage that is not known yet, and say whether it was not; a known one stays as it is."""

    async def work(transaction: Transaction) -> bool:
        is_new = await noting.outages.begin(outage, transaction=transaction)
        if is_new:
            await _tell(noting, outage, now, transaction)
        return is_new

    return await noting.mongo.transact(work)


async def end(*, noting: Noting, outage: Outage, at: datetime, now: datetime) -> bool:
    """Note when an outage ended, and say whether it still lasted.

    It is told again: money that was being settled while it began may have fixed a penalty without knowing of it.
    """

    async def work(transaction: Transaction) -> bool:
        lasted = await noting.outages.end(outage, at=at, transaction=transaction)
        if lasted:
            await _tell(noting, replace(outage, ended_at=at), now, transaction)
        return lasted

    return await noting.mongo.transact(work)


async def _tell(noting: Noting, outage: Outage, now: datetime, transaction: Transaction) -> None:
    payload: dict[str, object] = {"channel": outage.channel, "began_at": outage.began_at, "ended_at": outage.ended_at}
    event = Event(KNOWN, uuid5(_NAMESPACE, outage.key), now, payload)
    await noting.outbox.add([event], transaction=transaction)

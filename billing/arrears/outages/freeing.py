"""Freeing the days of an outage that became known late: penalties that were posted for them are taken back.

In pieces that survive a crash, as a day of arrears is: an outage becomes chunks of accounts, which are events too. A
day that was taken back is no charge of the debt any more, so whatever runs twice finds nothing the second time.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID, uuid5

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.days import CHUNK
from gridhall.billing.arrears.notes import Form, written
from gridhall.billing.arrears.operations import Arrears
from gridhall.billing.arrears.outages.model import Outage
from gridhall.billing.arrears.penalty import through
from gridhall.billing.arrears.taking_back import Lowered, lowered, take_back
from gridhall.kit.localdays import Days
from gridhall.kit.mongo import Transaction
from gridhall.kit.outbox import Event

CHUNK_DOWN: Final = "billing.outage_chunk"

_NAMESPACE: Final = UUID("6d1c7f0a-9a52-5f0e-a3b7-1f2f6a7f9b63")


async def spread(*, arrears: Arrears, regions: Iterable[str], event_ids: Sequence[UUID], now: datetime) -> None:
    """Split the accounts that have penalties of the days of some outages into chunks. Idempotent by event."""
    following = arrears.following
    for event in await following.outbox.load(event_ids):
        days = _outage(event).days(following.zone, until=through(following.today(now)))
        for region in regions if len(days) else ():
            after = None
            while True:
                found, after = await following.debts.charged_accounts(
                    region=region, days=days, after=after, limit=CHUNK
                )
                if found:
                    await following.outbox.add_once([_chunk(event, days, found, now)])
                if after is None:
                    break


async def free(*, arrears: Arrears, event_ids: Sequence[UUID], now: datetime) -> int:
    """Take the penalties back that the accounts of some chunks have of an outage; return of how many. Idempotent."""
    following, changed = arrears.following, 0
    for event in await following.outbox.load(event_ids):
        told = event.payload
        days = Days(date.fromisoformat(str(told["first"])), date.fromisoformat(str(told["end"])))
        listed: Sequence[str] = told["account_ids"]  # type: ignore[assignment]
        for account_id in listed:
            one = partial(_free, following, AccountId(UUID(account_id)), days, channel=str(told["channel"]), now=now)
            changed += await arrears.mongo.transact(one)
    return changed


async def _free(
    following: Following, account_id: AccountId, days: Days, transaction: Transaction, *, channel: str, now: datetime
) -> bool:
    made: dict[str, Lowered] = {}
    # The settled ones too: whoever paid a penalty of these days gets it back.
    for debt in await following.debts.ever_of(account_id, transaction=transaction):
        less = lowered(debt, debt.penalty.less(days))
        if less is not None:
            # A day is charged once and freed once: the first of them tells this from every other correction.
            first = min(day for charge in debt.penalty.charges for day in charge.days if day in days)
            made[f"outage:{debt.bill_id}:{first}"] = less
    if not made:
        return False
    pursuit = (await following.pursuits.load([account_id], transaction=transaction)).get(account_id)
    last = days.end - timedelta(days=1)
    await take_back(
        following=following,
        account_id=account_id,
        made=made,
        pursuit=pursuit,
        why=partial(written, Form.CHANNEL_DOWN, channel=channel, first=days.start, last=last),
        transaction=transaction,
        now=now,
    )
    await following.debts.put([one.debt for one in made.values()], transaction=transaction)
    return True


def _outage(event: Event) -> Outage:
    told = event.payload
    return Outage(str(told["channel"]), told["began_at"], told["ended_at"], by="")  # type: ignore[arg-type]


def _chunk(event: Event, days: Days, account_ids: Sequence[AccountId], now: datetime) -> Event:
    listed = [str(account_id) for account_id in account_ids]
    payload = {
        "channel": event.payload["channel"],
        "first": days.start.isoformat(),
        "end": days.end.isoformat(),
        "account_ids": listed,
    }
    # Of all its accounts: another chunk may begin with the same one, for an account may owe several bills.
    return Event(CHUNK_DOWN, account_ids[0], now, payload, id=uuid5(_NAMESPACE, f"{event.id}:{listed}"))

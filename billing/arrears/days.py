"""A region's day of arrears, in pieces that survive a crash: each is an event of the outbox, known by region and day.

The clock begins the day of each region at its own local hour. The region's piece judges agreements, posts penalties on
the day of the statement, proposes cuts, and splits the accounts whose step has come into chunks, which run beside each
other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.agreements.operations import Agreeing, judge
from gridhall.billing.arrears.cutting.operations import Cutting, propose_due
from gridhall.billing.arrears.following import fix_penalties
from gridhall.billing.arrears.operations import Arrears, scan_accounts
from gridhall.billing.arrears.policies import SupplyClass, policy
from gridhall.kit.mongo import Transaction
from gridhall.kit.outbox import Event

BEGINS_AT: Final = 9
"""Local hour from which a region's day is begun: when the night's payments are in, and people may be disturbed."""

CHUNK: Final = 500
DAY_BEGUN: Final = "billing.arrears_day"
CHUNK_DUE: Final = "billing.arrears_chunk"
STATEMENT_DUE: Final = "billing.penalty_chunk"

_NAMESPACE: Final = UUID("4f6c9a70-23c2-5b09-9d1b-63b0a2f8a4d5")


@dataclass(frozen=True, slots=True)
class ArrearsDay:
    """What a day needs at hand."""

    arrears: Arrears
    agreeing: Agreeing
    cutting: Cutting


async def begin_days(*, day: ArrearsDay, regions: Iterable[str], now: datetime) -> None:
    """Raise one event a region whose hour has come. Told as often as one likes, a day begins once."""
    zone = day.arrears.following.zone
    if now.astimezone(ZoneInfo(zone)).hour < BEGINS_AT:
        return
    today = day.arrears.following.today(now)
    await day.arrears.following.outbox.add_once(
        [
            Event(
                id=_id(DAY_BEGUN, region, today),
                kind=DAY_BEGUN,
                about=uuid5(_NAMESPACE, region),
                at=now,
                payload={"region": region, "day": today.isoformat()},
            )
            for region in regions
        ]
    )


async def run_region(*, day: ArrearsDay, event_ids: Sequence[UUID], now: datetime) -> None:
    """Do what is a region's, and split what is its accounts'. Idempotent by event."""
    for event in await day.arrears.following.outbox.load(event_ids):
        region = str(event.payload["region"])
        today = date.fromisoformat(str(event.payload["day"]))
        await judge(agreeing=day.agreeing, region=region, now=now)
        await propose_due(cutting=day.cutting, region=region, now=now)
        if any(_states(region, of_class, today) for of_class in SupplyClass):
            await _split_statement(day, region, today, now)
        await _split(day, region, today, now)


async def run_chunk(*, day: ArrearsDay, event_ids: Sequence[UUID], now: datetime) -> int:
    """Take the steps of the accounts of some chunks; return how many accounts are to be reminded. Idempotent."""
    raised = 0
    for event in await day.arrears.following.outbox.load(event_ids):
        today = date.fromisoformat(str(event.payload["day"]))
        raised += await scan_accounts(arrears=day.arrears, account_ids=_accounts(event), today=today, now=now)
    return raised


async def post_statement(*, day: ArrearsDay, event_ids: Sequence[UUID], now: datetime) -> int:
    """Fix and post the penalties of the accounts of some chunks; return how many accounts owe one. Idempotent."""
    posted = 0
    for event in await day.arrears.following.outbox.load(event_ids):
        accounts = await day.arrears.following.accounts.load(_accounts(event))
        for account in accounts.values():

            async def work(transaction: Transaction, account_id: AccountId = account.id) -> bool:
                following = day.arrears.following
                fresh = (await following.accounts.load([account_id], transaction=transaction))[account_id]
                return bool(await fix_penalties(following=following, account=fresh, now=now, transaction=transaction))

            posted += await day.arrears.mongo.transact(work)
    return posted


async def _split(day: ArrearsDay, region: str, today: date, now: datetime) -> None:
    after = None
    while True:
        found, after = await day.arrears.following.debts.due_accounts(region=region, on=today, after=after, limit=CHUNK)
        await _tell(day, CHUNK_DUE, region, found, today=today, now=now)
        if after is None:
            return


async def _split_statement(day: ArrearsDay, region: str, today: date, now: datetime) -> None:
    after: AccountId | None = None
    while found := await day.arrears.following.pursuits.overdue_ids(region=region, after=after, limit=CHUNK):
        await _tell(day, STATEMENT_DUE, region, found, today=today, now=now)
        after = found[-1]


async def _tell(
    day: ArrearsDay, kind: str, region: str, account_ids: Sequence[AccountId], *, today: date, now: datetime
) -> None:
    if account_ids:
        payload = {"day": today.isoformat(), "account_ids": [str(account_id) for account_id in account_ids]}
        # Of all its accounts: another chunk may begin with the same one, for an account may owe several bills.
        chunk = _id(f"{kind}:{payload['account_ids']}", region, today)
        event = Event(id=chunk, kind=kind, about=account_ids[0], at=now, payload=payload)
        await day.arrears.following.outbox.add_once([event])


def _states(region: str, of_class: SupplyClass, today: date) -> bool:
    rules = policy(region, of_class, on=today)
    return rules is not None and rules.statement_day == today.day


def _accounts(event: Event) -> list[AccountId]:
    listed: Sequence[str] = event.payload["account_ids"]  # type: ignore[assignment]
    return [AccountId(UUID(account_id)) for account_id in listed]


def _id(what: str, region: str, today: date) -> UUID:
    return uuid5(_NAMESPACE, f"{what}:{region}:{today}")

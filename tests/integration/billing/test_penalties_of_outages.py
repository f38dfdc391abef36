"""Outages that become known after penalties of their days were posted: what was posted is taken back, once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

import pytest

from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.arrears.following import outstanding_penalties
from gridhall.billing.arrears.outages import freeing
from gridhall.billing.arrears.outages.model import ONLINE, Outage
from gridhall.billing.arrears.outages.operations import KNOWN, begin, end, note
from gridhall.billing.ledger.model import Book, PostingKind
from gridhall.billing.regions import regions
from gridhall.billing.services import Billing
from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Event
from gridhall.workers.names import EVENT_ROUTES, FREE_OUTAGE, SPREAD_OUTAGE
from tests.factories.accounts import an_account
from tests.factories.arrears import at, books, day, issued, pay, penalties_posted, penalty_of, walk

Follow = Callable[[datetime], Awaitable[int]]


@pytest.fixture
def follow(billing: Billing) -> Follow:
    """Do what the worker does about all outages that were told so far; return how many accounts it changed."""

    async def work(now: datetime) -> int:
        outbox, arrears = billing.arrears.following.outbox, billing.arrears

        async def told(kind: str) -> list[Event]:
            return [
                one for one in await outbox.waiting(before=now + timedelta(hours=1), limit=1000) if one.kind == kind
            ]

        known = [one.id for one in await told(KNOWN)]
        await freeing.spread(arrears=arrears, regions=regions(), event_ids=known, now=now)
        chunks = [one.id for one in await told(freeing.CHUNK_DOWN)]
        return await freeing.free(arrears=arrears, event_ids=chunks, now=now)

    return work


async def noted(billing: Billing, first: date, last: date, *, now: datetime, channel: str = ONLINE) -> None:
    outage = Outage(channel, at(first, 22), at(last, 1), "zhao", "a fire")
    await note(noting=billing.watching.noting, outage=outage, now=now)


async def lines(billing: Billing, account: Account) -> list[tuple[str, str]]:
    pursuit = (await billing.arrears.following.pursuits.load([account.id]))[account.id]
    return [(one.by, one.note) for one in pursuit.history if one.event == "penalty_lowered"]


async def test_the_penalty_of_its_days_is_taken_back_once_with_a_reason(
    billing: Billing, mongo: Mongo, account: Account, follow: Follow
) -> None:
    bill = await issued(billing, account)
    await walk(billing, until=1)
    await penalties_posted(billing, mongo, account, on=day(9))
    await noted(billing, day(3), day(5), now=at(day(10)))
    assert await follow(at(day(10), 10)) == 1
    assert (await books(billing, account))[Book.PENALTY] == penalty_of(bill.total, 6)
    assert await follow(at(day(10), 11)) == 0
    assert (await books(billing, account))[Book.PENALTY] == penalty_of(bill.total, 6)
    less = penalty_of(bill.total, 9) - penalty_of(bill.total, 6)
    assert await lines(billing, account) == [("system", f"online was down {day(3)} to {day(5)}: {less} fen less")]
    waivers = [one.key for one in await billing.ledger.of_account(account.id) if one.kind is PostingKind.WAIVER]
    assert waivers == [f"waiver:outage:{bill.id}:{day(3)}"]
    await penalties_posted(billing, mongo, account, on=day(12))
    assert (await books(billing, account))[Book.PENALTY] == penalty_of(bill.total, 9)


async def test_one_that_is_corrected_to_be_longer_frees_the_days_more(
    billing: Billing, mongo: Mongo, account: Account, follow: Follow
) -> None:
    bill = await issued(billing, account)
    await walk(billing, until=1)
    await penalties_posted(billing, mongo, account, on=day(9))
    await noted(billing, day(3), day(4), now=at(day(10)))
    await follow(at(day(10), 10))
    await noted(billing, day(3), day(7), now=at(day(11)))
    assert await follow(at(day(11), 10)) == 1
    assert (await books(billing, account))[Book.PENALTY] == penalty_of(bill.total, 4)
    assert len(await lines(billing, account)) == 2


async def test_one_that_is_corrected_to_be_shorter_makes_nobody_pay_again(
    billing: Billing, mongo: Mongo, account: Account, follow: Follow
) -> None:
    bill = await issued(billing, account)
    await penalties_posted(billing, mongo, account, on=day(9))
    await noted(billing, day(3), day(7), now=at(day(10)))
    await follow(at(day(10), 10))
    await noted(billing, day(3), day(4), now=at(day(11)))
    assert await follow(at(day(11), 10)) == 0
    assert (await books(billing, account))[Book.PENALTY] == penalty_of(bill.total, 4)


async def test_whoever_paid_it_and_owes_nothing_any_more_has_it_back(
    billing: Billing, account: Account, follow: Follow
) -> None:
    bill = await issued(billing, account)
    await pay(billing, account, bill.total + penalty_of(bill.total, 9), now=at(day(9)))
    assert await books(billing, account)
    await noted(billing, day(3), day(5), now=at(day(20)))
    assert await follow(at(day(20), 10)) == 1
    back = penalty_of(bill.total, 9) - penalty_of(bill.total, 6)
    assert (await billing.accounts.load([account.id]))[account.id].balance == Balance(prepaid=back)
    await books(billing, account)


async def test_two_outages_on_one_day_free_it_once_and_accounts_that_owed_nothing_then_are_left_alone(
    billing: Billing, mongo: Mongo, account: Account, follow: Follow
) -> None:
    other = an_account(8)
    await billing.accounts.add([other])
    bill = await issued(billing, account)
    later = await issued(billing, other, due_on=day(6))
    for one in (account, other):
        await penalties_posted(billing, mongo, one, on=day(9))
    await noted(billing, day(3), day(4), now=at(day(10)))
    await noted(billing, day(4), day(5), now=at(day(10)), channel="bank")
    assert await follow(at(day(10), 10)) == 2, "of the one account, once an outage"
    assert (await books(billing, account))[Book.PENALTY] == penalty_of(bill.total, 6)
    assert (await books(billing, other))[Book.PENALTY] == penalty_of(later.total, 3)


async def test_one_that_is_found_frees_the_day_on_which_it_began_and_those_while_it_lasts(
    billing: Billing, mongo: Mongo, account: Account, follow: Follow
) -> None:
    bill = await issued(billing, account)
    await penalties_posted(billing, mongo, account, on=day(9))
    noting, found = billing.watching.noting, Outage(ONLINE, at(day(9), 15), None, "gridhall")
    assert await begin(noting=noting, outage=found, now=at(day(9), 16))
    assert not await begin(noting=noting, outage=found, now=at(day(9), 17))
    assert await follow(at(day(9), 18)) == 1
    await penalties_posted(billing, mongo, account, on=day(11))
    assert (await books(billing, account))[Book.PENALTY] == penalty_of(bill.total, 8)
    assert await end(noting=noting, outage=found, at=at(day(11), 10), now=at(day(11), 10))
    assert await follow(at(day(12), 9)) == 0
    owed = await outstanding_penalties(following=billing.arrears.following, account_id=account.id, today=day(12))
    assert owed[bill.id] == penalty_of(bill.total, 9)


async def test_several_workers_at_once_beside_a_payment_take_it_back_once(
    billing: Billing, mongo: Mongo, account: Account, follow: Follow
) -> None:
    bill = await issued(billing, account)
    await penalties_posted(billing, mongo, account, on=day(9))
    await noted(billing, day(3), day(5), now=at(day(9)))
    paying = pay(billing, account, bill.total, now=at(day(9), 12))
    await asyncio.gather(*(follow(at(day(9), 12)) for _ in range(3)), paying)
    sums = await books(billing, account)
    assert sums[Book.PENALTY] == penalty_of(bill.total, 6)
    assert -sums[Book.PENALTY_REVENUE] == penalty_of(bill.total, 6)


def test_the_worker_follows_what_is_told_of_an_outage() -> None:
    assert EVENT_ROUTES[KNOWN] == (SPREAD_OUTAGE,)
    assert EVENT_ROUTES[freeing.CHUNK_DOWN] == (FREE_OUTAGE,)

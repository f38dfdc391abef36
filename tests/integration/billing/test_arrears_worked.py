"""The day of a region and the collectors' work: told twice, run twice, done once, the likeliest first."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.collecting.model import ContactWay, Outcome
from gridhall.billing.arrears.collecting.operations import NO_PHOTO, note_contact
from gridhall.billing.arrears.days import begin_days, run_chunk, run_region
from gridhall.billing.arrears.figures import aging, days_outstanding, recovery
from gridhall.billing.arrears.states import State
from gridhall.billing.services import Billing
from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Mongo
from tests.factories.accounts import an_account
from tests.factories.arrears import DUE, at, day, pay, walk
from tests.integration.billing.conftest import Issue


async def test_a_visit_needs_a_photo(billing: Billing, account: Account) -> None:
    noted = await note_contact(
        collecting=billing.follow_up.contacts,
        account_id=account.id,
        way=ContactWay.VISIT,
        outcome=Outcome.VACANT,
        note="nobody lives here",
        photos=[],
        by="collector",
        by_id=uuid4(),
        now=at(DUE),
    )
    assert noted == NO_PHOTO


async def test_collectors_begin_with_what_is_likely_to_come(billing: Billing, account: Account, issue: Issue) -> None:
    small = an_account(2)
    await billing.accounts.add([small])
    await issue()
    await issue("2026-06", due_on=DUE - timedelta(days=100), of=small)
    await walk(billing, until=5)
    queue = await billing.arrears.following.pursuits.queue(
        region="zhejiang", units=[""], states=list(State), after=None, limit=10
    )
    assert [one.account_id for one in queue] == [account.id, small.id]
    assert queue[0].expected > queue[1].expected
    aged = await aging(debts=billing.arrears.following.debts, region="zhejiang", unit="grid", today=day(5))
    assert sorted((one.age, one.bills) for one in aged) == [(0, 1), (3, 1)]


async def test_the_share_that_came_in_and_the_days_outstanding(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    await pay(billing, account, bill.total // 4, now=at(DUE))
    months = await recovery(bills=billing.bills, region="zhejiang", unit="grid", until=Month(2026, 8), months=2)
    assert [(one.billed, one.paid) for one in months] == [(bill.total, bill.total // 4), (0, 0)]
    outstanding = days_outstanding(months)
    assert outstanding
    assert 23.2 <= outstanding <= 23.3  # three quarters of August


async def test_a_day_that_is_told_twice_and_run_twice_reminds_once(
    billing: Billing, mongo: Mongo, account: Account, issue: Issue
) -> None:
    del account
    await issue()
    day_ = billing.follow_up.day
    await begin_days(day=day_, regions=["zhejiang"], now=at(day(1), 8))
    assert await mongo["outbox"].count_documents({"kind": "billing.arrears_day"}) == 0
    for _ in range(2):
        await begin_days(day=day_, regions=["zhejiang"], now=at(day(3), 9))
    begun = [found["_id"] async for found in mongo["outbox"].find({"kind": "billing.arrears_day"})]
    assert len(begun) == 1
    await asyncio.gather(*(run_region(day=day_, event_ids=begun, now=at(day(3), 9)) for _ in range(2)))
    chunks = [found["_id"] async for found in mongo["outbox"].find({"kind": "billing.arrears_chunk"})]
    assert len(chunks) == 1
    raised = await asyncio.gather(*(run_chunk(day=day_, event_ids=chunks, now=at(day(3), 9)) for _ in range(3)))
    assert sum(raised) == 1
    assert await run_chunk(day=day_, event_ids=chunks, now=at(day(3), 10)) == 0

"""A held bill that a reviewer found wrong: void, and its month billed again."""

import asyncio
from datetime import date, datetime

import pytest

from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.bills.issuing import ChunkResult, issue_chunk
from gridhall.billing.bills.model import Bill, BillId, BillStatus, Decision
from gridhall.billing.bills.releasing import NotHeld, Rejected, Released, reject, release
from gridhall.billing.bills.standing import tier_standing
from gridhall.billing.services import Billing
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Mongo
from tests.factories.accounts import an_account
from tests.factories.rooms import all_documents
from tests.factories.waits import waits_of
from tests.integration.billing.conftest import Read

MARCH = Month(2026, 3)


@pytest.fixture
async def account(billing: Billing, read: Read) -> Account:
    """Billed 200 kWh in January and in February; its March register was misread as ten times as much."""
    account = an_account()
    await billing.accounts.add([account])
    for day, shown in ((date(2026, 1, 1), "1000"), (date(2026, 2, 1), "1200"), (date(2026, 3, 1), "1400")):
        await read(account, day, f"{shown}.00")
    await read(account, date(2026, 4, 1), "3400.00")
    return account


async def billed(billing: Billing, account: Account, month: Month, now: datetime) -> ChunkResult:
    return await issue_chunk(issuing=billing.issuing, account_ids=[account.id], month=month, now=now)


@pytest.fixture
async def held(billing: Billing, account: Account, now: datetime) -> Bill:
    for month in (Month(2026, 1), Month(2026, 2)):
        assert (await billed(billing, account, month, now)).issued == 1
    assert (await billed(billing, account, MARCH, now)).held == 1
    (bill,) = await billing.bills.held(region="zhejiang", after=None, limit=5)
    return bill


async def rejected(billing: Billing, bill_id: BillId, now: datetime) -> Rejected | NotHeld:
    return await reject(
        issuing=billing.issuing,
        approvals=billing.approvals,
        bill_id=bill_id,
        reviewer="li.lei",
        reason="misread",
        now=now,
    )


async def test_a_rejected_bill_is_kept_with_who_and_why_and_posts_and_tells_nothing(
    billing: Billing, mongo: Mongo, held: Bill, now: datetime
) -> None:
    postings = await mongo["postings"].count_documents({})
    before = (await billing.accounts.load([held.account_id]))[held.account_id].balance
    told = await all_documents(mongo, "outbox")
    assert await rejected(billing, held.id, now) == Rejected(held.id)
    (bill,) = (await billing.bills.load([held.id])).values()
    assert (bill.status, bill.decision) == (BillStatus.REJECTED, Decision("li.lei", "misread", now))
    assert (bill.owed, bill.issued_at) == (0, None)
    assert await mongo["postings"].count_documents({}) == postings
    after = (await billing.accounts.load([held.account_id]))[held.account_id].balance
    assert before == after != Balance()
    assert held.id not in {row.bill_id for row in await billing.arrears.following.debts.of_accounts([held.account_id])}
    assert await all_documents(mongo, "outbox") == told


async def test_its_customers_never_see_it(billing: Billing, held: Bill, now: datetime) -> None:
    await rejected(billing, held.id, now)
    shown = (await billing.bills.newest([held.account_id], before=None, limit=9))[held.account_id]
    assert [str(bill.month) for bill in shown] == ["2026-02", "2026-01"]
    assert await billing.bills.held(region=None, after=None, limit=9) == []
    count = await billing.bills.count(region="zhejiang", month=MARCH)
    assert (count.issued, count.held) == (0, 0)


async def test_its_month_is_billed_again_once_the_cause_is_mended(
    billing: Billing, account: Account, held: Bill, read: Read, now: datetime
) -> None:
    await rejected(billing, held.id, now)
    await read(account, date(2026, 4, 1), "1600.00")
    assert await billed(billing, account, MARCH, now) == ChunkResult(issued=1, held=0, waiting=0, already=0)
    first, second = (await billing.bills.since([account.id], month=MARCH))[account.id]
    assert (first.sequence, first.status) == (1, BillStatus.REJECTED)
    assert (second.sequence, second.status, second.kwh) == (2, BillStatus.ISSUED, 200)
    assert second.used_before == 400
    assert second.number == f"202603{account.number}2" != first.number
    assert (await billed(billing, account, MARCH, now)).already == 1


async def test_a_bill_made_again_that_is_held_again_can_be_rejected_again(
    billing: Billing, account: Account, held: Bill, now: datetime
) -> None:
    await rejected(billing, held.id, now)
    assert (await billed(billing, account, MARCH, now)).held == 1
    (again,) = await billing.bills.held(region=None, after=None, limit=5)
    assert await rejected(billing, again.id, now) == Rejected(again.id)
    assert (await billed(billing, account, MARCH, now)).held == 1
    assert [b.sequence for b in (await billing.bills.since([account.id], month=MARCH))[account.id]] == [1, 2, 3]


async def test_no_later_month_is_billed_on_top_of_a_rejected_one(
    billing: Billing, account: Account, held: Bill, read: Read, now: datetime
) -> None:
    await read(account, date(2026, 5, 1), "3600.00")
    assert (await billed(billing, account, Month(2026, 4), now)).waiting == 1
    await rejected(billing, held.id, now)
    assert (await billed(billing, account, Month(2026, 4), now)).waiting == 1
    assert await waits_of(billing, Month(2026, 4)) == {"earlier_month_not_billed": 1}


async def test_a_rejected_bill_is_no_use_of_the_tier_cycle(
    billing: Billing, account: Account, held: Bill, now: datetime
) -> None:
    await rejected(billing, held.id, now)
    standing = await tier_standing(
        account=account, bills=billing.bills, histories=billing.histories, today=date(2026, 4, 2)
    )
    assert standing is not None
    assert standing.billed == 400


async def test_five_who_decide_at_once_are_one_decision(
    billing: Billing, mongo: Mongo, held: Bill, now: datetime
) -> None:
    async def released() -> Released | NotHeld:
        return await release(
            issuing=billing.issuing,
            approvals=billing.approvals,
            bill_id=held.id,
            reviewer="han",
            reason="right",
            now=now,
        )

    outcomes = await asyncio.gather(
        rejected(billing, held.id, now), released(), rejected(billing, held.id, now), released(), released()
    )
    assert list(outcomes).count(NotHeld()) == 4
    (bill,) = (await billing.bills.load([held.id])).values()
    charged = await mongo["postings"].count_documents({"_id": f"charge:{held.id}"})
    assert (bill.status is BillStatus.REJECTED, charged) in {(True, 0), (False, 1)}


async def test_two_workers_who_bill_a_rejected_month_make_one_bill(
    billing: Billing, account: Account, held: Bill, read: Read, now: datetime
) -> None:
    await rejected(billing, held.id, now)
    await read(account, date(2026, 4, 1), "1600.00")
    results = await asyncio.gather(*(billed(billing, account, MARCH, now) for _ in range(3)))
    assert sum(result.issued for result in results) == 1
    assert len((await billing.bills.since([account.id], month=MARCH))[account.id]) == 2


async def test_what_is_not_held_cannot_be_rejected(billing: Billing, held: Bill, now: datetime) -> None:
    await rejected(billing, held.id, now)
    assert await rejected(billing, held.id, now) == NotHeld()
    assert await rejected(billing, BillId(new_id()), now) == NotHeld()

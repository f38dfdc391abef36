"""The bill run on a real database: nothing twice, nothing by halves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime

import pytest
from pymongo.errors import PyMongoError

from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.bills.issuing import ChunkResult, issue_chunk
from gridhall.billing.bills.model import Bill, BillStatus
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.services import Billing
from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo
from tests.factories.accounts import an_account
from tests.factories.rooms import Rooms, all_documents
from tests.factories.waits import waits_of
from tests.integration.billing.conftest import Read

JANUARY, FEBRUARY = Month(2026, 1), Month(2026, 2)


async def run(billing: Billing, accounts: list[Account], now: datetime, month: Month = JANUARY) -> ChunkResult:
    return await issue_chunk(
        issuing=billing.issuing, account_ids=[account.id for account in accounts], month=month, now=now
    )


async def bill_of(billing: Billing, account: Account, month: Month = JANUARY) -> Bill:
    (bill,) = [one for one in (await billing.bills.since([account.id], month=month))[account.id] if one.month == month]
    return bill


async def balance_of(billing: Billing, account: Account) -> Balance:
    return (await billing.accounts.load([account.id]))[account.id].balance


async def events(mongo: Mongo) -> list[str]:
    return sorted(event["kind"] for event in await all_documents(mongo, "outbox"))


@asynccontextmanager
async def refusing(mongo: Mongo, collection: str) -> AsyncIterator[None]:
    """Let the server refuse every document that is inserted into a collection."""
    await mongo[collection].insert_one({"_id": "makes sure that the collection is there"})
    await mongo[collection].delete_many({})
    await mongo.database.command("collMod", collection, validator={"nothing has this": True})
    try:
        yield
    finally:
        await mongo.database.command("collMod", collection, validator={})


class TestIssuing:
    async def test_a_chunk_is_billed_charged_and_told(
        self, billing: Billing, mongo: Mongo, accounts: list[Account], now: datetime
    ) -> None:
        assert await run(billing, accounts, now) == ChunkResult(issued=3, held=0, waiting=0, already=0)
        bill = await bill_of(billing, accounts[0])
        assert (bill.status, bill.total, bill.paid) == (BillStatus.ISSUED, 10760, 0)
        assert (bill.issued_at, bill.due_on) == (now, date(2026, 11, 23))
        assert [await balance_of(billing, account) for account in accounts] == [
            Balance(owed=Fen(total)) for total in (10760, 16140, 21520)
        ]
        assert await events(mongo) == ["billing.bill_issued"] * 3

    async def test_a_bill_is_read_as_it_was_written(self, rooms: Rooms, accounts: list[Account], now: datetime) -> None:
        await run(rooms.billing, accounts, now)
        bill = await bill_of(rooms.billing, accounts[0])
        assert await rooms.billing.bills.load([bill.id]) == {bill.id: bill}
        assert bill.by_period() == {"total": 200}
        assert sum(line.amount for line in bill.lines) == bill.total

    async def test_running_again_changes_nothing(
        self, billing: Billing, mongo: Mongo, accounts: list[Account], now: datetime
    ) -> None:
        await run(billing, accounts, now)
        before = [await all_documents(mongo, name) for name in ("bills", "postings", "accounts", "outbox")]
        assert await run(billing, accounts, now) == ChunkResult(issued=0, held=0, waiting=0, already=3)
        assert [await all_documents(mongo, name) for name in ("bills", "postings", "accounts", "outbox")] == before

    async def test_workers_that_bill_the_same_accounts_at_once_bill_them_once(
        self, billing: Billing, mongo: Mongo, accounts: list[Account], now: datetime
    ) -> None:
        results = await asyncio.gather(*(run(billing, accounts, now) for _ in range(4)))
        assert sum(result.issued for result in results) == 3
        assert sum(result.already for result in results) == 9
        assert await mongo["bills"].count_documents({}) == 3
        assert await mongo["postings"].count_documents({}) == 3
        assert await events(mongo) == ["billing.bill_issued"] * 3
        assert await balance_of(billing, accounts[2]) == Balance(owed=Fen(21520))

    async def test_workers_whose_chunks_overlap_bill_everybody_once(
        self, billing: Billing, mongo: Mongo, accounts: list[Account], now: datetime
    ) -> None:
        one, two, three = accounts
        await asyncio.gather(run(billing, [one, two], now), run(billing, [two, three], now), run(billing, [one], now))
        assert await mongo["bills"].count_documents({}) == 3
        assert [(await balance_of(billing, account)).owed for account in accounts] == [10760, 16140, 21520]

    @pytest.mark.parametrize("collection", ["outbox", "postings", "bills"])
    async def test_what_fails_midway_leaves_nothing_behind(
        self, billing: Billing, mongo: Mongo, accounts: list[Account], now: datetime, collection: str
    ) -> None:
        async with refusing(mongo, collection):
            with pytest.raises(PyMongoError):
                await run(billing, accounts, now)
        assert [await mongo[name].count_documents({}) for name in ("bills", "postings", "outbox")] == [0, 0, 0]
        assert await balance_of(billing, accounts[0]) == Balance()
        assert (await run(billing, accounts, now)).issued == 3

    async def test_months_follow_each_other_through_the_tiers(
        self, billing: Billing, accounts: list[Account], now: datetime, read: Read
    ) -> None:
        await run(billing, accounts, now)
        await read(accounts[0], date(2026, 3, 1), "1450.00")
        await run(billing, accounts[:1], now, FEBRUARY)
        bill = await bill_of(billing, accounts[0], FEBRUARY)
        assert (bill.used_before, bill.kwh) == (200, 250)


class TestWaiting:
    async def test_an_account_that_waits_is_noted_with_its_reason_and_forgotten_when_billed(
        self, billing: Billing, accounts: list[Account], now: datetime, read: Read
    ) -> None:
        assert await run(billing, accounts, now, FEBRUARY) == ChunkResult(issued=0, held=0, waiting=3, already=0)
        assert await waits_of(billing, FEBRUARY) == {"earlier_month_not_billed": 3}
        await run(billing, accounts, now)
        await run(billing, accounts, now, FEBRUARY)
        assert await waits_of(billing, FEBRUARY) == {"no_register_read": 3}
        for account in accounts:
            await read(account, date(2026, 3, 1), "1600.00")
        await run(billing, accounts, now, FEBRUARY)
        assert await waits_of(billing, FEBRUARY) == {}

    async def test_one_account_that_cannot_be_billed_does_not_stop_the_others(
        self, billing: Billing, accounts: list[Account], now: datetime
    ) -> None:
        stray = an_account(9, tariff="no-such-tariff")
        await billing.accounts.add([stray])
        assert await run(billing, [*accounts, stray], now) == ChunkResult(issued=3, held=0, waiting=1, already=0)
        assert await waits_of(billing, JANUARY) == {"no_tariff_version": 1}

    async def test_a_wait_that_a_killed_run_left_is_cleared_by_the_next(
        self, billing: Billing, accounts: list[Account], now: datetime
    ) -> None:
        await run(billing, accounts, now)
        # As if the worker had died after its bills were written and before the waits were.
        left = {account.id: Waiting("no_register_read") for account in accounts}
        by_id = {account.id: account for account in accounts}
        await billing.waits.keep(month=JANUARY, waiting=left, accounts=by_id, settled=[], now=now)
        await run(billing, accounts, now)
        assert await waits_of(billing, JANUARY) == {}


class TestHolding:
    async def test_a_held_bill_charges_nothing_and_holds_up_the_next_month(
        self, billing: Billing, mongo: Mongo, accounts: list[Account], now: datetime, read: Read
    ) -> None:
        await run(billing, accounts, now)
        await read(accounts[0], date(2026, 3, 1), "4000.00")
        await read(accounts[0], date(2026, 4, 1), "4100.00")
        assert await run(billing, accounts[:1], now, FEBRUARY) == ChunkResult(issued=0, held=1, waiting=0, already=0)
        held = await bill_of(billing, accounts[0], FEBRUARY)
        assert (held.status, held.issued_at, held.due_on, held.owed) == (BillStatus.HELD, None, None, 0)
        assert [finding.code for finding in held.findings] == ["jumped_against_last_month"]
        assert await balance_of(billing, accounts[0]) == Balance(owed=Fen(10760))
        assert await mongo["postings"].count_documents({"account_id": accounts[0].id}) == 1
        assert await events(mongo) == ["billing.bill_issued"] * 3  # a reviewer finds it in the queue
        assert (await run(billing, accounts[:1], now, Month(2026, 3))).waiting == 1
        assert [bill.id for bill in await billing.bills.held(region="zhejiang", after=None, limit=9)] == [held.id]
        assert await billing.bills.held(region="shaanxi", after=None, limit=9) == []


class TestPrepaid:
    @pytest.mark.parametrize(
        ("ahead", "status", "paid", "after"),
        [
            (20000, BillStatus.PAID, 10760, Balance(prepaid=Fen(9240))),
            (10760, BillStatus.PAID, 10760, Balance()),
            (760, BillStatus.PART_PAID, 760, Balance(owed=Fen(10000))),
        ],
    )
    async def test_money_paid_ahead_pays_the_bill_as_it_is_issued(
        self,
        billing: Billing,
        accounts: list[Account],
        now: datetime,
        *,
        ahead: int,
        status: BillStatus,
        paid: int,
        after: Balance,
    ) -> None:
        money = PaymentReceived.for_account("counter", "R1", accounts[0].id, Fen(ahead), now)
        await settle(payments=billing.payments, payment=money, cash=Book.CASH_COUNTER, now=now)
        await run(billing, accounts, now)
        bill = await bill_of(billing, accounts[0])
        assert (bill.status, bill.paid, bill.prepaid) == (status, paid, paid)
        assert await balance_of(billing, accounts[0]) == after
        sums = await billing.ledger.sums(accounts[0].id)
        assert sums[Book.RECEIVABLE] == after.owed
        assert -sums[Book.PREPAID] == after.prepaid

    async def test_a_bill_of_nothing_is_paid_at_once(
        self, billing: Billing, accounts: list[Account], now: datetime, read: Read
    ) -> None:
        idle = replace(an_account(8), carried_kwh=0)
        await billing.accounts.add([idle])
        await read(idle, date(2026, 1, 1), "5.00")
        await read(idle, date(2026, 2, 1), "5.40")
        await run(billing, [idle, *accounts], now)
        bill = await bill_of(billing, idle)
        assert (bill.total, bill.status) == (0, BillStatus.PAID)


async def test_the_run_of_a_region_is_counted(billing: Billing, accounts: list[Account], now: datetime) -> None:
    await run(billing, accounts, now)
    count = await billing.bills.count(region="zhejiang", month=JANUARY)
    assert (count.issued, count.held, count.issued_fen) == (3, 0, 48420)

"""Everything that moves money, at once and in any order, and then the sums."""

import asyncio
import random
from collections.abc import Awaitable
from datetime import UTC, date, datetime

import pytest
from pymongo.errors import BulkWriteError

from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.bills.model import BillStatus
from gridhall.billing.ledger.model import Book
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import charge
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.services import Billing
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from tests.factories.accounts import an_account
from tests.factories.rooms import all_documents
from tests.integration.billing.conftest import Read

MONTHS = [Month(2026, 1).shift(by) for by in range(4)]
HANDS = 10


@pytest.fixture
async def busy(billing: Billing, read: Read) -> list[Account]:
    """Three accounts with reads of four months."""
    accounts = [an_account(number) for number in (1, 2, 3)]
    await billing.accounts.add(accounts)
    for number, account in enumerate(accounts):
        for at in range(len(MONTHS) + 1):
            day = MONTHS[0].shift(at).first
            await read(account, date(day.year, day.month, 1), f"{1000 + at * (150 + 10 * number)}.00")
    return accounts


async def consistent(billing: Billing, mongo: Mongo, accounts: list[Account]) -> None:
    """The balances, the bills and the cash all tell the same as the entries do."""
    entries = [entry for posting in await all_documents(mongo, "postings") for entry in posting["entries"]]
    assert sum(entry["fen"] for entry in entries) == 0
    received = sum(payment["amount"] for payment in await all_documents(mongo, "payments"))
    assert sum(entry["fen"] for entry in entries if entry["book"].startswith("cash.")) == received
    for account in (await billing.accounts.load([account.id for account in accounts])).values():
        sums = await billing.ledger.sums(account.id)
        told = Balance(owed=sums.get(Book.RECEIVABLE, Fen(0)), prepaid=Fen(-sums.get(Book.PREPAID, 0)))
        assert account.balance == told
        bills = (await billing.bills.since([account.id], month=MONTHS[0]))[account.id]
        assert sum(bill.owed for bill in bills) == account.balance.owed
        assert account.balance.owed >= 0
        assert account.balance.prepaid >= 0
        assert not (account.balance.owed and account.balance.prepaid)
        assert sum(bill.total for bill in bills) == -sums.get(Book.REVENUE, 0)
        assert all((bill.status is BillStatus.PAID) == (bill.paid == bill.total) for bill in bills)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_at_once_the_books_agree(
    billing: Billing, mongo: Mongo, busy: list[Account], now: datetime, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - a repeatable order of events
    gate = asyncio.Semaphore(HANDS)

    async def bill(month: Month) -> None:
        chosen = dice.sample(busy, dice.randint(1, len(busy)))
        await issue_chunk(issuing=billing.issuing, account_ids=[one.id for one in chosen], month=month, now=now)

    async def receive(payment: PaymentReceived) -> None:
        await settle(payments=billing.payments, payment=payment, cash=Book.CASH_ONLINE, now=now)

    async def in_turn(work: Awaitable[None]) -> None:
        async with gate:
            await work

    payments = [
        PaymentReceived.for_account("simulated", f"T{at}", dice.choice(busy).id, Fen(dice.randint(1, 20_000)), now)
        for at in range(14)
    ]
    for month in MONTHS:
        told = dice.sample(payments, 5)
        work = [receive(payment) for payment in [*told, *told[:2]]] + [bill(month) for _ in range(3)]
        dice.shuffle(work)
        await asyncio.gather(*(in_turn(one) for one in work))
        await issue_chunk(issuing=billing.issuing, account_ids=[one.id for one in busy], month=month, now=now)
        await consistent(billing, mongo, busy)
    assert await mongo["bills"].count_documents({}) == len(MONTHS) * len(busy)
    assert await mongo["payments"].count_documents({}) == await mongo["postings"].count_documents({"kind": "payment"})


async def test_a_key_cannot_be_posted_twice_and_the_second_leaves_nothing(
    billing: Billing, mongo: Mongo, busy: list[Account]
) -> None:
    now = datetime(2026, 11, 3, tzinfo=UTC)
    once = charge(account=busy[0], bill_id=new_id(), total=Fen(100), now=now)
    other = charge(account=busy[1], bill_id=new_id(), total=Fen(7), now=now)

    async def post_both(transaction: Transaction) -> None:
        await post(postings=[other, once], ledger=billing.ledger, accounts=billing.accounts, transaction=transaction)

    async def post_once(transaction: Transaction) -> None:
        await post(postings=[once], ledger=billing.ledger, accounts=billing.accounts, transaction=transaction)

    await mongo.transact(post_once)
    with pytest.raises(BulkWriteError):
        await mongo.transact(post_both)
    assert await billing.ledger.of_account(busy[0].id) == [once]
    assert await billing.ledger.of_account(busy[1].id) == []
    found = await billing.accounts.load([busy[0].id, busy[1].id])
    assert [found[account.id].balance.owed for account in busy[:2]] == [100, 0]

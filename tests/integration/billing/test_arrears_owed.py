"""What is owed of bills and penalties: paid in the written order, let off, written off, and posted once."""

from datetime import date

from gridhall.billing.accounts.model import Account
from gridhall.billing.approvals.operations import Decided, Waiting, decide
from gridhall.billing.arrears.days import begin_days, post_statement, run_region
from gridhall.billing.arrears.following import bill_gone, outstanding_penalties
from gridhall.billing.arrears.giving_up import ask_for_waiver, ask_for_write_off
from gridhall.billing.arrears.outages.model import Outage
from gridhall.billing.arrears.states import State
from gridhall.billing.bills.model import BillStatus
from gridhall.billing.ledger.model import Book
from gridhall.billing.services import Billing
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.subject import Refusal
from tests.factories.arrears import at, day, pay, state, walk
from tests.integration.billing.conftest import Issue


async def test_money_pays_bills_first_and_penalties_last_and_both_are_in_the_ledger(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    await walk(billing, until=10)
    fee = bill.total * 10 * 100 // 100_000
    owed = await outstanding_penalties(following=billing.arrears.following, account_id=account.id, today=day(10))
    assert owed[bill.id] in {fee, fee + 1}
    await pay(billing, account, bill.total, now=at(day(10), 12))
    after = (await billing.accounts.load([account.id]))[account.id]
    assert after.balance.owed == owed[bill.id]
    assert await state(billing, account) is State.CURRENT
    await pay(billing, account, owed[bill.id], now=at(day(50), 12))
    after = (await billing.accounts.load([account.id]))[account.id]
    assert (after.balance.owed, after.balance.prepaid) == (0, 0)
    assert await billing.arrears.following.debts.of_accounts([account.id]) == []
    assert sum((await billing.ledger.sums(account.id)).values()) == 0


async def test_a_day_on_which_our_channel_was_down_costs_nothing(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    await walk(billing, until=1)
    following = billing.arrears.following
    all_days = await outstanding_penalties(following=following, account_id=account.id, today=day(10))
    await following.outages.note(Outage("wechatpay", at(day(3), 22), at(day(4), 1), "agent"))
    fewer = await outstanding_penalties(following=following, account_id=account.id, today=day(10))
    assert all_days[bill.id] - fewer[bill.id] in {bill.total * 2 // 1000, bill.total * 2 // 1000 + 1}


async def test_a_cancelled_bill_ends_its_arrears_and_lets_its_penalty_off(
    billing: Billing, mongo: Mongo, account: Account, issue: Issue
) -> None:
    bill = await issue()
    await walk(billing, until=5)
    await pay(billing, account, 100, now=at(day(6)))

    async def work(transaction: Transaction) -> None:
        await bill_gone(
            following=billing.arrears.following,
            account_id=account.id,
            bill_ids=[bill.id],
            transaction=transaction,
            now=at(day(7)),
        )

    await mongo.transact(work)
    sums = await billing.ledger.sums(account.id)
    assert sums[Book.PENALTY] == 0
    assert await state(billing, account) is State.CURRENT


async def test_letting_a_penalty_off_above_the_limit_needs_two_and_is_posted_once(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    await walk(billing, until=20)
    giving_up = billing.follow_up.giving_up
    owed = await outstanding_penalties(following=billing.arrears.following, account_id=account.id, today=day(20))
    for amount, expected in ((owed[bill.id] + 1, Refusal), (owed[bill.id], object)):
        asked = await ask_for_waiver(
            giving_up=giving_up,
            approvals=billing.approvals,
            account_id=account.id,
            bill_id=bill.id,
            amount=Fen(amount),
            reason="our app was down",
            by="agent",
            now=at(day(20), 12),
        )
        assert isinstance(asked, expected)
    assert (await billing.ledger.sums(account.id))[Book.PENALTY] == 0
    left = await outstanding_penalties(following=billing.arrears.following, account_id=account.id, today=day(20))
    assert left == {}


async def test_writing_a_debt_off_always_needs_two_and_asks_for_no_more_money(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    await walk(billing, until=100, begin=100)
    asked = await ask_for_write_off(
        giving_up=billing.follow_up.giving_up,
        approvals=billing.approvals,
        account_id=account.id,
        reason="the firm is gone",
        by="collector",
        now=at(day(100), 12),
    )
    assert isinstance(asked, Waiting)
    decided = await decide(
        approvals=billing.approvals,
        request_id=asked.request.id,
        by="supervisor",
        approve=True,
        reason="court",
        now=at(day(100), 13),
    )
    assert isinstance(decided, Decided)
    assert await state(billing, account) is State.WRITTEN_OFF
    after = (await billing.accounts.load([account.id]))[account.id]
    assert after.balance.owed == 0
    assert (await billing.bills.load([bill.id]))[bill.id].status is BillStatus.WRITTEN_OFF
    sums = await billing.ledger.sums(account.id)
    assert sums[Book.WRITTEN_OFF] > bill.total
    assert sum(sums.values()) == 0


async def test_on_the_day_of_the_statement_penalties_are_posted_once(
    billing: Billing, mongo: Mongo, account: Account, issue: Issue
) -> None:
    await issue()
    await walk(billing, until=3)
    day_ = billing.follow_up.day
    first = date(2026, 10, 1)
    await begin_days(day=day_, regions=["zhejiang"], now=at(first))
    begun = [found["_id"] async for found in mongo["outbox"].find({"kind": "billing.arrears_day"})]
    await run_region(day=day_, event_ids=begun, now=at(first))
    chunks = [found["_id"] async for found in mongo["outbox"].find({"kind": "billing.penalty_chunk"})]
    for _ in range(2):
        assert await post_statement(day=day_, event_ids=chunks, now=at(first)) == 1
    fees = [one for one in await billing.ledger.of_account(account.id) if one.key.startswith("late_fee:")]
    assert len(fees) == 1

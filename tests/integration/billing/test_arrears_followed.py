"""Arrears from the due date to the cut and back, on a real database: lawfully, by two persons, and over at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.billing.approvals.model import Kind
from gridhall.billing.approvals.operations import Decided, Overtaken, SamePerson, Waiting, decide
from gridhall.billing.arrears.agreements.model import Agreement, AgreementState
from gridhall.billing.arrears.agreements.operations import ask_for_plan, judge, promise
from gridhall.billing.arrears.collecting.model import ContactWay, Outcome
from gridhall.billing.arrears.collecting.operations import NO_PHOTO, note_contact
from gridhall.billing.arrears.cutting.model import Notice, NoticeKind, Proof, ProofWay
from gridhall.billing.arrears.cutting.notices import serve
from gridhall.billing.arrears.cutting.operations import ask_for_cut, hand_over, propose, report
from gridhall.billing.arrears.days import begin_days, post_statement, run_chunk, run_region
from gridhall.billing.arrears.disputes.model import Dispute
from gridhall.billing.arrears.disputes.operations import dispute, resolve
from gridhall.billing.arrears.figures import aging, days_outstanding, recovery
from gridhall.billing.arrears.following import bill_gone, bills_issued, outstanding_penalties
from gridhall.billing.arrears.giving_up import ask_for_waiver, ask_for_write_off
from gridhall.billing.arrears.operations import scan
from gridhall.billing.arrears.outages.model import Outage
from gridhall.billing.arrears.shielding import Shield, end_shield, shield
from gridhall.billing.arrears.states import State
from gridhall.billing.bills.model import Bill, BillStatus
from gridhall.billing.ledger.model import Book
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import charge
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.services import Billing
from gridhall.billing.supply.model import SupplyKind, SupplyState
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen, round_to_fen
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.subject import Refusal
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill

DUE = date(2026, 9, 21)
"""A Monday; the days of the ladder lie before and behind the holidays of October."""


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """An hour of Asia/Shanghai on a day."""
    return datetime.combine(day, time(hour, minute), UTC) - timedelta(hours=8)


def day(offset: int) -> date:
    return DUE + timedelta(days=offset)


@pytest.fixture
async def account(billing: Billing) -> Account:
    made = an_account(1)
    await billing.accounts.add([made])
    return made


Issue = Callable[..., Awaitable[Bill]]


@pytest.fixture
def issue(billing: Billing, mongo: Mongo, account: Account) -> Issue:
    async def write(month: str = "2026-08", *, due_on: date = DUE, of: Account = account) -> Bill:
        bill = a_bill(of, month, due_on=due_on)

        async def work(transaction: Transaction) -> None:
            await billing.bills.add([bill], transaction=transaction)
            await bills_issued(following=billing.arrears.following, bills=[bill], transaction=transaction)
            charged = charge(account=of, bill_id=bill.id, total=bill.total, now=at(DUE))
            await post(postings=[charged], ledger=billing.ledger, accounts=billing.accounts, transaction=transaction)

        await mongo.transact(work)
        return bill

    return write


async def pay(billing: Billing, account: Account, amount: int, *, now: datetime) -> None:
    payment = PaymentReceived.for_account("counter", str(uuid4()), account.id, Fen(amount), now)
    await settle(payments=billing.payments, payment=payment, cash=Book.CASH_COUNTER, now=now)


async def walk(billing: Billing, *, until: int, begin: int = -4) -> None:
    """Let the scan run each morning up to a day after the due date."""
    for offset in range(begin, until + 1):
        await scan(arrears=billing.arrears, region="zhejiang", today=day(offset), now=at(day(offset)))


async def state(billing: Billing, account: Account) -> State:
    found = await billing.arrears.following.pursuits.load([account.id])
    return found[account.id].state if account.id in found else State.CURRENT


async def notice(billing: Billing, account: Account, kind: NoticeKind = NoticeKind.DISCONNECTION) -> Notice:
    found = await billing.arrears.notices.of_accounts([account.id])
    return next(one for one in found if one.kind is kind)


async def served(billing: Billing, account: Account, *, on: date) -> None:
    made = await notice(billing, account)
    proof = Proof(ProofWay.SMS, at(on, 10), "system", reference="sms-1")
    await serve(serving=billing.follow_up.serving, notice_id=made.id, proof=proof, now=at(on, 10))


async def proposed(billing: Billing, account: Account) -> date:
    """Bring an account to a proposed cut; return the day."""
    for offset in (1, 20, 30):
        await walk(billing, until=offset, begin=offset)
    await served(billing, account, on=day(31))
    on = day(39)
    assert await propose(cutting=billing.follow_up.cutting, account_id=account.id, now=at(on)) is True
    return on


async def approved(billing: Billing, account: Account, *, on: date) -> Decided | SamePerson | Overtaken:
    asked = await ask_for_cut(
        cutting=billing.follow_up.cutting,
        approvals=billing.approvals,
        account_id=account.id,
        reason="pays nothing",
        by="collector",
        now=at(on, 10),
    )
    assert isinstance(asked, Waiting)
    decided = await decide(
        approvals=billing.approvals,
        request_id=asked.request.id,
        by="supervisor",
        approve=True,
        reason="looked at",
        now=at(on, 10, 30),
    )
    assert isinstance(decided, Decided | SamePerson | Overtaken)
    return decided


async def test_the_ladder_leads_to_a_notice_and_without_proof_no_further(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    await walk(billing, until=-1)
    assert await state(billing, account) is State.REMINDED
    await walk(billing, until=1, begin=0)
    assert await state(billing, account) is State.OVERDUE
    for offset in (3, 10, 20, 30, 80):
        await walk(billing, until=offset, begin=offset)
    assert await state(billing, account) is State.OVERDUE
    made = await notice(billing, account)
    assert [line.bill_id for line in made.lines] == [bill.id]
    assert made.penalty == round_to_fen(Decimal(30 * bill.total) / 100_000)  # 1‰ a day for thirty days
    may = await propose(cutting=billing.follow_up.cutting, account_id=account.id, now=at(day(80)))
    assert may == Refusal("arrears.cut_not_notified")


async def test_a_cut_is_proposed_only_after_the_days_of_a_proven_notice(
    billing: Billing, account: Account, issue: Issue
) -> None:
    await issue()
    for offset in (1, 20, 30):
        await walk(billing, until=offset, begin=offset)
    await served(billing, account, on=day(31))
    assert await state(billing, account) is State.NOTICE_SERVED
    cutting = billing.follow_up.cutting
    assert isinstance(await propose(cutting=cutting, account_id=account.id, now=at(day(38))), Refusal)
    assert await propose(cutting=cutting, account_id=account.id, now=at(day(39))) is True
    assert await state(billing, account) is State.DISCONNECTION_PROPOSED
    assert await billing.arrears.following.supply.of_accounts([account.id]) == []


async def test_a_cut_needs_two_persons_a_last_call_and_an_hour_of_a_working_day(
    billing: Billing, account: Account, issue: Issue
) -> None:
    await issue()
    on = await proposed(billing, account)
    asked = await ask_for_cut(
        cutting=billing.follow_up.cutting,
        approvals=billing.approvals,
        account_id=account.id,
        reason="pays nothing",
        by="collector",
        now=at(on, 10),
    )
    assert isinstance(asked, Waiting)
    same = await decide(
        approvals=billing.approvals,
        request_id=asked.request.id,
        by="collector",
        approve=True,
        reason="",
        now=at(on, 11),
    )
    assert isinstance(same, SamePerson)
    friday = on + timedelta(days=(4 - on.weekday()) % 7)
    await decide(
        approvals=billing.approvals,
        request_id=asked.request.id,
        by="supervisor",
        approve=True,
        reason="looked at",
        now=at(friday, 11),
    )
    (request,) = await billing.arrears.following.supply.of_accounts([account.id])
    assert (request.kind, request.state) == (SupplyKind.DISCONNECT, SupplyState.ASKED)
    # A Friday is the eve of two days off: not before Monday morning.
    assert request.not_before == at(friday + timedelta(days=3), 9)
    early = await hand_over(cutting=billing.follow_up.cutting, request=request, reference="F1", now=at(friday, 23))
    assert early is None


async def cut(billing: Billing, account: Account) -> date:
    on = await proposed(billing, account)
    on += timedelta(days=(7 - on.weekday()) % 7 + 1)  # a Tuesday
    assert isinstance(await approved(billing, account, on=on), Decided)
    (request,) = await billing.arrears.following.supply.of_accounts([account.id])
    cutting = billing.follow_up.cutting
    taken = await hand_over(cutting=cutting, request=request, reference="F1", now=at(on, 12))
    assert taken
    assert await report(cutting=cutting, request=taken, done=True, note="", now=at(on, 13))
    assert await report(cutting=cutting, request=taken, done=True, note="", now=at(on, 13)) is None
    assert await state(billing, account) is State.DISCONNECTED
    return on


async def test_paying_after_a_cut_asks_for_the_supply_in_the_same_moment(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    on = await cut(billing, account)
    await pay(billing, account, bill.total, now=at(on, 20))
    assert await state(billing, account) is State.RECONNECTED
    (asked,) = await billing.arrears.following.supply.open_of(account.id, kind=SupplyKind.RECONNECT)
    assert asked.due_by == at(on, 20) + timedelta(hours=24)
    cutting = billing.follow_up.cutting
    taken = await hand_over(cutting=cutting, request=asked, reference="F2", now=at(on, 21))
    assert taken
    await report(cutting=cutting, request=taken, done=True, note="", now=at(on, 22))
    assert await state(billing, account) is State.CURRENT


async def test_paying_before_the_field_system_takes_the_request_withdraws_it(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    on = await proposed(billing, account)
    await approved(billing, account, on=on)
    await pay(billing, account, bill.total, now=at(on, 10, 45))
    (request,) = await billing.arrears.following.supply.of_accounts([account.id])
    assert request.state is SupplyState.WITHDRAWN
    assert await state(billing, account) is State.CURRENT


async def test_paying_while_the_field_system_acts_asks_it_to_restore_as_well(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    on = await proposed(billing, account)
    on += timedelta(days=(7 - on.weekday()) % 7 + 1)
    await approved(billing, account, on=on)
    (request,) = await billing.arrears.following.supply.of_accounts([account.id])
    taken = await hand_over(cutting=billing.follow_up.cutting, request=request, reference="F1", now=at(on, 12))
    assert taken
    await pay(billing, account, bill.total, now=at(on, 12, 1))
    assert len(await billing.arrears.following.supply.open_of(account.id, kind=SupplyKind.RECONNECT)) == 1
    await report(cutting=billing.follow_up.cutting, request=taken, done=True, note="", now=at(on, 12, 2))
    assert await state(billing, account) is State.RECONNECTED


async def test_an_approval_is_overtaken_by_a_shield_a_promise_or_a_dispute(
    billing: Billing, mongo: Mongo, account: Account, issue: Issue
) -> None:
    await issue()
    on = await proposed(billing, account)
    asked = await ask_for_cut(
        cutting=billing.follow_up.cutting,
        approvals=billing.approvals,
        account_id=account.id,
        reason="pays nothing",
        by="collector",
        now=at(on, 10),
    )
    assert isinstance(asked, Waiting)
    await shield(
        mongo=mongo,
        following=billing.arrears.following,
        account_id=account.id,
        why=Shield.LIFE_SUPPORT,
        by="agent",
        note="a ventilator",
        now=at(on, 10, 5),
    )
    decided = await decide(
        approvals=billing.approvals,
        request_id=asked.request.id,
        by="supervisor",
        approve=True,
        reason="looked at",
        now=at(on, 10, 30),
    )
    assert isinstance(decided, Overtaken)
    assert await billing.arrears.following.supply.of_accounts([account.id]) == []
    assert await state(billing, account) is State.SHIELDED


async def test_a_part_payment_is_no_reason_for_anything_harsher_on_its_day(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    await walk(billing, until=29)
    await pay(billing, account, 1000, now=at(day(30), 8))
    await scan(arrears=billing.arrears, region="zhejiang", today=day(30), now=at(day(30)))
    kinds = [one.kind for one in await billing.arrears.notices.of_accounts([account.id])]
    assert NoticeKind.DISCONNECTION not in kinds
    await scan(arrears=billing.arrears, region="zhejiang", today=day(31), now=at(day(31)))
    made = await notice(billing, account)
    assert made.lines[0].owed == bill.total - 1000


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


async def test_a_promise_rests_the_ladder_and_a_broken_one_goes_on_one_step_back(
    billing: Billing, account: Account, issue: Issue
) -> None:
    await issue()
    await walk(billing, until=20)
    agreeing = billing.follow_up.agreeing
    far = await promise(agreeing=agreeing, account_id=account.id, by_day=day(31), by="customer", now=at(day(20), 12))
    assert far == Refusal("arrears.promise_too_far", {"days": 10})
    made = await promise(agreeing=agreeing, account_id=account.id, by_day=day(25), by="customer", now=at(day(20), 12))
    assert isinstance(made, Agreement)
    again = await promise(agreeing=agreeing, account_id=account.id, by_day=day(25), by="customer", now=at(day(20), 13))
    assert again == made
    assert await state(billing, account) is State.PROMISED
    before = len(await billing.arrears.notices.of_accounts([account.id]))
    await walk(billing, until=25, begin=21)
    assert await judge(agreeing=agreeing, region="zhejiang", now=at(day(25))) == 0
    assert await judge(agreeing=agreeing, region="zhejiang", now=at(day(26))) == 1
    assert await state(billing, account) is State.OVERDUE
    await walk(billing, until=27, begin=26)
    assert len(await billing.arrears.notices.of_accounts([account.id])) == before + 1
    (kept,) = await agreeing.agreements.of_accounts([account.id])
    assert kept.state is AgreementState.BROKEN


async def test_a_promise_that_is_kept_is_over_and_another_may_be_made(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    await walk(billing, until=5)
    agreeing = billing.follow_up.agreeing
    await promise(agreeing=agreeing, account_id=account.id, by_day=day(8), by="customer", now=at(day(5), 12))
    await pay(billing, account, bill.total, now=at(day(7)))
    assert await state(billing, account) is State.CURRENT
    await issue("2026-09", due_on=day(9))
    await walk(billing, until=15, begin=7)
    second = await promise(agreeing=agreeing, account_id=account.id, by_day=day(16), by="agent", now=at(day(15), 12))
    assert isinstance(second, Agreement)
    pursuit = (await billing.arrears.following.pursuits.load([account.id]))[account.id]
    assert (pursuit.record.settled, pursuit.record.kept) == (1, 1)


async def test_a_plan_above_the_limit_waits_for_another_person_and_a_missed_rate_breaks_it(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    await walk(billing, until=5)
    limits = replace(billing.approvals.limits, fen={**billing.approvals.limits.fen, Kind.PLAN: Fen(1)})
    approvals = replace(billing.approvals, limits=limits)
    asked = await ask_for_plan(
        agreeing=billing.follow_up.agreeing,
        approvals=approvals,
        account_id=account.id,
        days=[day(10), day(40)],
        reason="lost the job",
        by="agent",
        now=at(day(5), 12),
    )
    assert isinstance(asked, Waiting)
    assert await state(billing, account) is State.OVERDUE
    await decide(
        approvals=approvals, request_id=asked.request.id, by="supervisor", approve=True, reason="", now=at(day(6))
    )
    assert await state(billing, account) is State.IN_PLAN
    await pay(billing, account, (bill.total + 1) // 2 + 1, now=at(day(9)))
    agreeing = billing.follow_up.agreeing
    assert await judge(agreeing=agreeing, region="zhejiang", now=at(day(11))) == 0
    assert await state(billing, account) is State.IN_PLAN
    assert await judge(agreeing=agreeing, region="zhejiang", now=at(day(41))) == 1
    assert await state(billing, account) is State.OVERDUE


async def test_a_dispute_rests_the_ladder_not_the_penalty_and_opens_a_case_of_five_working_days(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    await walk(billing, until=5)
    disputing = billing.follow_up.disputing
    opened = await dispute(
        disputing=disputing,
        account_id=account.id,
        bill_id=bill.id,
        reason="too much",
        by="customer",
        now=at(day(5), 12),
    )
    assert isinstance(opened, Dispute)
    assert opened.due_on == date(2026, 10, 9)  # five working days after the 26th, with National Day in between
    assert await state(billing, account) is State.DISPUTED
    following = billing.arrears.following
    before = await outstanding_penalties(following=following, account_id=account.id, today=day(6))
    after = await outstanding_penalties(following=following, account_id=account.id, today=day(16))
    assert after[bill.id] > before[bill.id]
    await walk(billing, until=35, begin=6)
    assert await billing.arrears.notices.of_accounts([account.id]) == []
    closed = await resolve(
        disputing=disputing,
        dispute_id=opened.id,
        upheld=False,
        resolution="meter tested",
        by="agent",
        now=at(day(35), 12),
    )
    assert isinstance(closed, Dispute)
    assert await state(billing, account) is State.OVERDUE


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


async def test_a_shield_that_ends_lets_the_ladder_go_on_tomorrow(
    billing: Billing, mongo: Mongo, account: Account, issue: Issue
) -> None:
    await issue()
    following = billing.arrears.following
    await shield(
        mongo=mongo,
        following=following,
        account_id=account.id,
        why=Shield.HARDSHIP,
        by="agent",
        note="on relief",
        now=at(day(-10)),
    )
    await walk(billing, until=40, begin=30)
    assert await billing.arrears.notices.of_accounts([account.id]) == []
    await end_shield(
        mongo=mongo, following=following, account_id=account.id, by="agent", note="over", now=at(day(40), 12)
    )
    (debt,) = await following.debts.of_accounts([account.id])
    assert debt.next_on == day(41)


async def test_paying_and_cutting_at_once_never_leaves_a_payer_in_the_dark(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    on = await proposed(billing, account)
    on += timedelta(days=(7 - on.weekday()) % 7 + 1)
    await approved(billing, account, on=on)
    (request,) = await billing.arrears.following.supply.of_accounts([account.id])
    cutting = billing.follow_up.cutting

    async def field() -> None:
        taken = await hand_over(cutting=cutting, request=request, reference="F1", now=at(on, 12))
        if taken:
            await report(cutting=cutting, request=taken, done=True, note="", now=at(on, 12))

    await asyncio.gather(field(), pay(billing, account, bill.total, now=at(on, 12)))
    asked = {one.kind: one.state for one in await billing.arrears.following.supply.of_accounts([account.id])}
    assert asked[SupplyKind.DISCONNECT] is SupplyState.WITHDRAWN or asked[SupplyKind.RECONNECT] is SupplyState.ASKED
    assert await state(billing, account) in {State.CURRENT, State.RECONNECTED}

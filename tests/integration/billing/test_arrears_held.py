"""What rests the ladder: promises, plans, disputes and shields; and how it goes on when they end."""

from dataclasses import replace
from datetime import date

from gridhall.billing.accounts.model import Account
from gridhall.billing.approvals.model import Kind
from gridhall.billing.approvals.operations import Waiting, decide
from gridhall.billing.arrears.agreements.model import Agreement, AgreementState
from gridhall.billing.arrears.agreements.operations import ask_for_plan, judge, promise
from gridhall.billing.arrears.disputes.model import Dispute
from gridhall.billing.arrears.disputes.operations import dispute, resolve
from gridhall.billing.arrears.following import outstanding_penalties
from gridhall.billing.arrears.shielding import Shield, end_shield, shield
from gridhall.billing.arrears.states import State
from gridhall.billing.cases.model import CaseState, case_id
from gridhall.billing.services import Billing
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo
from gridhall.kit.subject import Refusal
from tests.factories.arrears import at, day, pay, state, walk
from tests.integration.billing.conftest import Issue


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
    key = case_id(f"dispute:{opened.id}")
    case = (await disputing.cases.cases.load([key]))[key]
    assert (case.state, case.closing, case.owner) == (CaseState.CLOSED, "meter tested", "agent")


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

"""Above a limit a release has two persons: one who looked at the bill, and one who approves."""

from datetime import date, datetime

import pytest

from gridhall.billing.approvals.model import Kind, State
from gridhall.billing.approvals.operations import Decided, NotWaiting, SamePerson, decide
from gridhall.billing.approvals.repository import Wanted
from gridhall.billing.bills.holds import HoldMove, hold_from
from gridhall.billing.bills.model import Bill, BillStatus, Decision, Finding
from gridhall.billing.bills.releasing import (
    Assigned,
    Rejected,
    Released,
    ReleasePrepared,
    assign,
    reject,
    release,
)
from gridhall.billing.services import Billing
from gridhall.kit.mongo import Mongo, Transaction
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill
from tests.factories.rooms import open_rooms

HELD_ON = date(2026, 11, 2)


@pytest.fixture
async def strict(mongo: Mongo) -> Billing:
    """Every release above 10 yuan needs a second person."""
    return (await open_rooms(mongo, approval_limits={"release": 1000})).billing


@pytest.fixture
async def held(strict: Billing, mongo: Mongo) -> Bill:
    account = an_account()
    await strict.accounts.add([account])
    bill = a_bill(account, "2026-01", status=BillStatus.HELD, findings=(Finding("x"),), hold=hold_from(HELD_ON))

    async def write(transaction: Transaction) -> None:
        await strict.bills.add([bill], transaction=transaction)

    await mongo.transact(write)
    return bill


async def prepared(billing: Billing, bill: Bill, now: datetime, *, by: str = "li.lei") -> ReleasePrepared:
    outcome = await release(
        issuing=billing.issuing, approvals=billing.approvals, bill_id=bill.id, reviewer=by, reason="a sauna", now=now
    )
    assert isinstance(outcome, ReleasePrepared)
    return outcome


async def stored(billing: Billing, bill: Bill) -> Bill:
    return (await billing.bills.load([bill.id]))[bill.id]


async def test_a_bill_that_was_prepared_stays_held_until_another_person_approves(
    strict: Billing, mongo: Mongo, held: Bill, now: datetime
) -> None:
    request = (await prepared(strict, held, now)).request
    assert await mongo["postings"].count_documents({}) == 0
    waits = await stored(strict, held)
    assert (waits.status, waits.hold and waits.hold.awaits_approval) == (BillStatus.HELD, True)
    same = await decide(
        approvals=strict.approvals, request_id=request.id, by="li.lei", approve=True, reason="it is right", now=now
    )
    assert isinstance(same, SamePerson)
    other = await decide(
        approvals=strict.approvals, request_id=request.id, by="han.mei", approve=True, reason="seen the sauna", now=now
    )
    assert isinstance(other, Decided)
    bill = await stored(strict, held)
    assert bill.status is BillStatus.ISSUED
    assert bill.decision == Decision("li.lei", "a sauna", now, approved_by="han.mei")
    assert await mongo["postings"].count_documents({}) == 1


async def test_whoever_had_it_in_care_does_not_approve_either(strict: Billing, held: Bill, now: datetime) -> None:
    assert isinstance(
        await assign(issuing=strict.issuing, bill_id=held.id, owner="han.mei", by="han.mei", now=now), Assigned
    )
    request = (await prepared(strict, held, now)).request
    assert request.barred == ("han.mei",)
    outcome = await decide(
        approvals=strict.approvals, request_id=request.id, by="han.mei", approve=True, reason="it is right", now=now
    )
    assert isinstance(outcome, SamePerson)


async def test_what_was_sent_back_is_in_the_queue_with_the_reason_and_may_be_prepared_again(
    strict: Billing, held: Bill, now: datetime
) -> None:
    first = (await prepared(strict, held, now)).request
    await decide(
        approvals=strict.approvals, request_id=first.id, by="han.mei", approve=False, reason="ask the customer", now=now
    )
    bill = await stored(strict, held)
    assert bill.hold is not None
    assert [(step.what, step.by, step.note) for step in bill.hold.steps] == [
        (HoldMove.RELEASE_PREPARED, "li.lei", "a sauna"),
        (HoldMove.SENT_BACK, "han.mei", "ask the customer"),
    ]
    assert not bill.hold.awaits_approval
    assert [one.id for one in await strict.bills.held(region="zhejiang", after=None, limit=5)] == [bill.id]
    second = (await prepared(strict, held, now)).request
    assert (second.id != first.id, second.state) == (True, State.WAITING)


async def test_preparing_twice_asks_once(strict: Billing, held: Bill, now: datetime) -> None:
    assert (await prepared(strict, held, now)).request == (await prepared(strict, held, now)).request
    waiting = await strict.approvals.requests.page(Wanted("zhejiang", kinds=(Kind.RELEASE,)), after=None, limit=9)
    assert len(waiting) == 1
    bill = await stored(strict, held)
    assert bill.hold is not None
    assert len(bill.hold.steps) == 1


async def test_rejecting_withdraws_what_waits_and_the_month_waits_to_be_billed_again(
    strict: Billing, mongo: Mongo, held: Bill, now: datetime
) -> None:
    request = (await prepared(strict, held, now)).request
    outcome = await reject(
        issuing=strict.issuing,
        approvals=strict.approvals,
        bill_id=held.id,
        reviewer="han.mei",
        reason="the meter was misread",
        now=now,
    )
    assert outcome == Rejected(held.id)
    assert (await strict.approvals.requests.load([request.id]))[request.id].state is State.REFUSED
    late = await decide(
        approvals=strict.approvals, request_id=request.id, by="han.mei", approve=True, reason="too late", now=now
    )
    assert isinstance(late, NotWaiting)
    wait = await mongo["bill_waits"].find_one({"account_id": held.account_id})
    assert wait is not None
    assert (wait["code"], wait["params"]) == ("sent_back", {"by": "han.mei", "reason": "the meter was misread"})


async def test_one_person_is_enough_below_the_limit(mongo: Mongo, held: Bill, now: datetime) -> None:
    lenient = (await open_rooms(mongo, approval_limits={"release": held.total + 1})).billing
    outcome = await release(
        issuing=lenient.issuing,
        approvals=lenient.approvals,
        bill_id=held.id,
        reviewer="li.lei",
        reason="a sauna",
        now=now,
    )
    assert outcome == Released(held.id)
    assert (await stored(lenient, held)).decision == Decision("li.lei", "a sauna", now)


async def test_what_is_overdue_stands_on_top_and_a_colleague_sees_the_own_part(
    strict: Billing, mongo: Mongo, held: Bill, now: datetime
) -> None:
    account = an_account(2)
    await strict.accounts.add([account])
    old = a_bill(account, "2026-02", status=BillStatus.HELD, hold=hold_from(date(2026, 9, 28)))

    async def write(transaction: Transaction) -> None:
        await strict.bills.add([old], transaction=transaction)

    await mongo.transact(write)
    queue = await strict.bills.held(region="zhejiang", after=None, limit=1)
    assert old.hold is not None
    assert (queue[0].id, old.hold.due_on) == (old.id, date(2026, 10, 10))
    rest = await strict.bills.held(region="zhejiang", after=(old.hold.due_on, old.id), limit=5)
    assert [bill.id for bill in rest] == [held.id]
    await assign(issuing=strict.issuing, bill_id=held.id, owner="li.lei", by="han.mei", now=now)
    mine = await strict.bills.held(region="zhejiang", after=None, limit=5, owner="li.lei")
    assert [bill.id for bill in mine] == [held.id]

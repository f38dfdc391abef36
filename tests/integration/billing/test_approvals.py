"""What one person prepares above a limit, another approves: on a real database, with the execution beside it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gridhall.billing.approvals.model import BY_RULE, Kind, Limits, OvertakenError, Request, RequestId, State
from gridhall.billing.approvals.operations import (
    Approvals,
    Approved,
    Decided,
    NotWaiting,
    Overtaken,
    RefusedBefore,
    SamePerson,
    Waiting,
    decide,
    prepare,
)
from gridhall.billing.approvals.repository import ApprovalRepository, TurnRepository, Wanted
from gridhall.kit.ids import new_id
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from tests.factories.accounts import an_account
from tests.factories.requests import a_request
from tests.factories.rooms import all_documents, ensure_indexes, open_rooms

NOW = datetime(2026, 11, 3, 2, tzinfo=UTC)
ACCOUNT = an_account()


@pytest.fixture
async def approvals(mongo: Mongo) -> Approvals:
    """Refunds above 500 yuan need two; what is carried out is written down, at most once a request."""
    await ensure_indexes(mongo)
    done, dismissed = mongo["done"], mongo["dismissed"]

    async def execute(request: Request, transaction: Transaction) -> None:
        if request.payload.get("gone"):
            raise OvertakenError("money_gone")
        await done.insert_one({"_id": request.id, "yuan": request.payload.get("yuan")}, session=transaction.session)

    async def dismiss(request: Request, transaction: Transaction) -> None:
        await dismissed.insert_one({"_id": request.id}, session=transaction.session)

    await done.insert_one({"_id": "there"})
    await dismissed.insert_one({"_id": "there"})
    return Approvals(
        mongo=mongo,
        requests=ApprovalRepository(mongo),
        turns=TurnRepository(mongo),
        limits=Limits({Kind.REFUND: Fen(50_000)}),
        executors={Kind.REFUND: execute},
        dismissals={Kind.REFUND: dismiss},
    )


async def count(approvals: Approvals, collection: str) -> int:
    return await approvals.mongo[collection].count_documents({"_id": {"$ne": "there"}})


async def decided(
    approvals: Approvals, request: Request, *, by: str, approve: bool = True
) -> Decided | SamePerson | NotWaiting | Overtaken:
    return await decide(approvals=approvals, request_id=request.id, by=by, approve=approve, reason="seen", now=NOW)


class TestPreparing:
    async def test_below_the_limit_it_is_carried_out_at_once(self, approvals: Approvals) -> None:
        outcome = await prepare(approvals=approvals, request=a_request(ACCOUNT, amount=49_999))
        assert isinstance(outcome, Approved)
        assert outcome.request.decided_by == BY_RULE
        assert await count(approvals, "done") == 1

    async def test_above_it_waits_and_nothing_happens(self, approvals: Approvals) -> None:
        assert isinstance(await prepare(approvals=approvals, request=a_request(ACCOUNT)), Waiting)
        assert await count(approvals, "done") == 0

    async def test_asking_twice_at_the_same_time_carries_it_out_once(self, approvals: Approvals) -> None:
        request = a_request(ACCOUNT, amount=100)
        outcomes = await asyncio.gather(*(prepare(approvals=approvals, request=request) for _ in range(5)))
        assert all(isinstance(outcome, Approved) for outcome in outcomes)
        assert await count(approvals, "done") == 1

    async def test_asking_again_changes_nothing_of_what_was_asked_first(self, approvals: Approvals) -> None:
        await prepare(approvals=approvals, request=a_request(ACCOUNT))
        again = await prepare(approvals=approvals, request=a_request(ACCOUNT, amount=1, by="li.na"))
        assert isinstance(again, Waiting)
        assert (again.request.amount, again.request.prepared_by) == (80_000, "chen.jie")

    async def test_what_was_refused_stays_refused_under_its_key(self, approvals: Approvals) -> None:
        request = a_request(ACCOUNT)
        await prepare(approvals=approvals, request=request)
        await decided(approvals, request, by="wang.fang", approve=False)
        assert isinstance(await prepare(approvals=approvals, request=request), RefusedBefore)

    async def test_it_belongs_to_the_transaction_of_the_caller(self, approvals: Approvals) -> None:
        async def work(transaction: Transaction) -> None:
            await prepare(approvals=approvals, request=a_request(ACCOUNT, amount=1), transaction=transaction)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await approvals.mongo.transact(work)
        assert await count(approvals, "done") == 0
        assert not await all_documents(approvals.mongo, "approvals")

    async def test_what_cannot_be_done_is_not_written_down(self, approvals: Approvals) -> None:
        request = a_request(ACCOUNT, amount=1, payload={"gone": True})
        with pytest.raises(OvertakenError):
            await prepare(approvals=approvals, request=request)
        assert not await approvals.requests.load([request.id])


class TestDeciding:
    async def test_another_person_approves_and_it_is_carried_out_as_prepared(self, approvals: Approvals) -> None:
        request = a_request(ACCOUNT, payload={"yuan": "800.00"})
        await prepare(approvals=approvals, request=request)
        outcome = await decided(approvals, request, by="wang.fang")
        assert isinstance(outcome, Decided)
        kept = (await approvals.requests.load([request.id]))[request.id]
        assert kept == replace(request, state=State.APPROVED, decided_by="wang.fang", decided_at=NOW, decision="seen")
        assert await approvals.mongo["done"].find_one({"_id": request.id}) == {"_id": request.id, "yuan": "800.00"}

    async def test_the_same_person_does_not_approve(self, approvals: Approvals) -> None:
        request = a_request(ACCOUNT, barred=("li.na",))
        await prepare(approvals=approvals, request=request)
        for name in ("chen.jie", "li.na"):
            assert isinstance(await decided(approvals, request, by=name), SamePerson)
        assert await count(approvals, "done") == 0

    async def test_the_same_person_may_take_it_back(self, approvals: Approvals) -> None:
        request = a_request(ACCOUNT)
        await prepare(approvals=approvals, request=request)
        assert isinstance(await decided(approvals, request, by="chen.jie", approve=False), Decided)
        assert (await count(approvals, "done"), await count(approvals, "dismissed")) == (0, 1)

    async def test_of_ten_who_approve_at_once_one_does(self, approvals: Approvals) -> None:
        request = a_request(ACCOUNT)
        await prepare(approvals=approvals, request=request)
        outcomes = await asyncio.gather(*(decided(approvals, request, by=f"agent-{n}") for n in range(10)))
        assert sum(isinstance(outcome, Decided) for outcome in outcomes) == 1
        assert await count(approvals, "done") == 1

    async def test_what_is_not_possible_any_more_is_closed_and_says_why(self, approvals: Approvals) -> None:
        request = a_request(ACCOUNT, payload={"gone": True})
        await prepare(approvals=approvals, request=request)
        outcome = await decided(approvals, request, by="wang.fang")
        assert isinstance(outcome, Overtaken)
        assert (outcome.request.state, outcome.request.decision) == (State.REFUSED, "money_gone")
        assert isinstance(await decided(approvals, request, by="wang.fang"), NotWaiting)
        assert (await count(approvals, "done"), await count(approvals, "dismissed")) == (0, 1)

    async def test_nothing_comes_of_an_id_that_there_is_not(self, approvals: Approvals) -> None:
        outcome = await decide(
            approvals=approvals, request_id=RequestId(new_id()), by="x", approve=True, reason="seen", now=NOW
        )
        assert outcome == NotWaiting(None)


async def test_a_unit_sees_what_waits_in_it_and_below_the_longest_waiting_first(approvals: Approvals) -> None:
    city, village = an_account(2, org_path="grid/city"), an_account(3, org_path="grid/village")
    requests = [
        a_request(account, key=f"R{n}", now=NOW.replace(hour=20 - n))
        for n, account in enumerate([city, village, city, city], start=1)
    ]
    for request in requests:
        await prepare(approvals=approvals, request=request)
    first = await approvals.requests.page(Wanted("zhejiang", units=("grid/city",)), after=None, limit=2)
    assert [one.key for one in first] == ["R4", "R3"]
    rest = await approvals.requests.page(
        Wanted("zhejiang", units=("grid/city",)), after=(first[-1].prepared_at, first[-1].id), limit=2
    )
    assert [one.key for one in rest] == ["R1"]
    assert not await approvals.requests.page(Wanted("zhejiang", kinds=(Kind.WAIVER,)), after=None, limit=2)


async def test_every_kind_of_request_can_be_carried_out(mongo: Mongo) -> None:
    billing = (await open_rooms(mongo)).billing
    assert set(billing.approvals.executors) == set(Kind)
    assert set(billing.approvals.dismissals) <= set(Kind)

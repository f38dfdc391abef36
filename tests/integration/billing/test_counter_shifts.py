"""The counter: a cashier's shift from its float to its hand-over."""

import asyncio
from datetime import datetime

import pytest

from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.approvals.model import Kind, request_id
from gridhall.billing.approvals.operations import Overtaken, SamePerson, decide
from gridhall.billing.counter.model import BadCountError, ReceiptState, Shift, ShiftState
from gridhall.billing.counter.operations import KeyUsed, NoShift, Taken, close_shift, hand_over, open_shift, take_cash
from gridhall.billing.counter.reversing import NotReversible, reverse
from gridhall.billing.ledger.model import Book, house
from gridhall.billing.services import Billing
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo
from tests.factories.accounts import an_account
from tests.factories.rooms import all_documents


@pytest.fixture
async def account(billing: Billing) -> Account:
    account = an_account()
    await billing.accounts.add([account])
    return account


@pytest.fixture
async def shift(billing: Billing, now: datetime) -> Shift:
    """The shift of chen, who began with 100 yuan of change."""
    return await open_shift(
        counter=billing.counter,
        cashier="chen",
        region="zhejiang",
        org_path="grid/city",
        float_fen=Fen(10_000),
        key="monday",
        now=now,
    )


async def take(billing: Billing, account: Account, fen: int, key: str, now: datetime) -> object:
    return await take_cash(counter=billing.counter, cashier="chen", account=account, amount=Fen(fen), key=key, now=now)


async def test_cash_is_taken_with_a_running_receipt_and_counted_at_the_end(
    billing: Billing, mongo: Mongo, account: Account, shift: Shift, now: datetime
) -> None:
    first = await take(billing, account, 5_000, "a", now)
    second = await take(billing, account, 2_500, "b", now)
    assert isinstance(first, Taken)
    assert isinstance(second, Taken)
    assert [first.receipt.number[-4:], second.receipt.number[-4:]] == ["0001", "0002"]
    closed = await close_shift(
        counter=billing.counter, cashier="chen", counted={10_000: 1, 5_000: 1, 2_000: 1, 500: 1}, now=now
    )
    assert isinstance(closed, Shift)
    assert (closed.id, closed.expected, closed.found, closed.difference) == (shift.id, 17_500, 17_500, 0)
    assert await all_documents(mongo, "billing_cases") == []
    assert await hand_over(counter=billing.counter, shift_id=shift.id, to="chen", now=now) is None
    handed = await hand_over(counter=billing.counter, shift_id=shift.id, to="supervisor", now=now)
    assert handed is not None
    assert handed.state is ShiftState.HANDED_OVER


async def test_a_repeated_request_takes_the_cash_once_even_at_once(
    billing: Billing, account: Account, shift: Shift, now: datetime
) -> None:
    told = await asyncio.gather(*(take(billing, account, 5_000, "a", now) for _ in range(4)))
    assert len({one.receipt.number for one in told if isinstance(one, Taken)}) == 1
    assert isinstance(await take(billing, account, 5_001, "a", now), KeyUsed)
    found = (await billing.counter.shifts.load([shift.id]))[shift.id]
    assert (found.taken, found.receipts) == (5_000, 1)


async def test_what_is_missing_goes_to_suspense_and_is_a_case(
    billing: Billing, mongo: Mongo, account: Account, shift: Shift, now: datetime
) -> None:
    await take(billing, account, 5_000, "a", now)
    await close_shift(counter=billing.counter, cashier="chen", counted={10_000: 1, 2_000: 2, 500: 1}, now=now)
    assert await billing.ledger.sums(house("zhejiang")) == {Book.CASH_COUNTER: -500, Book.SUSPENSE: 500}
    (case,) = await all_documents(mongo, "billing_cases")
    assert (case["kind"], case["amount"], case["key"]) == ("shift_difference", -500, f"shift:{shift.id}")


async def test_without_a_shift_no_cash_is_taken(billing: Billing, account: Account, now: datetime) -> None:
    assert await take(billing, account, 5_000, "a", now) == NoShift()
    with pytest.raises(BadCountError, match="7 fen is no note or coin"):
        await close_shift(counter=billing.counter, cashier="chen", counted={7: 1}, now=now)


async def test_a_receipt_is_taken_back_by_two_people_neither_of_them_its_cashier_alone(
    billing: Billing, account: Account, shift: Shift, now: datetime
) -> None:
    taken = await take(billing, account, 5_000, "a", now)
    assert isinstance(taken, Taken)
    number = taken.receipt.number
    common = {"counter": billing.counter, "approvals": billing.approvals, "number": number, "reason": "wrong account"}
    asked = await reverse(**common, by="wu", now=now)  # type: ignore[arg-type]
    assert not isinstance(asked, NotReversible)
    assert asked.state is ReceiptState.REVERSING
    request = request_id(Kind.CASH_REVERSAL, number)
    for by in ("wu", "chen"):
        told = await decide(
            approvals=billing.approvals, request_id=request, by=by, approve=True, reason="seen", now=now
        )
        assert isinstance(told, SamePerson)
    await decide(approvals=billing.approvals, request_id=request, by="li", approve=True, reason="seen", now=now)
    found = (await billing.counter.shifts.load([shift.id]))[shift.id]
    assert found.expected == 10_000
    assert (await billing.accounts.load([account.id]))[account.id].balance == Balance()
    assert isinstance(await reverse(**common, by="wu", now=now), NotReversible)  # type: ignore[arg-type]


async def test_a_reversal_that_nobody_approved_ends_with_the_shift(
    billing: Billing, account: Account, shift: Shift, now: datetime
) -> None:
    taken = await take(billing, account, 5_000, "a", now)
    assert isinstance(taken, Taken)
    number = taken.receipt.number
    common = {"counter": billing.counter, "approvals": billing.approvals, "number": number, "reason": "wrong account"}
    await reverse(**common, by="wu", now=now)  # type: ignore[arg-type]
    await close_shift(counter=billing.counter, cashier="chen", counted={10_000: 1, 5_000: 1}, now=now)
    told = await decide(
        approvals=billing.approvals,
        request_id=request_id(Kind.CASH_REVERSAL, number),
        by="li",
        approve=True,
        reason="seen",
        now=now,
    )
    assert isinstance(told, Overtaken)
    kept = await billing.counter.receipts.load(number)
    assert kept is not None
    assert kept.state is ReceiptState.TAKEN
    assert (await billing.accounts.load([account.id]))[account.id].balance == Balance(prepaid=Fen(5_000))
    assert shift.state is ShiftState.OPEN

"""Money that arrives: once, whole, and to the right bills."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from gridhall.billing.accounts.model import Account, AccountId, Balance
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.bills.model import Bill, BillStatus
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import IntentStatus, PaymentReceived, TradeNumber
from gridhall.billing.payments.operations import AlreadySettled, Settled, UnknownAccountError, settle
from gridhall.billing.services import Billing
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo
from tests.factories.accounts import an_account
from tests.factories.payments import an_intent
from tests.factories.rooms import all_documents


async def pay(
    billing: Billing,
    account: Account,
    fen: int,
    now: datetime,
    *,
    number: str = "T1",
    **more: Any,  # noqa: ANN401 - any field
) -> Settled | AlreadySettled:
    payment = PaymentReceived.for_account("simulated", number, account.id, Fen(fen), now, **more)
    return await settle(payments=billing.payments, payment=payment, cash=Book.CASH_ONLINE, now=now)


async def bill_of(billing: Billing, account: Account) -> Bill:
    (bill,) = (await billing.bills.since([account.id], month=Month(2026, 1)))[account.id]
    return bill


async def balance_of(billing: Billing, account: Account) -> Balance:
    return (await billing.accounts.load([account.id]))[account.id].balance


@pytest.fixture
async def account(billing: Billing, accounts: list[Account], now: datetime) -> Account:
    """An account that owes 107.60 yuan for January."""
    ids = [account.id for account in accounts]
    await issue_chunk(issuing=billing.issuing, account_ids=ids, month=Month(2026, 1), now=now)
    return accounts[0]


async def test_the_exact_amount_pays_the_bill(billing: Billing, mongo: Mongo, account: Account, now: datetime) -> None:
    assert await pay(billing, account, 10760, now) == Settled(Fen(10760), Fen(0))
    bill = await bill_of(billing, account)
    assert (bill.status, bill.paid, bill.owed) == (BillStatus.PAID, 10760, 0)
    assert await balance_of(billing, account) == Balance()
    assert await billing.ledger.sums(account.id) == {
        Book.RECEIVABLE: 0,
        Book.REVENUE: -10760,
        Book.CASH_ONLINE: 10760,
    }
    (event,) = [one for one in await all_documents(mongo, "outbox") if one["kind"] == "billing.payment_received"]
    assert event["about"] == account.id
    assert (event["payload"]["fen"], event["payload"]["number"]) == (10760, "T1")


async def test_a_part_leaves_the_rest_owed_and_the_rest_pays_it(
    billing: Billing, account: Account, now: datetime
) -> None:
    assert await pay(billing, account, 760, now) == Settled(Fen(760), Fen(0))
    bill = await bill_of(billing, account)
    assert (bill.status, bill.paid, bill.owed) == (BillStatus.PART_PAID, 760, 10000)
    assert await balance_of(billing, account) == Balance(owed=Fen(10000))
    assert await pay(billing, account, 10000, now, number="T2") == Settled(Fen(10000), Fen(0))
    assert (await bill_of(billing, account)).status is BillStatus.PAID


async def test_too_much_is_put_by(billing: Billing, account: Account, now: datetime) -> None:
    assert await pay(billing, account, 12000, now) == Settled(Fen(10760), Fen(1240))
    assert await balance_of(billing, account) == Balance(prepaid=Fen(1240))


async def test_money_without_any_bill_is_put_by(billing: Billing, now: datetime) -> None:
    account = an_account(7)
    await billing.accounts.add([account])
    assert await pay(billing, account, 5000, now) == Settled(Fen(0), Fen(5000))
    assert await balance_of(billing, account) == Balance(prepaid=Fen(5000))


async def test_the_bills_that_were_named_are_paid_before_older_ones(
    billing: Billing, mongo: Mongo, account: Account, now: datetime
) -> None:
    older = await bill_of(billing, account)
    newer = {**(await all_documents(mongo, "bills"))[0], "_id": new_id(), "account_id": account.id, "month": "2026-02"}
    await mongo["bills"].insert_one({**newer, "total": 900, "paid": 0, "status": "issued"})
    await pay(billing, account, 1000, now, bill_ids=(newer["_id"],))
    bills = await billing.bills.load([older.id, newer["_id"]])
    assert (bills[newer["_id"]].paid, bills[older.id].paid) == (900, 100)


async def test_the_same_money_told_eight_times_at_once_settles_once(
    billing: Billing, mongo: Mongo, account: Account, now: datetime
) -> None:
    outcomes = await asyncio.gather(*(pay(billing, account, 10760, now) for _ in range(8)))
    assert outcomes.count(Settled(Fen(10760), Fen(0))) == 1
    assert outcomes.count(AlreadySettled()) == 7
    assert await mongo["payments"].count_documents({}) == 1
    assert await mongo["postings"].count_documents({"kind": "payment"}) == 1
    assert await mongo["outbox"].count_documents({"kind": "billing.payment_received"}) == 1
    assert await balance_of(billing, account) == Balance()


async def test_the_same_money_told_later_changes_nothing(
    billing: Billing, mongo: Mongo, account: Account, now: datetime
) -> None:
    await pay(billing, account, 10760, now)
    before = [await all_documents(mongo, name) for name in ("bills", "postings", "accounts", "payments", "outbox")]
    assert await pay(billing, account, 10760, now) == AlreadySettled()
    after = [await all_documents(mongo, name) for name in ("bills", "postings", "accounts", "payments", "outbox")]
    assert after == before


async def test_the_same_number_of_another_provider_is_other_money(
    billing: Billing, account: Account, now: datetime
) -> None:
    await pay(billing, account, 10760, now)
    cash = PaymentReceived.for_account("counter", "T1", account.id, Fen(100), now)
    outcome = await settle(payments=billing.payments, payment=cash, cash=Book.CASH_COUNTER, now=now)
    assert outcome == Settled(Fen(0), Fen(100))


async def test_the_intent_that_was_answered_is_paid(billing: Billing, account: Account, now: datetime) -> None:
    number = TradeNumber("a" * 32)
    bill = await bill_of(billing, account)
    intent = an_intent(account.id, 10760, bill.id, number=number)
    await billing.payments.intents.add(intent)
    await pay(billing, account, 10760, now, trade_number=number, bill_ids=(bill.id,))
    found = await billing.payments.intents.load(number)
    assert found is not None
    assert found.status is IntentStatus.PAID


async def test_money_for_an_account_that_does_not_exist_is_a_fault_and_leaves_nothing(
    billing: Billing, mongo: Mongo, now: datetime
) -> None:
    nobody = an_account(8, id=AccountId(new_id()))
    with pytest.raises(UnknownAccountError, match=str(nobody.id)):
        await pay(billing, nobody, 100, now)
    assert [await mongo[name].count_documents({}) for name in ("payments", "postings", "outbox")] == [0, 0, 0]

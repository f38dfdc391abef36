"""A held bill, looked at by a person and issued as it is."""

import asyncio
from datetime import date, datetime

from gridhall.billing.accounts.model import Balance
from gridhall.billing.bills.model import Bill, BillId, BillStatus, Finding
from gridhall.billing.bills.releasing import NotHeld, Released, ReleasePrepared, release
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.services import Billing
from gridhall.kit.ids import new_id
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill
from tests.factories.rooms import all_documents


async def a_held_bill(billing: Billing, mongo: Mongo) -> Bill:
    account = an_account()
    await billing.accounts.add([account])
    finding = Finding("jumped_against_last_month", (("kwh", "200"), ("previous", "9")))
    bill = a_bill(account, "2026-01", status=BillStatus.HELD, findings=(finding,))

    async def write(transaction: Transaction) -> None:
        await billing.bills.add([bill], transaction=transaction)

    await mongo.transact(write)
    return bill


async def released(billing: Billing, bill_id: BillId, now: datetime) -> Released | ReleasePrepared | NotHeld:
    return await release(
        issuing=billing.issuing,
        approvals=billing.approvals,
        bill_id=bill_id,
        reviewer="li.lei",
        reason="a new heat pump",
        now=now,
    )


async def test_a_released_bill_is_issued_charged_and_told(billing: Billing, mongo: Mongo, now: datetime) -> None:
    held = await a_held_bill(billing, mongo)
    assert await released(billing, held.id, now) == Released(held.id)
    (bill,) = (await billing.bills.load([held.id])).values()
    assert (bill.status, bill.issued_at, bill.due_on) == (BillStatus.ISSUED, now, date(2026, 11, 23))
    assert (bill.total, bill.lines, bill.findings) == (held.total, held.lines, held.findings)
    (account,) = (await billing.accounts.load([bill.account_id])).values()
    assert account.balance == Balance(owed=bill.total)
    assert [event["kind"] for event in await all_documents(mongo, "outbox")] == ["billing.bill_issued"]
    assert await billing.bills.held(region=None, after=None, limit=9) == []


async def test_a_held_bill_is_reminded_of_from_its_release_on_and_no_more_once_paid(
    billing: Billing, mongo: Mongo, now: datetime
) -> None:
    held = await a_held_bill(billing, mongo)
    assert await billing.arrears.following.debts.of_accounts([held.account_id]) == []
    await released(billing, held.id, now)
    (row,) = await billing.arrears.following.debts.of_accounts([held.account_id])
    assert (row.bill_id, row.due_on, row.reached) == (held.id, date(2026, 11, 23), None)
    payment = PaymentReceived.for_account("counter", str(new_id()), held.account_id, held.total, now)
    await settle(payments=billing.payments, payment=payment, cash=Book.CASH_COUNTER, now=now)
    assert await billing.arrears.following.debts.of_accounts([held.account_id]) == []


async def test_who_released_it_and_why_is_kept(billing: Billing, mongo: Mongo, now: datetime) -> None:
    held = await a_held_bill(billing, mongo)
    await released(billing, held.id, now)
    (document,) = await all_documents(mongo, "bills")
    assert document["released"] == {"by": "li.lei", "reason": "a new heat pump", "at": now}


async def test_money_paid_ahead_pays_a_released_bill(billing: Billing, mongo: Mongo, now: datetime) -> None:
    held = await a_held_bill(billing, mongo)
    money = PaymentReceived.for_account("counter", "R1", held.account_id, held.total, now)
    await settle(payments=billing.payments, payment=money, cash=Book.CASH_COUNTER, now=now)
    await released(billing, held.id, now)
    (bill,) = (await billing.bills.load([held.id])).values()
    assert (bill.status, bill.owed) == (BillStatus.PAID, 0)


async def test_two_who_release_at_once_charge_once(billing: Billing, mongo: Mongo, now: datetime) -> None:
    held = await a_held_bill(billing, mongo)
    outcomes = await asyncio.gather(*(released(billing, held.id, now) for _ in range(5)))
    assert outcomes.count(Released(held.id)) == 1
    assert outcomes.count(NotHeld()) == 4
    assert await mongo["postings"].count_documents({}) == 1
    assert (await billing.ledger.sums(held.account_id))[Book.RECEIVABLE] == held.total


async def test_what_is_not_held_is_left_alone(billing: Billing, mongo: Mongo, now: datetime) -> None:
    held = await a_held_bill(billing, mongo)
    await released(billing, held.id, now)
    assert await released(billing, held.id, now) == NotHeld()
    assert await released(billing, BillId(new_id()), now) == NotHeld()
    assert await mongo["postings"].count_documents({}) == 1
    assert Fen(held.total) == (await billing.ledger.sums(held.account_id))[Book.RECEIVABLE]

"""What the released code wrote of bills and what hangs on them: read as it is, and migrated to what is written now."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.policies import Stage
from gridhall.billing.bills.model import FIRST_E_BILL, Bill, BillStatus, Decision, Finding
from gridhall.billing.bills.releasing import assign
from gridhall.billing.corrections.model import Correction
from gridhall.billing.corrections.repository import CorrectionRepository
from gridhall.billing.services import Billing
from gridhall.billing.waits.model import Waiting
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.metering.closings.model import ChangeKind
from tests.factories.accounts import an_account
from tests.factories.arrears import DUE, at, day, issued, pay, walk
from tests.factories.bills import a_bill
from tests.factories.released import (
    a_released_bill,
    a_released_correction,
    a_released_reminder,
    a_released_wait,
    kept,
    migrate,
)
from tests.factories.rooms import all_documents

AUGUST = Month(2026, 8)
ACCOUNT = an_account()


def _bill(status: BillStatus, **changes: object) -> Bill:
    return a_bill(ACCOUNT, "2026-08", status=status, template=FIRST_E_BILL, **changes)


BILLS = {
    "held": _bill(BillStatus.HELD, findings=(Finding("spike", (("kwh", "900"), ("usual", "200"))),)),
    "issued": _bill(BillStatus.ISSUED, due_on=DUE, used_before=240),
    "part paid": _bill(BillStatus.PART_PAID, due_on=DUE, paid=Fen(100)),
    "paid": _bill(BillStatus.PAID, due_on=DUE, paid=Fen(10_760), prepaid=Fen(500)),
    "rejected": _bill(BillStatus.REJECTED, issued_at=None, due_on=None, decision=Decision("Li", "read wrong", at(DUE))),
    "released": _bill(BillStatus.ISSUED, decision=Decision("Li", "it is so", at(DUE)), sequence=2),
    "years ago": _bill(BillStatus.PAID, kwh=Decimal(0), lines=(), registers=()),
}


async def _written(billing: Billing, *bills: Bill) -> None:
    async def work(transaction: Transaction) -> None:
        await billing.bills.add(bills, transaction=transaction)

    await billing.arrears.mongo.transact(work)


async def _released(
    mongo: Mongo, billing: Billing, account: Account, *, reached: Stage | None, row: bool = True
) -> Bill:
    """An unpaid bill of an account as the released code left it, and its row of the next reminder."""
    bill = await issued(billing, account)
    await mongo["bills"].replace_one({"_id": bill.id}, a_released_bill(bill))
    await mongo["debts"].delete_one({"_id": bill.id})
    if row:
        await mongo["reminders"].insert_one(a_released_reminder(bill, reached=reached, next_on=day(3)))
    return bill


@pytest.mark.parametrize("bill", [pytest.param(bill, id=name) for name, bill in BILLS.items()])
async def test_a_released_bill_becomes_what_is_written_now(mongo: Mongo, billing: Billing, bill: Bill) -> None:
    await billing.accounts.add([ACCOUNT])
    await _written(billing, bill)
    now_written = await kept(mongo, "bills", bill.id)
    await mongo["bills"].replace_one({"_id": bill.id}, a_released_bill(bill))
    assert (await billing.bills.load([bill.id]))[bill.id] == replace(bill, org_path="")
    assert await migrate(mongo, "bills") == 1
    assert await kept(mongo, "bills", bill.id) == now_written
    assert (await billing.bills.load([bill.id]))[bill.id] == bill
    assert await migrate(mongo, "bills") == 0


async def test_a_released_account_is_read_as_one_without_terms_that_pays_afterwards(
    mongo: Mongo, billing: Billing
) -> None:
    await billing.accounts.add([ACCOUNT])
    later = {"terms": "", "prepaid_stays": "", "pays_ahead": ""}
    await mongo["accounts"].update_one({"_id": ACCOUNT.id}, {"$unset": later})
    (account,) = (await billing.accounts.load([ACCOUNT.id])).values()
    assert account == replace(ACCOUNT, version=1)
    assert await billing.accounts.prepaid_ids(region="zhejiang", after=None, limit=5) == []


async def test_a_released_held_bill_stands_in_the_queue_of_its_unit_after_the_migration(
    mongo: Mongo, billing: Billing
) -> None:
    await billing.accounts.add([ACCOUNT])
    bill = BILLS["held"]
    await mongo["bills"].insert_one(a_released_bill(bill))
    assert await billing.bills.held(region="zhejiang", units=("grid/city",), after=None, limit=5) == []
    await migrate(mongo, "bills")
    assert await billing.bills.held(region="zhejiang", units=("grid/city",), after=None, limit=5) == [bill]


async def test_a_released_held_bill_that_is_worked_on_before_the_migration_says_where_it_lies(
    mongo: Mongo, billing: Billing
) -> None:
    await billing.accounts.add([ACCOUNT])
    bill = BILLS["held"]
    await mongo["bills"].insert_one(a_released_bill(bill))
    await assign(issuing=billing.issuing, bill_id=bill.id, owner="Li", by="Wang", now=at(DUE))
    document = await kept(mongo, "bills", bill.id)
    assert (document["schema"], document["org_path"], document["units"]) == (2, "grid/city", ["", "grid", "grid/city"])


async def test_an_unpaid_released_bill_is_followed_as_if_it_were_issued_now(mongo: Mongo, billing: Billing) -> None:
    account = an_account()
    await billing.accounts.add([account])
    bill = await issued(billing, account)
    debt = await kept(mongo, "debts", bill.id)
    await mongo["bills"].replace_one({"_id": bill.id}, a_released_bill(bill))
    await mongo["debts"].delete_one({"_id": bill.id})
    await mongo["reminders"].insert_one(a_released_reminder(bill, reached=None, next_on=day(-3)))
    await migrate(mongo, "bills")
    assert await kept(mongo, "debts", bill.id) == debt


@pytest.mark.parametrize(
    ("reached", "row", "then"), [(Stage.OVERDUE, True, Stage.OVERDUE), (None, False, Stage.OVERDUE_LAST)]
)
async def test_no_reminder_is_sent_again_after_the_migration(
    mongo: Mongo, billing: Billing, reached: Stage | None, then: Stage, *, row: bool
) -> None:
    account = an_account()
    await billing.accounts.add([account])
    bill = await _released(mongo, billing, account, reached=reached, row=row)
    await migrate(mongo, "bills")
    (debt,) = await billing.arrears.following.debts.of_accounts([account.id])
    assert (debt.bill_id, debt.reached, debt.owed) == (bill.id, then, bill.total)
    await walk(billing, begin=4, until=5)  # the days after the reminder that the row says was sent
    assert [one["kind"] for one in await all_documents(mongo, "outbox") if "reminder" in one["kind"]] == []


async def test_money_that_comes_during_the_migration_leaves_no_debt(mongo: Mongo, billing: Billing) -> None:
    accounts = [an_account(number) for number in range(1, 9)]
    await billing.accounts.add(accounts)
    bills = [await _released(mongo, billing, account, reached=None) for account in accounts]
    payments = [
        pay(billing, account, bill.total, now=at(day(-5))) for account, bill in zip(accounts, bills, strict=True)
    ]
    await asyncio.gather(migrate(mongo, "bills"), *payments)
    found = (await billing.bills.load([bill.id for bill in bills])).values()
    assert {bill.status for bill in found} == {BillStatus.PAID}
    assert await billing.arrears.following.debts.of_accounts([account.id for account in accounts]) == []


async def test_a_released_account_that_waits_becomes_what_is_written_now(mongo: Mongo, billing: Billing) -> None:
    await billing.accounts.add([ACCOUNT])
    waiting, since = Waiting("no_read", (("day", "2026-08-01"),)), at(DUE)
    await billing.waits.keep(
        month=AUGUST, waiting={ACCOUNT.id: waiting}, accounts={ACCOUNT.id: ACCOUNT}, settled=(), now=since
    )
    (now_written,) = await all_documents(mongo, "bill_waits")
    old = a_released_wait(ACCOUNT.id, AUGUST, waiting, since=since)
    assert old["_id"] == now_written["_id"]
    await mongo["bill_waits"].replace_one({"_id": old["_id"]}, old)
    assert await migrate(mongo, "bill_waits") == 1
    assert await kept(mongo, "bill_waits", old["_id"]) == now_written


async def test_a_released_correction_becomes_what_is_written_now(mongo: Mongo, billing: Billing) -> None:
    await billing.accounts.add([ACCOUNT])
    one = Correction(
        bill_id=BILLS["issued"].id,
        account_id=ACCOUNT.id,
        region="zhejiang",
        org_path=ACCOUNT.org_path,
        point_id=new_id(),
        kind=ChangeKind.REGISTER,
        day=date(2026, 8, 1),
        before=(("M1 total", "1000"),),
        after=(("M1 total", "1010"),),
        noted_at=at(DUE) + timedelta(hours=1),
    )
    corrections = CorrectionRepository(mongo)
    await corrections.note([one])
    now_written = await kept(mongo, "corrections", one.id)
    await mongo["corrections"].replace_one({"_id": one.id}, a_released_correction(one))
    assert await corrections.load(one.id) == replace(one, org_path="")
    assert await migrate(mongo, "corrections") == 1
    assert await kept(mongo, "corrections", one.id) == now_written
    assert await corrections.page(region="zhejiang", units=("grid/city",), before=None, limit=5) == [one]

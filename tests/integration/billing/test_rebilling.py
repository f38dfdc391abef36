"""Rebilling on a real database: a credit note and a new bill, or nothing; and nothing twice."""

import asyncio
from datetime import date, datetime

import pytest

from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.approvals.model import State
from gridhall.billing.approvals.operations import Decided, decide
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.bills.model import Bill, BillStatus
from gridhall.billing.credits.model import Cause, credit_note_id
from gridhall.billing.credits.operations import (
    NothingToRebill,
    NotRebillable,
    Outcome,
    Rebilled,
    RebillWaits,
    rebill,
)
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import Part, PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.services import Billing
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo
from tests.factories.rooms import all_documents
from tests.integration.billing.conftest import Read

JANUARY, FEBRUARY, MARCH = Month(2026, 1), Month(2026, 2), Month(2026, 3)


async def bill_month(billing: Billing, account: Account, month: Month, now: datetime) -> None:
    await issue_chunk(issuing=billing.issuing, account_ids=[account.id], month=month, now=now)


async def bills_of(billing: Billing, account: Account) -> list[Bill]:
    return (await billing.bills.since([account.id], month=JANUARY))[account.id]


async def asked(billing: Billing, bill: Bill, now: datetime, by: str = "Li Na") -> Outcome:
    return await rebill(
        rebilling=billing.rebilling,
        approvals=billing.approvals,
        bill_id=bill.id,
        reason="the photo shows another number",
        by=by,
        now=now,
    )


async def balance_of(billing: Billing, account: Account) -> Balance:
    return (await billing.accounts.load([account.id]))[account.id].balance


async def pay(billing: Billing, account: Account, fen: int, number: str, now: datetime) -> None:
    money = PaymentReceived("counter", number, (Part(account.id, (), Fen(fen)),), now)
    await settle(payments=billing.payments, payment=money, cash=Book.CASH_COUNTER, now=now)


@pytest.fixture
async def account(billing: Billing, accounts: list[Account], now: datetime, read: Read) -> Account:
    """An account with bills of January (200 kWh), February (250) and March (240)."""
    one = accounts[0]
    await read(one, date(2026, 3, 1), "1450.00")
    await read(one, date(2026, 4, 1), "1690.00")
    for month in (JANUARY, FEBRUARY, MARCH):
        await bill_month(billing, one, month, now)
    return one


class TestARebill:
    async def test_a_corrected_read_moves_the_two_bills_that_share_it_and_no_other(
        self, billing: Billing, account: Account, now: datetime, read: Read
    ) -> None:
        january, february, march = await bills_of(billing, account)
        await read(account, date(2026, 3, 1), "1460.00")
        outcome = await asked(billing, february, now)
        assert isinstance(outcome, Rebilled)
        found = await bills_of(billing, account)
        assert [(bill.month, bill.sequence, bill.status, bill.kwh) for bill in found] == [
            (JANUARY, 1, BillStatus.ISSUED, 200),
            (FEBRUARY, 1, BillStatus.CANCELLED, 250),
            (FEBRUARY, 2, BillStatus.ISSUED, 260),
            (MARCH, 1, BillStatus.CANCELLED, 240),
            (MARCH, 2, BillStatus.ISSUED, 230),
        ]
        assert (found[0], found[2].replaces, found[4].replaces) == (january, february.id, march.id)
        assert (found[4].used_before, found[4].registers[0].opening) == (460, 1460)

    async def test_the_credit_note_and_the_bills_are_linked_both_ways_and_say_who_and_why(
        self, billing: Billing, account: Account, now: datetime, read: Read
    ) -> None:
        _, february, march = await bills_of(billing, account)
        await read(account, date(2026, 3, 1), "1460.00")
        await asked(billing, february, now)
        found = {bill.id: bill for bill in await bills_of(billing, account)}
        notes = await billing.rebilling.notes.load([credit_note_id(february.id), credit_note_id(march.id)])
        note = notes[credit_note_id(february.id)]
        assert found[february.id].cancelled_by == note.id
        assert note.replaced_by is not None
        assert found[note.replaced_by].replaces == february.id
        assert (note.number, note.amount, note.cause) == (f"R{february.number}", february.total, Cause.REBILL)
        assert (note.reason, note.prepared_by, note.approved_by) == (
            "the photo shows another number",
            "Li Na",
            "rule",
        )
        assert notes[credit_note_id(march.id)].cause is Cause.TIERS

    async def test_money_paid_on_the_cancelled_bill_pays_the_new_one(
        self, billing: Billing, account: Account, now: datetime, read: Read
    ) -> None:
        _, february, march = await bills_of(billing, account)
        await pay(billing, account, 10760 + february.total, "R1", now)
        await read(account, date(2026, 3, 1), "1460.00")
        await asked(billing, february, now)
        found = await bills_of(billing, account)
        new_february, new_march = found[2], found[4]
        assert new_february.total == february.total + 538
        assert (new_february.paid, new_february.prepaid, new_february.status) == (
            february.total,
            february.total,
            BillStatus.PART_PAID,
        )
        assert new_march.total == march.total - 538
        balance = await balance_of(billing, account)
        assert balance == Balance(owed=Fen(538 + new_march.total), prepaid=Fen(0))
        sums = await billing.ledger.sums(account.id)
        assert (sums[Book.RECEIVABLE], sums.get(Book.PREPAID, 0)) == (balance.owed, 0)
        assert sum(sums.values()) == 0

    async def test_a_bill_that_is_right_is_left_alone(self, billing: Billing, account: Account, now: datetime) -> None:
        january, *_ = before = await bills_of(billing, account)
        assert await asked(billing, january, now) == NothingToRebill()
        assert await bills_of(billing, account) == before

    async def test_asking_five_times_at_once_rebills_once(
        self, billing: Billing, mongo: Mongo, account: Account, now: datetime, read: Read
    ) -> None:
        _, february, _ = await bills_of(billing, account)
        await read(account, date(2026, 3, 1), "1460.00")
        outcomes = await asyncio.gather(*(asked(billing, february, now) for _ in range(5)))
        assert all(isinstance(one, Rebilled | NotRebillable) for one in outcomes)
        assert await mongo["credit_notes"].count_documents({}) == 2
        assert await mongo["bills"].count_documents({"account_id": account.id}) == 5
        assert await asked(billing, february, now) == NotRebillable("cancelled")

    async def test_a_held_month_that_stands_on_it_is_billed_again(
        self, billing: Billing, account: Account, now: datetime, read: Read
    ) -> None:
        _, _, march = await bills_of(billing, account)
        await read(account, date(2026, 5, 1), "4000.00")
        await bill_month(billing, account, Month(2026, 4), now)
        assert (await bills_of(billing, account))[-1].status is BillStatus.HELD
        await read(account, date(2026, 4, 1), "1700.00")
        assert isinstance(await asked(billing, march, now), Rebilled)
        held = (await bills_of(billing, account))[-1]
        assert (held.status, held.decision is not None) == (BillStatus.REJECTED, True)


class TestTheSecondPerson:
    async def test_above_the_limit_nothing_happens_until_another_person_approves(
        self, billing: Billing, account: Account, now: datetime, read: Read
    ) -> None:
        _, _, march = before = await bills_of(billing, account)
        await read(account, date(2026, 4, 1), "4690.00")
        outcome = await asked(billing, march, now)
        assert isinstance(outcome, RebillWaits)
        assert await bills_of(billing, account) == before
        decided = await decide(
            approvals=billing.approvals,
            request_id=outcome.request.id,
            by="Wang Fang",
            approve=True,
            reason="I saw the photo",
            now=now,
        )
        assert isinstance(decided, Decided)
        assert decided.request.state is State.APPROVED
        found = await bills_of(billing, account)
        assert (found[2].status, found[3].kwh) == (BillStatus.CANCELLED, 3240)
        (note,) = (await billing.rebilling.notes.load([credit_note_id(march.id)])).values()
        assert (note.prepared_by, note.approved_by) == ("Li Na", "Wang Fang")


class TestImmutability:
    async def test_of_an_issued_bill_nothing_ever_changes_but_what_is_paid_and_that_it_is_cancelled(
        self, billing: Billing, mongo: Mongo, account: Account, now: datetime, read: Read
    ) -> None:
        def fixed(documents: list[dict[str, object]]) -> dict[object, dict[str, object]]:
            changing = {"paid", "status", "cancelled_by"}
            return {one["_id"]: {name: one[name] for name in one.keys() - changing} for one in documents}

        _, february, _ = await bills_of(billing, account)
        before = fixed(await all_documents(mongo, "bills"))
        await pay(billing, account, 100, "R1", now)
        await pay(billing, account, 30000, "R2", now)
        await read(account, date(2026, 3, 1), "1460.00")
        await asked(billing, february, now)
        await read(account, date(2026, 4, 1), "1691.00")
        await asked(billing, (await bills_of(billing, account))[-1], now)
        after = fixed(await all_documents(mongo, "bills"))
        assert {bill_id: after[bill_id] for bill_id in before} == before
        assert len(after) == len(before) + 3

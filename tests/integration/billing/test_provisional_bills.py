"""Months whose meter was not read: billed provisionally where it is allowed, and settled by the next real read."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gridhall.billing.accounts.model import Account, Balance, TariffLink
from gridhall.billing.bills.issuing import ChunkResult, issue_chunk
from gridhall.billing.bills.model import Bill, BillKind, BillStatus
from gridhall.billing.bills.provisional import LAST_BILLS
from gridhall.billing.corrections.operations import look_again
from gridhall.billing.credits import operations
from gridhall.billing.credits.model import Cause, CreditNote, credit_note_id
from gridhall.billing.credits.settling import settle_provisional
from gridhall.billing.credits.swapping import swap_bills
from gridhall.billing.ledger.model import Book
from gridhall.billing.services import Billing
from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Mongo
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from tests.factories.accounts import an_account, point_of
from tests.factories.reads import a_read
from tests.factories.waits import waits_of
from tests.integration.billing.conftest import Read

JANUARY, FEBRUARY, MARCH, APRIL = (Month(2026, number) for number in (1, 2, 3, 4))
SOON = datetime(2026, 3, 5, 2, tzinfo=UTC)
LATER = datetime(2026, 5, 20, 2, tzinfo=UTC)


@pytest.fixture
async def home(billing: Billing, read: Read) -> Account:
    """A home in Sichuan with a bill of January (310 kWh), read no more until it is."""
    since = date(2026, 1, 1)
    one = an_account(7, region="sichuan", tariffs=(TariffLink("sichuan-residential", since),))
    await billing.accounts.add([one])
    await read(one, since, "1000.00")
    await read(one, date(2026, 2, 1), "1310.00")
    await bill(billing, one, JANUARY, SOON)
    return one


async def bill(billing: Billing, account: Account, month: Month, now: datetime) -> ChunkResult:
    return await issue_chunk(issuing=billing.issuing, account_ids=[account.id], month=month, now=now)


async def bills_of(billing: Billing, account: Account) -> list[Bill]:
    return (await billing.bills.since([account.id], month=JANUARY))[account.id]


async def settled(billing: Billing, account: Account, now: datetime = LATER) -> int:
    return await settle_provisional(settling=billing.running.settling, account_ids=[account.id], now=now)


class TestAProvisionalBill:
    async def test_it_says_what_it_is_and_what_it_rests_on_and_invents_no_read(
        self, billing: Billing, home: Account
    ) -> None:
        assert await bill(billing, home, FEBRUARY, LATER) == ChunkResult(issued=1, held=0, waiting=0, already=0)
        _, made = await bills_of(billing, home)
        assert (made.kind, made.kwh, made.status) == (BillKind.PROVISIONAL, 280, BillStatus.ISSUED)
        assert made.basis is not None
        assert (made.basis.method, made.basis.days) == (LAST_BILLS, JANUARY.days)
        assert [(row.opening, row.closing, row.estimated) for row in made.registers] == [(1310, None, True)]
        assert [one.day for one in made.readings] == [date(2026, 2, 1)]

    async def test_it_is_read_as_it_was_written(self, billing: Billing, home: Account) -> None:
        await bill(billing, home, FEBRUARY, LATER)
        _, made = await bills_of(billing, home)
        assert await billing.bills.load([made.id]) == {made.id: made}

    async def test_a_month_waits_for_its_read_first(self, billing: Billing, home: Account) -> None:
        assert (await bill(billing, home, FEBRUARY, SOON)).waiting == 1

    async def test_where_the_region_does_not_allow_it_a_month_waits_for_ever(
        self, billing: Billing, accounts: list[Account]
    ) -> None:
        await bill(billing, accounts[0], JANUARY, SOON)
        assert (await bill(billing, accounts[0], FEBRUARY, LATER + timedelta(days=300))).waiting == 1

    async def test_an_estimated_read_is_no_read(self, billing: Billing, mongo: Mongo, home: Account) -> None:
        guess = replace(a_read(point_of(home), date(2026, 3, 1), "1600.00", meter=f"M{home.number}"), quality=8)
        await record_reads(reads=[guess], registers=RegisterRepository(mongo), now=SOON)
        await bill(billing, home, FEBRUARY, LATER)
        assert (await bills_of(billing, home))[-1].kind is BillKind.PROVISIONAL


class TestTheNextRealRead:
    async def test_it_settles_every_month_it_belongs_to_and_bills_its_own(
        self, billing: Billing, home: Account, read: Read
    ) -> None:
        await bill(billing, home, FEBRUARY, LATER)
        await bill(billing, home, MARCH, LATER)
        assert await settled(billing, home) == 0
        await read(home, date(2026, 5, 1), "1755.00")
        assert await settled(billing, home) == 1
        found = await bills_of(billing, home)
        assert [(one.month, one.kind, one.status, one.kwh) for one in found[1:]] == [
            (FEBRUARY, BillKind.PROVISIONAL, BillStatus.CANCELLED, 280),
            (FEBRUARY, BillKind.REGULAR, BillStatus.ISSUED, 140),
            (MARCH, BillKind.PROVISIONAL, BillStatus.CANCELLED, 310),
            (MARCH, BillKind.REGULAR, BillStatus.ISSUED, 155),
            (APRIL, BillKind.REGULAR, BillStatus.ISSUED, 150),
        ]
        row = found[2].registers[0]
        assert (row.opening, row.closing, row.kwh, row.estimated) == (1310, 1755, 140, False)
        assert row.days is not None
        assert (row.days.start, row.days.end) == (date(2026, 2, 1), date(2026, 5, 1))
        assert [one.day for one in found[2].readings] == [date(2026, 2, 1), date(2026, 5, 1)]

    async def test_an_estimate_between_the_two_reads_questions_none_of_the_months(
        self, billing: Billing, mongo: Mongo, home: Account, read: Read
    ) -> None:
        guess = replace(a_read(point_of(home), date(2026, 3, 1), "1600.00", meter=f"M{home.number}"), quality=8)
        await record_reads(reads=[guess], registers=RegisterRepository(mongo), now=SOON)
        await bill(billing, home, FEBRUARY, LATER)
        await read(home, date(2026, 5, 1), "1755.00")
        assert await settled(billing, home) == 1
        standing = [one for one in await bills_of(billing, home) if one.status.counts]
        assert [one.kwh for one in standing[1:]] == [140, 155, 150]
        assert await look_again(questioning=billing.questioning, bills=standing, now=LATER) == 0

    async def test_a_read_that_changes_while_it_settles_is_seen_when_it_has(
        self, billing: Billing, home: Account, read: Read, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await bill(billing, home, FEBRUARY, LATER)
        await read(home, date(2026, 4, 1), "1605.00")

        async def late(**given: Any) -> list[CreditNote]:  # noqa: ANN401 - whatever it is given
            await read(home, date(2026, 4, 1), "1600.00")
            return await swap_bills(**given)

        monkeypatch.setattr(operations, "swap_bills", late)
        assert await settled(billing, home) == 1
        noted = await billing.questioning.corrections.page(region="sichuan", before=None, limit=5)
        assert {one.bill_id for one in noted} == {one.id for one in (await bills_of(billing, home))[2:]}
        assert {(one.before[0][1], one.after[0][1]) for one in noted} == {("1605", "1600")}

    async def test_a_read_that_comes_late_settles_its_own_month(
        self, billing: Billing, home: Account, read: Read
    ) -> None:
        await bill(billing, home, FEBRUARY, LATER)
        _, guessed = await bills_of(billing, home)
        await read(home, date(2026, 3, 1), "1600.00")
        assert await settled(billing, home) == 1
        *_, made = await bills_of(billing, home)
        assert (made.kwh, made.replaces, made.registers[0].closing) == (290, guessed.id, 1600)
        (note,) = (await billing.rebilling.notes.load([credit_note_id(guessed.id)])).values()
        assert (note.cause, note.prepared_by, note.approved_by) == (Cause.CATCH_UP, "bill-run", "rule")

    async def test_the_books_agree_and_settling_again_does_nothing(
        self, billing: Billing, mongo: Mongo, home: Account, read: Read
    ) -> None:
        await bill(billing, home, FEBRUARY, LATER)
        await read(home, date(2026, 3, 1), "1600.00")
        await settled(billing, home)
        assert await settled(billing, home) == 0
        found = await bills_of(billing, home)
        owed = sum(one.owed for one in found)
        account = (await billing.accounts.load([home.id]))[home.id]
        assert account.balance == Balance(owed=owed, prepaid=account.balance.prepaid)
        sums = await billing.ledger.sums(home.id)
        assert (sums[Book.RECEIVABLE], sum(sums.values())) == (owed, 0)
        assert await mongo["credit_notes"].count_documents({}) == 1

    async def test_no_month_is_billed_on_top_of_one_that_its_read_could_settle(
        self, billing: Billing, home: Account, read: Read
    ) -> None:
        await bill(billing, home, FEBRUARY, LATER)
        await read(home, date(2026, 3, 1), "1600.00")
        await read(home, date(2026, 4, 1), "1800.00")
        assert (await bill(billing, home, MARCH, LATER)).waiting == 1
        assert await waits_of(billing, MARCH, region="sichuan") == {"earlier_month_provisional": 1}

    async def test_a_catch_up_that_the_review_questions_is_a_case_for_a_person(
        self, billing: Billing, mongo: Mongo, home: Account, read: Read
    ) -> None:
        await bill(billing, home, FEBRUARY, LATER)
        await read(home, date(2026, 3, 1), "9000.00")
        assert await settled(billing, home) == 0
        assert (await bills_of(billing, home))[-1].kind is BillKind.PROVISIONAL
        assert await mongo["billing_cases"].count_documents({"kind": "bill_questioned"}) == 1

"""Reads corrected while bills that stand on them are issued: the bill has the new one, or it is questioned."""

import asyncio
import random
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.corrections.operations import question
from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Mongo
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from tests.factories.accounts import an_account, point_of
from tests.factories.reads import a_read
from tests.factories.rooms import Rooms, all_documents
from tests.integration.billing.conftest import Read

JANUARY, FROM, TO = Month(2026, 1), date(2026, 1, 1), date(2026, 2, 1)
NOW = datetime(2026, 11, 3, 2, tzinfo=UTC)
CORRECTED = Decimal(1190)


@pytest.fixture
async def homes(rooms: Rooms, read: Read) -> list[Account]:
    """Thirty accounts that used 200 kWh in January."""
    made = [an_account(number) for number in range(10, 40)]
    await rooms.billing.accounts.add(made)
    for account in made:
        await read(account, FROM, "1000.00")
        await read(account, TO, "1200.00")
    return made


async def test_no_correction_falls_between_drafting_and_closing(
    rooms: Rooms, mongo: Mongo, homes: list[Account]
) -> None:
    billing, registers, chance = rooms.billing, RegisterRepository(mongo), random.Random(4)  # noqa: S311 - delays

    async def correct(account: Account, *, after: float) -> None:
        await asyncio.sleep(after)
        corrected = a_read(point_of(account), TO, f"{CORRECTED}.00", meter=f"M{account.number}")
        await record_reads(reads=[corrected], registers=registers, now=NOW)

    async def bill(chunk: list[Account], *, after: float) -> None:
        await asyncio.sleep(after)
        await issue_chunk(issuing=billing.issuing, account_ids=[one.id for one in chunk], month=JANUARY, now=NOW)

    await asyncio.gather(
        *(correct(account, after=chance.uniform(0, 0.25)) for account in homes),
        *(bill(homes[first : first + 3], after=chance.uniform(0, 0.1)) for first in range(0, len(homes), 3)),
    )
    events = [one["_id"] for one in await all_documents(mongo, "outbox") if "closed_day" in one["kind"]]
    await question(questioning=billing.questioning, event_ids=events, now=NOW)
    questioned = {one["bill_id"]: one for one in await all_documents(mongo, "corrections")}
    bills = await billing.bills.since([one.id for one in homes], month=JANUARY)
    for account in homes:
        (made,) = bills[account.id]
        closing = made.registers[0].closing
        assert (made.id in questioned) == (closing != CORRECTED), closing

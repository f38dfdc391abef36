"""The billing room on a real database, and the two things every test needs: accounts and reads."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.model import Bill
from gridhall.billing.services import Billing
from gridhall.kit.mongo import Mongo
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from tests.factories.accounts import an_account, point_of
from tests.factories.arrears import DUE, issued
from tests.factories.reads import a_read
from tests.factories.rooms import Rooms, open_rooms

NOW = datetime(2026, 11, 3, 2, tzinfo=UTC)

Read = Callable[[Account, date, str], Awaitable[None]]
Issue = Callable[..., Awaitable[Bill]]


@pytest.fixture
async def rooms(mongo: Mongo) -> Rooms:
    return await open_rooms(mongo)


@pytest.fixture
def billing(rooms: Rooms) -> Billing:
    return rooms.billing


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def read(mongo: Mongo) -> Read:
    """Note what an account's meter showed as a day began."""
    registers = RegisterRepository(mongo)

    async def note(account: Account, day: date, shown: str) -> None:
        found = a_read(point_of(account), day, shown, meter=f"M{account.number}")
        await record_reads(reads=[found], registers=registers, now=NOW)

    return note


@pytest.fixture
async def accounts(billing: Billing, read: Read) -> list[Account]:
    """Three accounts that used 200, 300 and 400 kWh in January 2026."""
    made = [an_account(number) for number in (1, 2, 3)]
    await billing.accounts.add(made)
    for number, account in enumerate(made, start=1):
        await read(account, date(2026, 1, 1), "1000.00")
        await read(account, date(2026, 2, 1), f"{1100 + number * 100}.00")
    return made


@pytest.fixture
async def account(billing: Billing) -> Account:
    """One account that was never billed."""
    made = an_account(1)
    await billing.accounts.add([made])
    return made


@pytest.fixture
def issue(billing: Billing, account: Account) -> Issue:
    """Issue a bill of `account`, or of another: `issue(month, due_on=..., of=...)`."""

    async def write(month: str = "2026-08", *, due_on: date = DUE, of: Account = account) -> Bill:
        return await issued(billing, of, month, due_on=due_on)

    return write

"""What the review compares with is read where it is needed: the class of a tariff, and last year's days as measured."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.bills.model import Bill
from gridhall.billing.services import Billing
from gridhall.billing.tariffs import catalogue
from gridhall.kit.localdays import Days, Month
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from tests.factories.accounts import an_account, point_of
from tests.integration.billing.conftest import Read

ZONE = "Asia/Shanghai"
FEBRUARY = Month(2026, 2)


@pytest.fixture
async def account(billing: Billing, read: Read, now: datetime) -> Account:
    """A home that used 200 kWh in January and 900 in February, when the lunar new year was."""
    account = an_account(1)
    await billing.accounts.add([account])
    for day, shown in ((date(2026, 1, 1), "1000"), (date(2026, 2, 1), "1200"), (date(2026, 3, 1), "2100")):
        await read(account, day, f"{shown}.00")
    await issue_chunk(issuing=billing.issuing, account_ids=[account.id], month=Month(2026, 1), now=now)
    return account


async def february(billing: Billing, account: Account, now: datetime) -> Bill:
    await issue_chunk(issuing=billing.issuing, account_ids=[account.id], month=FEBRUARY, now=now)
    return (await billing.bills.since([account.id], month=FEBRUARY))[account.id][-1]


async def used(billing: Billing, account: Account, days: Days, kwh: int, now: datetime) -> None:
    """Note so many kWh a day of the curve."""
    pieces = [
        DayPiece(
            day_key(point_of(account), "import-kwh", day), 60, 3, ZONE, "single", [kwh * 1000 // 24] * 24, bytearray(24)
        )
        for day in days
    ]
    await record(pieces=pieces, histories=billing.histories, now=now)


async def test_a_jump_of_which_nothing_else_is_known_is_held(billing: Billing, account: Account, now: datetime) -> None:
    bill = await february(billing, account, now)
    assert [one.code for one in bill.findings] == ["jumped_against_last_month"]
    assert bill.hold is not None
    assert bill.hold.due_on == date(2026, 11, 10)
    assert bill.checks is not None
    assert "differs_from_last_year" in bill.checks.skipped


async def test_a_jump_that_the_same_lunar_weeks_of_last_year_made_is_issued(
    billing: Billing, account: Account, now: datetime
) -> None:
    # In 2025 the new year was nineteen days earlier.
    festival = date(2025, 1, 13)
    await used(billing, account, Days(date(2024, 12, 13), festival), 7, now)
    await used(billing, account, Days(festival, festival + timedelta(days=28)), 28, now)
    bill = await february(billing, account, now)
    assert (bill.findings, bill.status) == ((), "issued")
    assert bill.checks is not None
    assert "differs_from_last_year" not in bill.checks.skipped


async def test_a_shop_is_held_to_thresholds_of_its_own(
    billing: Billing, account: Account, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = account.tariffs[0].code
    monkeypatch.setattr(catalogue, "_known", {code: replace(catalogue.tariff(code), supply="commercial")})
    assert (await february(billing, account, now)).findings == ()

"""Where an account stands in its tiers: what was billed, and what was used since."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from gridhall.billing.accounts.model import Account, TariffLink, Term
from gridhall.billing.bills.model import Bill
from gridhall.billing.bills.standing import TierStanding, tier_standing
from gridhall.billing.services import Billing
from gridhall.kit.localdays import Days
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from tests.factories.accounts import an_account, point_of
from tests.factories.bills import a_bill

Use = Callable[[Account, Days], Awaitable[None]]
Write = Callable[..., Awaitable[None]]


@pytest.fixture
def use(billing: Billing) -> Use:
    """Let an account use 24 kWh on each of some days."""

    async def note(account: Account, days: Days) -> None:
        pieces = [
            DayPiece(
                key=day_key(point_of(account), IMPORT_KWH, day),
                minutes=60,
                scale=3,
                zone="Asia/Shanghai",
                calendar="single",
                values=[1000] * 24,
                quality=bytearray(24),
            )
            for day in days
        ]
        await record(pieces=pieces, histories=billing.histories, now=datetime(2026, 11, 3, tzinfo=UTC))

    return note


@pytest.fixture
def write(billing: Billing, mongo: Mongo) -> Write:
    async def add(*bills: Bill) -> None:
        async def work(transaction: Transaction) -> None:
            await billing.bills.add(bills, transaction=transaction)

        await mongo.transact(work)

    return add


async def standing(billing: Billing, account: Account, today: date) -> TierStanding:
    found = await tier_standing(account=account, bills=billing.bills, histories=billing.histories, today=today)
    assert found is not None
    return found


async def test_what_was_billed_and_what_was_used_since_add_up(billing: Billing, use: Use, write: Write) -> None:
    account = an_account()
    await write(a_bill(account, "2026-01", 2700))
    await use(account, Days(date(2026, 1, 20), date(2026, 2, 11)))
    found = await standing(billing, account, date(2026, 2, 11))
    assert (found.billed, found.unbilled) == (2700, 240)
    assert (found.position.tier, found.position.used, found.position.remaining) == (2, 2940, 1860)


async def test_today_itself_is_not_over_yet(billing: Billing, use: Use) -> None:
    account = an_account()
    await use(account, Days(date(2026, 1, 1), date(2026, 1, 4)))
    assert (await standing(billing, account, date(2026, 1, 3))).unbilled == 48


async def test_what_others_billed_counts_in_its_cycle(billing: Billing, write: Write) -> None:
    account = an_account(kept_since=date(2026, 11, 1), carried_kwh=3000)
    await write(a_bill(account, "2026-11", 100, used_before=3000))
    assert (await standing(billing, account, date(2026, 12, 5))).billed == 3100
    assert (await standing(billing, account, date(2027, 1, 5))).billed == 0


async def test_a_new_cycle_begins_at_nothing(billing: Billing, use: Use, write: Write) -> None:
    account = an_account()
    await write(a_bill(account, "2026-12", 500))
    await use(account, Days(date(2026, 12, 30), date(2027, 1, 3)))
    found = await standing(billing, account, date(2027, 1, 3))
    assert (found.billed, found.unbilled, found.position.tier) == (0, Decimal(48), 1)
    assert found.cycle == Days(date(2027, 1, 1), date(2028, 1, 1))


async def test_what_a_bill_counted_in_the_last_cycle_is_not_counted_in_the_new_one(
    billing: Billing, use: Use, write: Write
) -> None:
    """A period from 15 December belongs to the old year, with its January days."""
    account = an_account(read_day=15, kept_since=date(2026, 1, 15))
    await write(a_bill(account, "2026-12", 500))
    await use(account, Days(date(2027, 1, 1), date(2027, 1, 21)))
    assert (await standing(billing, account, date(2027, 1, 21))).unbilled == 6 * 24


async def test_on_the_day_on_which_a_tariff_changes_the_new_one_holds(billing: Billing) -> None:
    change = date(2026, 6, 1)
    links = (
        TariffLink("zhejiang-residential", date(2026, 1, 1), change),
        TariffLink("zhejiang-residential-tou", change),
    )
    account = an_account(tariffs=links)
    assert (await standing(billing, account, change)).version.code == "zhejiang-residential-tou"
    assert (await standing(billing, account, date(2026, 5, 31))).version.code == "zhejiang-residential"


async def test_without_a_tariff_there_is_no_tier(billing: Billing) -> None:
    account = an_account(tariffs=())
    found = await tier_standing(
        account=account, bills=billing.bills, histories=billing.histories, today=date(2026, 2, 1)
    )
    assert found is None


async def test_a_large_household_stands_in_wider_tiers(billing: Billing, write: Write) -> None:
    account = an_account(terms=(Term("large", date(2026, 1, 1)),))
    await write(a_bill(account, "2026-01", 3000))
    found = await standing(billing, account, date(2026, 2, 1))
    assert (found.position.tier, found.position.upto, found.position.remaining) == (1, 3960, 960)


async def test_heating_does_not_count_to_the_tiers_of_a_heated_household(billing: Billing, use: Use) -> None:
    kept = date(2026, 10, 1)
    account = an_account(
        region="shaanxi",
        tariff="shaanxi-residential",
        kept_since=kept,
        terms=(Term("heating_exempt", kept),),
    )
    await use(account, Days(kept, date(2027, 4, 3)))
    winter = await standing(billing, account, date(2027, 1, 10))
    assert (winter.position.tier, winter.position.used, winter.position.upto) == (1, 31 * 24, None)
    spring = await standing(billing, account, date(2027, 4, 3))
    assert (spring.position.used, spring.position.upto) == ((31 + 2) * 24, 1260)

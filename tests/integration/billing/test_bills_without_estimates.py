"""估抄 is forbidden: a curve may be estimated as whole as it likes, a bill waits for registers."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.services import Billing
from gridhall.kit.localdays import Days, Month
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from gridhall.metering.histories.queries import period_totals
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository
from gridhall.metering.vee.running import run_chunk
from gridhall.metering.vee.services import open_vee
from tests.factories.accounts import an_account, point_of
from tests.factories.rooms import all_documents
from tests.integration.billing.conftest import Read

JANUARY = Month(2026, 1)
NOW = datetime(2026, 2, 10, tzinfo=UTC)
ZONE = "Asia/Shanghai"


def a_day(point_id: UUID, day: date) -> DayPiece:
    values = [100 + slot + day.day for slot in range(24)]
    return DayPiece(day_key(point_id, "import-kwh", day), 60, 3, ZONE, "single", values, bytearray(24))


@pytest.fixture
async def account(billing: Billing, mongo: Mongo) -> Account:
    """An account whose meter sent a curve in December, nothing in January, and was read in neither."""
    account = an_account(1)
    await billing.accounts.add([account])
    point_id, meter = point_of(account), f"M{account.number}"
    link = MeterLink(meter, date(2025, 1, 1))
    point = ServicePoint(point_id, "zhejiang", "grid", ZONE, "single", (link,))
    await register_points(points=[point], meters=[Meter(meter, interval_minutes=60)], repository=PointRepository(mongo))
    december = Days(date(2025, 12, 1), date(2026, 1, 1))
    await record(pieces=[a_day(point_id, day) for day in december], histories=billing.histories, now=NOW)
    vee = open_vee(mongo=mongo, settings=Settings())
    for first in range(3):
        days = Days(date(2026, 1, 1) + timedelta(days=first * 10), date(2026, 2, 1))
        await run_chunk(vee=vee, points=[point], days=days, today=date(2026, 2, 10), now=NOW)
    return account


async def test_a_month_of_estimates_bills_nothing(billing: Billing, mongo: Mongo, account: Account) -> None:
    totals = await period_totals(point_ids=[point_of(account)], days=JANUARY.days, histories=billing.histories)
    estimated = totals[point_of(account)]
    assert (estimated.present, estimated.expected) == (31 * 24, 31 * 24)
    result = await issue_chunk(issuing=billing.issuing, account_ids=[account.id], month=JANUARY, now=NOW)
    assert (result.issued, result.held, result.waiting) == (0, 0, 1)
    assert await all_documents(mongo, "bills") == []


async def test_the_bill_that_registers_allow_says_what_they_say(billing: Billing, read: Read, account: Account) -> None:
    await read(account, date(2026, 1, 1), "1000.00")
    await read(account, date(2026, 2, 1), "1100.00")
    await issue_chunk(issuing=billing.issuing, account_ids=[account.id], month=JANUARY, now=NOW)
    (bill,) = (await billing.bills.since([account.id], month=JANUARY))[account.id]
    assert bill.kwh == 100

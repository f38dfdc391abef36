"""Projected bills above a customer's limit are told once a period; what an account's outlook stands on."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.billing.forecasts.alerts import KIND, look
from gridhall.billing.forecasts.model import Forecast, NoForecast, Unpriced
from gridhall.billing.forecasts.queries import forecast_for
from gridhall.billing.services import Billing
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Event, Outbox
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from gridhall.metering.load.model import TooLittle
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.points.repository import PointRepository
from tests.factories.accounts import an_account, point_of

TODAY = date(2026, 3, 16)
NOW = datetime(2026, 3, 16, 2, tzinfo=UTC)


@pytest.fixture
async def account(billing: Billing, mongo: Mongo) -> Account:
    """An account that used 24 kWh on each day of 2026 up to now."""
    made = an_account()
    await billing.accounts.add([made])
    point = ServicePoint(point_of(made), "zhejiang", "grid/city", "Asia/Shanghai", "single")
    await PointRepository(mongo).put([point], [])
    pieces = [
        DayPiece(
            key=day_key(point.id, IMPORT_KWH, day),
            minutes=60,
            scale=3,
            zone="Asia/Shanghai",
            calendar="single",
            values=[1000] * 24,
            quality=bytearray(24),
        )
        for day in Days(date(2026, 1, 1), TODAY)
    ]
    await record(pieces=pieces, histories=billing.histories, now=NOW)
    return made


async def told(billing: Billing, mongo: Mongo, *, today: date = TODAY) -> list[Event]:
    room = billing.bill_alerts
    assert await look(room=room, region="zhejiang", after=None, today=today, now=NOW) is None
    events = await Outbox(mongo).waiting(before=NOW + timedelta(days=1), limit=10)
    return [event for event in events if event.kind == KIND]


async def test_the_outlook_counts_what_is_not_billed_yet_into_the_tiers(billing: Billing, account: Account) -> None:
    found = await forecast_for(outlooks=billing.bill_alerts.outlooks, account=account, today=TODAY)
    assert isinstance(found, Forecast)
    assert (found.month, found.projection.measured, found.projection.likely) == (Month(2026, 3), 360, 744)
    # 59 days of January and February are not billed: 1416 kWh before, so all of March lies in the first tier.
    assert found.bill
    assert (found.bill.so_far, found.bill.likely) == (19368, 40027)
    assert found.tier
    assert (found.tier.tier, found.tier.used) == (2, Decimal(1776))
    assert found.tier.likely_on == date(2026, 4, 26)


async def test_a_limit_that_is_passed_is_told_once_a_period(billing: Billing, mongo: Mongo, account: Account) -> None:
    await billing.bill_alerts.alerts.put(account.id, region="zhejiang", limit=Fen(40000))
    (event,) = await told(billing, mongo)
    assert event.about == account.id
    assert event.payload["month"] == "2026-03"
    assert event.payload["likely"] == 40027
    assert await told(billing, mongo, today=TODAY - timedelta(days=1)) == [event]


async def test_a_limit_that_holds_and_one_that_was_cleared_are_not_told(
    billing: Billing, mongo: Mongo, account: Account
) -> None:
    await billing.bill_alerts.alerts.put(account.id, region="zhejiang", limit=Fen(50000))
    assert await told(billing, mongo) == []
    await billing.bill_alerts.alerts.put(account.id, region="zhejiang", limit=Fen(100))
    await billing.bill_alerts.alerts.remove(account.id)
    assert await told(billing, mongo) == []


async def test_an_account_without_a_point_or_a_history_has_no_outlook(billing: Billing, account: Account) -> None:
    outlooks = billing.bill_alerts.outlooks
    nowhere = await forecast_for(outlooks=outlooks, account=an_account(2), today=TODAY)
    assert nowhere == NoForecast(Month(2026, 3), Unpriced.NO_SERVICE_POINT)
    early = await forecast_for(outlooks=outlooks, account=account, today=date(2026, 1, 20))
    assert isinstance(early, NoForecast)
    assert isinstance(early.why, TooLittle)

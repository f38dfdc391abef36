"""The tip of an account on a real database, by its own curve and by what its household is."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from gridhall.billing.accounts.model import Term
from gridhall.billing.services import Billing
from gridhall.billing.tips.model import Tip, TipKind
from gridhall.billing.tips.queries import tip_for
from gridhall.kit.localdays import Days
from gridhall.kit.mongo import Mongo
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.points.repository import PointRepository
from tests.factories.accounts import an_account, point_of

TODAY = date(2026, 10, 29)
NOW = datetime(2026, 10, 29, 2, tzinfo=UTC)
LATELY = Days(TODAY - timedelta(days=28), TODAY)
QUARTERS = [25] * 32 + [50] * 40 + [200] * 16 + [25] * 8
"""Wh of a day: 5.2 kWh by day and in the evening, 1 kWh at night."""

Advise = Callable[..., Awaitable[Tip | None]]


@pytest.fixture
def advise(mongo: Mongo, billing: Billing) -> Advise:
    async def advised(*terms: Term) -> Tip | None:
        """Return the tip of a home that had used 2,570 kWh of its year before its curve begins."""
        account = an_account(kept_since=LATELY.start, carried_kwh=2570, terms=terms)
        point = ServicePoint(point_of(account), "zhejiang", "grid/city", "Asia/Shanghai", "single")
        await PointRepository(mongo).put([point], [])
        pieces = [
            DayPiece(
                key=day_key(point.id, IMPORT_KWH, day),
                minutes=15,
                scale=3,
                zone="Asia/Shanghai",
                calendar="single",
                values=list(QUARTERS),
                quality=bytearray(len(QUARTERS)),
            )
            for day in LATELY
        ]
        await record(pieces=pieces, histories=HistoryRepository(mongo), now=NOW)
        return await tip_for(tips=billing.tips, account=account, today=TODAY)

    return advised


async def test_a_home_is_told_of_the_tier_that_comes_in_the_next_thirty_days(advise: Advise) -> None:
    """2,570 kWh and 174 since then leave 16 of its first tier."""
    tip = await advise()
    assert tip is not None
    assert tip.kind is TipKind.TIER_AHEAD


async def test_a_large_household_is_not_told_of_a_border_that_is_not_its_own(advise: Advise) -> None:
    assert await advise(Term("large", date(2026, 9, 1))) is None

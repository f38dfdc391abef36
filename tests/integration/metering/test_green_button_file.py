"""A real Green Button file (SDG&E, a year of hours) through the intake into MongoDB, exact to the watt-hour."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from gridhall.kit.localdays import Days
from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.files import FileChunks
from gridhall.metering.feed.intake import IntakeStores, take
from gridhall.metering.feed.model import FeedSource, IntakeReport, Limits
from gridhall.metering.histories.queries import interval_series
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository

pytestmark = pytest.mark.realdata

METER = "335b9e89-8868-472a-8f10-08894e8147fb/60"
READINGS = 8727
NOW = datetime(2026, 11, 1, tzinfo=UTC)


async def test_8727_real_readings_are_taken_once_with_their_gap_and_their_sum(
    stores: IntakeStores, mongo: Mongo, limits: Limits, realdata: Path
) -> None:
    point = ServicePoint(
        UUID(int=99), "ca", "ca", "America/Los_Angeles", "single", (MeterLink(METER, date(2011, 1, 1)),)
    )
    await register_points(points=[point], meters=[Meter(METER, interval_minutes=60)], repository=PointRepository(mongo))

    async def taken() -> IntakeReport:
        with FileChunks(realdata / "greenbutton" / "sdge_hourly_2011.xml") as file:
            return await take(
                chunks=file.read(seen=lambda _: None),
                format="auto",
                source=FeedSource("file", None, "b1"),
                stores=stores,
                limits=limits,
                now=NOW,
            )

    assert (await taken()).counts() == IntakeReport(accepted=READINGS).counts()
    series = await interval_series(
        point=point, days=Days(date(2011, 2, 1), date(2012, 2, 1)), histories=stores.histories
    )
    assert series.total == Decimal("5089.595")  # what the file's own summary says
    assert (series.present, series.expected) == (READINGS, 8760)
    assert (await taken()).counts() == IntakeReport(duplicate=READINGS).counts()

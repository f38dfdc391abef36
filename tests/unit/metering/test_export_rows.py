"""Rows of a file of usage, of days whose curve nobody knows."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from gridhall.kit.localdays import Days
from gridhall.kit.words import Words
from gridhall.metering.exports.cells import Labels, interval_rows
from gridhall.metering.exports.order import ExportOrder
from gridhall.metering.histories.curve import curve
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayBucket
from gridhall.metering.histories.packing import pack
from gridhall.metering.histories.ranges import Resolution
from gridhall.metering.points.model import ServicePoint

LABELS = Labels(Words(["gridhall.metering"]), "en")
DAYS = Days(date(2026, 10, 24), date(2026, 10, 27))


def bucket(point: ServicePoint, day: date, wh: int) -> DayBucket:
    return DayBucket(
        key=day_key(point.id, "import-kwh", day),
        revision=1,
        minutes=1440,
        scale=3,
        zone=point.zone,
        calendar=point.calendar,
        values=pack([wh]),
        quality=0,
        totals={"total": wh},
        as_of=datetime(2026, 11, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(("calendar", "period"), [("zhejiang-tou", ""), ("single", "total")])
def test_whole_days_begin_at_their_midnight_and_are_as_long_as_they_were_where_clocks_go_back(
    calendar: str, period: str
) -> None:
    point = ServicePoint(UUID(int=1), "scotland", "grid", "Europe/London", calendar, ())
    order = ExportOrder(
        point=point,
        number=1,
        channels=("import-kwh",),
        days=DAYS,
        resolution=Resolution.INTERVAL,
        today=date(2026, 11, 1),
    )
    buckets = {day: bucket(point, day, 1000 + day.day) for day in DAYS}
    series = curve(point=point, channel="import-kwh", days=DAYS, buckets=buckets, minutes=1440)
    rows = list(interval_rows(series, order=order, labels=LABELS))
    assert [(row.start.isoformat(), row.minutes, row.value) for row in rows] == [
        ("2026-10-24T00:00:00+01:00", 1440, 1024),
        ("2026-10-25T00:00:00+01:00", 1500, 1025),
        ("2026-10-26T00:00:00+00:00", 1440, 1026),
    ]
    assert {row.period for row in rows} == {period}

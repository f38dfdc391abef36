"""Real histories cut in every way and carried out and in again: the numbers stay the same."""

import csv
import gzip
import io
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import orjson
import pytest

from gridhall.kit.localdays import Days, Month
from gridhall.kit.mongo import Mongo
from gridhall.kit.words import Words
from gridhall.metering.exports.cells import Labels
from gridhall.metering.exports.csv_file import usage_csv
from gridhall.metering.exports.order import ExportOrder
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.feed.model import IntakeReport
from gridhall.metering.histories.curve import curve
from gridhall.metering.histories.keys import day_key, month_key
from gridhall.metering.histories.merge import merge
from gridhall.metering.histories.model import DayBucket, DayPiece, MonthOfDays
from gridhall.metering.histories.queries import interval_series, year_series
from gridhall.metering.histories.ranges import Resolution
from gridhall.metering.histories.tables import DaysKept
from gridhall.metering.histories.totals import totals_of
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository

Feed = Callable[..., Awaitable[IntakeReport]]

HOMES = Days(date(2009, 3, 1), date(2009, 6, 1))
SCALE = 4
NOW = datetime(2026, 11, 1, tzinfo=UTC)
HOME = ServicePoint(UUID(int=1), "scotland", "edrp", "UTC", "single")


def counted(text: str) -> int:
    """Read a number in 1/10000 kWh."""
    whole, _, decimals = text.partition(".")
    return int(whole) * 10**SCALE + int(decimals.ljust(SCALE, "0"))


def bucket(day: date, values: list[int]) -> DayBucket:
    key = day_key(HOME.id, "import-kwh", day)
    piece = DayPiece(key, 30, SCALE, "UTC", "single", values, bytearray(len(values)))
    made = merge(None, piece, now=NOW).bucket
    assert made
    return made


@pytest.mark.realdata
def test_622_homes_amount_to_the_same_by_half_hours_hours_days_months_and_the_year(realdata: Path) -> None:
    with gzip.open(realdata / "interval" / "edrp_scotland_622hh_halfhour_kwh.csv.gz", "rt") as lines:
        _, *rows = csv.reader(lines)
    columns = list(zip(*rows, strict=True))[2:]
    assert len(columns) == 622
    for column in columns:
        values = list(map(counted, column))
        buckets = {day: bucket(day, values[48 * at : 48 * at + 48]) for at, day in enumerate(HOMES)}
        entries = {day: totals_of(one) for day, one in buckets.items()}
        months = {
            month: MonthOfDays(
                month_key(HOME.id, "import-kwh", month),
                1,
                30,
                "UTC",
                NOW,
                {day.day: entries[day] for day in month.days},
            )
            for month in (Month(2009, 3), Month(2009, 4), Month(2009, 5))
        }
        kept = DaysKept(point=HOME, channel="import-kwh", months=months)
        series = [
            curve(point=HOME, channel="import-kwh", days=HOMES, buckets=buckets, minutes=minutes)
            for minutes in (30, 60)
        ]
        tables = [kept.by_day(HOMES), kept.by_month(HOMES), kept.by_year(HOMES)]
        assert {one.total for one in (*series, *tables)} == {Decimal(sum(values)).scaleb(-SCALE)}


def day_rows(meter: str, readings: dict[datetime, str]) -> str:
    """Return meter-days of quarters as NDJSON; a quarter that is not there is null."""
    days: dict[date, list[str | None]] = {}
    for at, kwh in readings.items():
        slots = days.setdefault(at.date(), [None] * 96)
        slots[(at - datetime.combine(at.date(), datetime.min.time())) // timedelta(minutes=15)] = kwh
    return "\n".join(
        orjson.dumps({"meter": meter, "day": day.isoformat(), "kwh": kwh}).decode() for day, kwh in days.items()
    )


@pytest.mark.realdata
async def test_four_years_of_quarters_come_in_again_from_their_csv_as_they_went_out(
    realdata: Path, feed: Feed, stores: IntakeStores, mongo: Mongo
) -> None:
    with gzip.open(realdata / "interval" / "uci_household_15min.csv.gz", "rt") as lines:
        rows = list(csv.DictReader(lines))
    readings = {datetime.fromisoformat(row["start_local"]): row["kwh"] for row in rows if row["minutes"] == "15"}
    points = [
        ServicePoint(UUID(int=number), "france", "uci", "UTC", "single", (MeterLink(meter, date(2006, 1, 1)),))
        for number, meter in ((101, "OUT"), (102, "IN"))
    ]
    meters = [Meter("OUT", scale=SCALE), Meter("IN", scale=SCALE)]
    await register_points(points=points, meters=meters, repository=PointRepository(mongo))
    assert (await feed(day_rows("OUT", readings))).accepted == len(readings)

    days = Days(min(readings).date(), max(readings).date() + timedelta(days=1))
    order = ExportOrder(
        point=points[0],
        number=1,
        channels=("import-kwh",),
        days=days,
        resolution=Resolution.INTERVAL,
        today=NOW.date(),
    )
    labels = Labels(Words(["gridhall.metering"]), "en")
    parts = [part async for part in usage_csv([order], histories=stores.histories, labels=labels)]
    assert max(map(len, parts)) < 400_000  # a month at a time
    out = csv.DictReader(io.StringIO(b"".join(parts).decode("utf-8-sig")))
    again = {datetime.fromisoformat(row["Start"]).replace(tzinfo=None): row["Energy"] for row in out if row["Energy"]}
    assert (await feed(day_rows("IN", again))).accepted == len(readings)

    went, came = [await interval_series(point=point, days=days, histories=stores.histories) for point in points]
    assert went.values == came.values
    assert went.total == sum(map(Decimal, readings.values()))
    years = await year_series(point=points[1], days=days, histories=stores.histories)
    assert years.labels == ("2006", "2007", "2008", "2009", "2010")
    assert years.total == went.total

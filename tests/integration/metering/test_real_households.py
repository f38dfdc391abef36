"""622 real households (EDRP Scotland, 2009) through the importer: nothing lost, and nothing changed by a replay."""

import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from gridhall.kit.localdays import Days
from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.files import FileChunks
from gridhall.metering.feed.intake import IntakeStores, take
from gridhall.metering.feed.model import FeedSource, IntakeReport, Limits
from gridhall.metering.histories.queries import period_totals
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository

Fingerprint = Callable[..., Awaitable[dict[str, str]]]

HOUSEHOLDS, SLOTS, SCALE = 622, 4416, 4
DAYS = Days(date(2009, 3, 1), date(2009, 6, 1))
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def counted(text: str) -> int:
    """Read a number of the source in 1/10000 kWh, by other means than the importer."""
    whole, _, decimals = text.partition(".")
    return int(whole) * 10**SCALE + int(decimals.ljust(SCALE, "0"))


def write_long_csv(source: Path, target: Path) -> list[int]:
    """Turn the wide file into long CSV, household by household; return the energy of each in 1/10000 kWh."""
    with gzip.open(source, "rt") as wide:
        rows = [line.rstrip("\n").split(",") for line in wide]
    starts = [f"{day}T{time}+00:00" for day, time, *_ in rows[1:]]
    totals = []
    with target.open("w") as long:
        long.write("meter,start,kwh\n")
        for column in range(2, len(rows[0])):
            values = [row[column] for row in rows[1:]]
            totals.append(sum(map(counted, values)))
            meter = rows[0][column]
            long.writelines(f"{meter},{start},{value}\n" for start, value in zip(starts, values, strict=True))
    return totals


@pytest.fixture
async def households(stores: IntakeStores, mongo: Mongo) -> list[UUID]:
    """The points of the households, in the order of the file; their meters count half hours in 1/10000 kWh."""
    numbers = [f"X{index}" for index in range(1, HOUSEHOLDS + 1)]
    points = [
        ServicePoint(UUID(int=1000 + index), "scotland", "edrp", "UTC", "single", (MeterLink(number, DAYS.start),))
        for index, number in enumerate(numbers)
    ]
    meters = [Meter(number, scale=SCALE, interval_minutes=30) for number in numbers]
    await register_points(points=points, meters=meters, repository=PointRepository(mongo))
    assert stores
    return [point.id for point in points]


@pytest.fixture
def import_file(stores: IntakeStores, limits: Limits) -> Callable[..., Awaitable[IntakeReport]]:
    async def run(file: Path, by: Limits | None = None) -> IntakeReport:
        with FileChunks(file) as chunks:
            stream: AsyncIterator[bytes] = chunks.read(seen=lambda _: None)
            return await take(
                chunks=stream,
                format="auto",
                source=FeedSource("file", None, "edrp"),
                stores=stores,
                limits=by or limits.for_file(),
                now=NOW,
            )

    return run


@pytest.fixture
def long_csv(realdata: Path, tmp_path: Path) -> tuple[Path, list[int]]:
    """The households as long CSV, and the energy of each in 1/10000 kWh."""
    file = tmp_path / "households.csv"
    return file, write_long_csv(realdata / "interval" / "edrp_scotland_622hh_halfhour_kwh.csv.gz", file)


@pytest.mark.realdata
async def test_622_real_households_are_imported_without_loss_and_again_without_change(
    long_csv: tuple[Path, list[int]],
    households: list[UUID],
    stores: IntakeStores,
    import_file: Callable[[Path], Awaitable[IntakeReport]],
    fingerprint: Fingerprint,
) -> None:
    file, energy_in = long_csv
    assert len(energy_in) == HOUSEHOLDS

    assert (await import_file(file)).counts() == IntakeReport(accepted=HOUSEHOLDS * SLOTS).counts()
    totals = await period_totals(point_ids=households, days=DAYS, histories=stores.histories)
    assert [totals[household].total for household in households] == energy_in
    assert {(one.scale, one.present, one.expected) for one in totals.values()} == {(SCALE, SLOTS, SLOTS)}

    before = await fingerprint()
    assert (await import_file(file)).counts() == IntakeReport(duplicate=HOUSEHOLDS * SLOTS).counts()
    assert await fingerprint() == before


@pytest.mark.realdata
async def test_the_wide_file_itself_is_imported_with_a_column_a_household(
    *,
    realdata: Path,
    tmp_path: Path,
    households: list[UUID],
    stores: IntakeStores,
    limits: Limits,
    import_file: Callable[..., Awaitable[IntakeReport]],
) -> None:
    with gzip.open(realdata / "interval" / "edrp_scotland_622hh_halfhour_kwh.csv.gz", "rt") as wide:
        header, *rows = [line.rstrip("\n").split(",") for line, _ in zip(wide, range(97), strict=False)]
    file = tmp_path / "wide.csv"
    file.write_text("".join(f"{','.join(line)}\n" for line in [header, *rows]))
    refused = await import_file(file)
    assert refused.counts() == IntakeReport(quarantined=HOUSEHOLDS * 96).counts(), "its times say no offset"
    report = await import_file(file, limits.for_file().with_local_times())
    assert report.counts() == IntakeReport(accepted=HOUSEHOLDS * 96).counts()
    totals = await period_totals(
        point_ids=households, days=Days(DAYS.start, DAYS.start + timedelta(days=2)), histories=stores.histories
    )
    expected = [sum(counted(row[2 + index]) for row in rows) for index in range(HOUSEHOLDS)]
    assert [totals[household].total for household in households] == expected

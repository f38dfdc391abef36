"""The market's own NEM12 files, through the intake into a real MongoDB; what is expected is found by other code."""

import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest

from gridhall.kit.localdays import Days
from gridhall.kit.mongo import Mongo
from gridhall.kit.quantity import from_scaled
from gridhall.metering.feed.files import FileChunks
from gridhall.metering.feed.formats.rows import DeliveryRefusedError
from gridhall.metering.feed.intake import IntakeStores, take
from gridhall.metering.feed.model import FeedSource, IntakeReport, Limits
from gridhall.metering.histories.queries import period_totals
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository
from gridhall.metering.services import REPOSITORIES

pytestmark = pytest.mark.realdata

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ALL_DAYS = Days(date(2004, 1, 1), date(2006, 1, 1))
CHANNELS = {"E": "import-kwh", "B": "export-kwh", "Q": "import-kvarh", "K": "export-kvarh"}


@dataclass
class Expected:
    """What a file says, read straight from its rows: sums in kilo, and how many readings there are."""

    sums: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    channels: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    days: dict[str, dict[int, set[date]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    readings: int = 0


def expected_of(path: Path) -> Expected:
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        rows = archive.read(name).decode().replace("\r", "").split("\n")
    said = Expected()
    place, channel, minutes, divisor = "", "", 0, 1
    for row in _mended(rows):
        cells = row.split(",")
        if cells[0] == "200":
            place, channel, minutes = f"{cells[1]}-{cells[4][1]}", CHANNELS[cells[4][0]], int(cells[8])
            divisor = 1000 if cells[7].upper() in {"WH", "VARH"} else 1
            said.channels[place].add(channel)
        elif cells[0] == "300":
            values = [Decimal(value) / divisor for value in cells[2 : 2 + 1440 // minutes]]
            said.days[place][minutes].add(date.fromisoformat(cells[1]))
            said.sums[place, channel] += sum(values)
            said.readings += len(values)
        elif cells[0] == "400" and cells[3] == "N":
            null = values[int(cells[1]) - 1 : int(cells[2])]
            said.sums[place, channel] -= sum(null)
            said.readings -= len(null)
    return said


def _mended(rows: list[str]) -> Iterator[str]:
    """One file breaks a 300 row over three lines."""
    text = ""
    for row in rows:
        if text.endswith(",") and text.startswith("300,") and not row.startswith(("200", "300", "400", "500", "900")):
            text += row
            continue
        yield text
        text = row
    yield text


@pytest.fixture
async def empty(mongo: Mongo) -> Mongo:
    await mongo.ensure_indexes({one.collection_name: one.indexes for one in REPOSITORIES})
    return mongo


async def registered(mongo: Mongo, said: Expected) -> Mapping[str, UUID]:
    """Register a point a meter of an NMI; one that was set to other slots is another meter from that day on."""
    ids = {place: UUID(int=number) for number, place in enumerate(said.days, start=1)}
    points, meters = [], []
    for place, by_minutes in said.days.items():
        begins = sorted((min(days), minutes) for minutes, days in by_minutes.items())
        ends = [later for _, (later, _) in pairwise(begins)] + [None]
        numbers = [f"{place}/{minutes}" for _, minutes in begins]
        links = [MeterLink(no, begin, end) for no, (begin, _), end in zip(numbers, begins, ends, strict=True)]
        channels = frozenset(said.channels[place])
        points.append(ServicePoint(ids[place], "nsw", "nsw", "Australia/Brisbane", "single", tuple(links)))
        meters += [
            Meter(no, interval_minutes=minutes, channels=channels)
            for no, (_, minutes) in zip(numbers, begins, strict=True)
        ]
    await register_points(points=points, meters=meters, repository=PointRepository(mongo))
    return ids


async def taken(path: Path, mongo: Mongo, limits: Limits) -> IntakeReport:
    with FileChunks(path) as chunks:
        return await take(
            chunks=chunks.read(seen=lambda _: None),
            format="auto",
            source=FeedSource("file", None, "b1"),
            stores=IntakeStores.of(mongo),
            limits=replace(limits, max_kw=10_000),
            now=NOW,
        )


async def test_the_94_files_are_accepted_with_the_right_sums(empty: Mongo, limits: Limits, realdata: Path) -> None:
    paths = sorted((realdata / "nem12" / "valid").iterdir())
    assert len(paths) == 94
    for path in paths:
        for name in await empty.database.list_collection_names():
            await empty[name].delete_many({})
        said = expected_of(path)
        ids = await registered(empty, said)
        report = await taken(path, empty, limits)
        assert (report.accepted, report.quarantined) == (said.readings, 0), (path.name, report)
        stores = IntakeStores.of(empty)
        for (place, channel), total in said.sums.items():
            found = await period_totals(
                point_ids=[ids[place]], days=ALL_DAYS, histories=stores.histories, channel=channel
            )
            kept = found[ids[place]]
            assert from_scaled(kept.total, scale=kept.scale) == total, (path.name, place, channel)
        again = await taken(path, empty, limits)
        assert (again.accepted, again.duplicate) == (0, said.readings), path.name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("15min_200_30min_300", "line 3: the 300 record has 48 values, .* of 15 minutes, which are 96"),
        ("30min_200_15min_400", "line 3: the 300 record has 96 values, .* of 30 minutes, which are 48"),
        ("missing_header", "the header is missing"),
    ],
)
async def test_an_unsound_file_is_refused_and_nothing_of_it_is_stored(
    empty: Mongo, limits: Limits, realdata: Path, name: str, reason: str
) -> None:
    with pytest.raises(DeliveryRefusedError, match=reason):
        await taken(realdata / "nem12" / "invalid" / f"Example_NEM12_{name}.csv", empty, limits)
    for collection in await empty.database.list_collection_names():
        assert await empty[collection].count_documents({}) == 0


async def test_days_of_nem_time_are_put_where_they_belong_in_a_zone_with_summer_time(
    empty: Mongo, limits: Limits, realdata: Path
) -> None:
    path = realdata / "nem12" / "valid" / "NEM12#Scenario01#ETSAMDP#NEMMCO.zip"
    said = expected_of(path)
    links = [
        (place, minutes, min(days) - timedelta(days=1))
        for place, of in said.days.items()
        for minutes, days in of.items()
    ]
    points = [
        ServicePoint(UUID(int=no), "sa", "sa", "Australia/Sydney", "single", (MeterLink(f"{place}/{minutes}", day),))
        for no, (place, minutes, day) in enumerate(links, start=1)
    ]
    meters = [
        Meter(f"{place}/{minutes}", interval_minutes=minutes, channels=frozenset(said.channels[place]))
        for place, minutes, _ in links
    ]
    await register_points(points=points, meters=meters, repository=PointRepository(empty))
    report = await taken(path, empty, limits)
    assert (report.accepted, report.quarantined) == (said.readings, 0)

"""Green Button out: a structure that the published schema accepts, and numbers that read back as they were."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gridhall.kit.localdays import day_start, slots_in
from gridhall.metering.exports.espi import EspiTitles, espi_feed
from gridhall.metering.exports.espi_time import local_time
from gridhall.metering.feed.formats.espi_codes import ATOM, ESPI
from gridhall.metering.feed.formats.registry import choose
from gridhall.metering.feed.formats.rows import Readings
from gridhall.metering.feed.model import Limits
from gridhall.metering.histories.series import IntervalSeries
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.quality import CODES

NOW = datetime(2026, 11, 1, 12, 30, 15, tzinfo=UTC)
CHANNELS = ("import-kwh", "export-kwh", "import-kvarh", "export-kvarh")
TITLES = EspiTitles(feed="用电 <Green Button>", point="户号 & 1234", readings=dict.fromkeys(CHANNELS, "电量"))
LIMITS = Limits(max_bytes=None, max_line_bytes=4096, clock_skew_minutes=0, max_kw=100, shown_refusals=0)

ORDER = {
    "UsagePoint": ("roleFlags", "ServiceCategory", "status", "ServiceDeliveryPoint"),
    "ServiceCategory": ("kind",),
    "LocalTimeParameters": ("dstEndRule", "dstOffset", "dstStartRule", "tzOffset"),
    "MeterReading": (),
    "ReadingType": (
        "accumulationBehaviour",
        "commodity",
        "consumptionTier",
        "currency",
        "dataQualifier",
        "defaultQuality",
        "flowDirection",
        "intervalLength",
        "kind",
        "phase",
        "powerOfTenMultiplier",
        "timeAttribute",
        "tou",
        "uom",
    ),
    "IntervalBlock": ("interval", "IntervalReading"),
    "interval": ("duration", "start"),
    "timePeriod": ("duration", "start"),
    "IntervalReading": ("cost", "ReadingQuality", "timePeriod", "value", "consumptionTier", "tou", "cpp"),
    "ReadingQuality": ("quality",),
}
"""The children of each element in the order of the published schema."""

NEEDED = {
    "ServiceCategory": {"kind"},
    "LocalTimeParameters": set(ORDER["LocalTimeParameters"]),
    "ReadingQuality": {"quality"},
}
MANY = {"IntervalReading", "ReadingQuality"}
ATOM_CHILDREN = {"id", "link", "title", "content", "published", "updated"}


def check_structure(feed: etree._Element) -> None:
    """Fail where an element stands where the schemas of Atom and ESPI have no place for it."""
    assert feed.tag == f"{{{ATOM}}}feed"
    ids = [feed.findtext(f"{{{ATOM}}}id")]
    for entry in feed.iterfind(f"{{{ATOM}}}entry"):
        names = [etree.QName(child).localname for child in entry]
        assert set(names) <= ATOM_CHILDREN
        assert all(names.count(one) == 1 for one in ("id", "title", "updated", "content"))
        ids.append(entry.findtext(f"{{{ATOM}}}id"))
        (resource,) = entry.find(f"{{{ATOM}}}content")  # type: ignore[union-attr, misc] - it is there, see above
        _check_element(resource)
    assert len(set(ids)) == len(ids)
    assert all(one and UUID(one.removeprefix("urn:uuid:")) for one in ids)


def _check_element(element: etree._Element) -> None:
    assert element.tag.startswith(f"{{{ESPI}}}")
    name, children = etree.QName(element).localname, [etree.QName(child).localname for child in element]
    if name not in ORDER:
        assert children == []
        return
    places = [ORDER[name].index(child) for child in children]
    assert places == sorted(places), name
    assert all(children.count(child) == 1 or child in MANY for child in children)
    assert NEEDED.get(name, set()) <= set(children)
    for child in element:
        _check_element(child)


def point(zone: str = "Asia/Shanghai") -> ServicePoint:
    return ServicePoint(UUID(int=7), "zhejiang", "grid", zone, "single")


def series_of(
    values: list[int | None],
    quality: list[int | None],
    *,
    channel: str,
    days: list[date],
    minutes: int,
    scale: int,
    zone: str,
) -> IntervalSeries:
    first_slots, count = [], 0
    for day in days:
        first_slots.append(count)
        count += slots_in(day, zone, minutes)
    return IntervalSeries(
        channel=channel,
        start=day_start(days[0], zone),
        minutes=minutes,
        scale=scale,
        values=tuple(values),
        quality=tuple(quality),
        periods=(0,) * len(values),
        period_codes=("total",),
        days=tuple(days),
        first_slots=tuple(first_slots),
        present=len(values) - values.count(None),
        expected=len(values),
        as_of=NOW,
    )


@st.composite
def any_series(draw: st.DrawFn, *, zone: str) -> IntervalSeries:
    first = draw(st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), date(2026, 6, 1)]))
    days = [first + timedelta(days=number) for number in range(draw(st.integers(1, 2)))]
    minutes = draw(st.sampled_from([15, 30, 60]))
    count = sum(slots_in(day, zone, minutes) for day in days)
    values = draw(st.lists(st.integers(0, 2**40) | st.none(), min_size=count, max_size=count))
    codes = draw(st.lists(st.sampled_from(sorted(CODES)), min_size=count, max_size=count))
    quality = [None if value is None else code for value, code in zip(values, codes, strict=True)]
    channel, scale = draw(st.sampled_from(CHANNELS)), draw(st.integers(0, 6))
    return series_of(values, quality, channel=channel, days=days, minutes=minutes, scale=scale, zone=zone)


async def read_back(feed: bytes) -> dict[tuple[str, datetime], tuple[Decimal, int]]:
    async def chunks() -> AsyncIterator[bytes]:
        yield feed

    chosen, again = await choose("auto", chunks())
    assert chosen.name == "espi"
    found = {}
    async for rows in chosen.rows(again, limits=LIMITS):
        assert rows.refused == []
        for part in rows.parts:
            assert isinstance(part, Readings)
            assert set(part.versions or ()) == {int(NOW.timestamp())}
            for (number, channel, minutes), start, energy, quality in zip(
                part.meters, part.starts, part.energies, part.qualities, strict=True
            ):
                assert number == f"{UUID(int=7)}/{minutes}"
                found[channel, datetime.fromisoformat(start)] = Decimal(energy), int(quality or 0)
    return found


@settings(max_examples=25)
@given(data=st.data(), zone=st.sampled_from(["Asia/Shanghai", "Europe/London"]))
async def test_what_is_written_has_the_published_structure_and_reads_back_the_same(
    data: st.DataObject, zone: str
) -> None:
    series = data.draw(any_series(zone=zone))
    feed = b"".join(espi_feed(series=[series], point=point(zone), titles=TITLES, now=NOW))
    check_structure(etree.fromstring(feed))
    step = timedelta(minutes=series.minutes)
    expected = {
        (series.channel, series.start + slot * step): (Decimal(value).scaleb(-series.scale), quality)
        for slot, (value, quality) in enumerate(zip(series.values, series.quality, strict=True))
        if value is not None
    }
    if expected:
        assert await read_back(feed) == expected


def test_channels_follow_each_other_in_one_feed_and_each_is_described_once() -> None:
    days = [date(2026, 10, 3)]
    both = [
        series_of([5] * 24, [0] * 24, channel=channel, days=days, minutes=60, scale=3, zone="Asia/Shanghai")
        for channel in ("import-kwh", "export-kwh", "import-kwh")
    ]
    feed = etree.fromstring(b"".join(espi_feed(series=both[:2], point=point(), titles=TITLES, now=NOW)))
    check_structure(feed)
    assert [one.text for one in feed.iter(f"{{{ESPI}}}flowDirection")] == ["1", "19"]
    assert [one.text for one in feed.iter(f"{{{ESPI}}}powerOfTenMultiplier")] == ["0", "0"]
    assert feed.findtext(f"{{{ATOM}}}title") == "用电 <Green Button>"


def test_a_feed_is_written_piece_by_piece() -> None:
    days = [date(2026, 10, 3) + timedelta(days=number) for number in range(3)]
    series = series_of([5] * 288, [0] * 288, channel="import-kwh", days=days, minutes=15, scale=3, zone="Asia/Shanghai")
    pieces = list(espi_feed(series=[series], point=point(), titles=TITLES, now=NOW))
    assert sum(b"<IntervalBlock" in piece for piece in pieces) == 3


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Asia/Shanghai", (28800, 0, "FFFFFFFF", "FFFFFFFF")),
        ("America/Los_Angeles", (-28800, 3600, "360E2000", "B40E2000")),
        ("Europe/Berlin", (3600, 3600, "3E0E2000", "AE0E3000")),
    ],
)
def test_summer_time_is_told_by_its_rule(zone: str, expected: tuple[int, int, str, str]) -> None:
    assert local_time(zone, year=2026) == expected

"""A small world of meters for the feed's unit tests."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from gridhall.metering.feed.door import Checked, Door
from gridhall.metering.feed.formats.registry import FORMATS
from gridhall.metering.feed.formats.rows import Rows
from gridhall.metering.feed.model import FeedSource, Limits
from gridhall.metering.points.model import KnownMeter, Meter, MeterLink, ServicePoint

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def limits() -> Limits:
    return Limits(max_bytes=None, max_line_bytes=4096, clock_skew_minutes=15, max_kw=100, shown_refusals=20)


@pytest.fixture
def known() -> Mapping[str, KnownMeter]:
    """M1 counts quarters in 1/1000 kWh; CT1 counts for 40 times as much; the clocks change where DST1 hangs."""

    def one(number: str, index: int, *, region: str, zone: str, multiplier: int = 1, minutes: int = 15) -> KnownMeter:
        link = MeterLink(number, date(2026, 1, 1), multiplier=multiplier)
        point = ServicePoint(UUID(int=index), region, "grid/city", zone, "zhejiang-tou", (link,))
        meter = Meter(number, interval_minutes=minutes, channels=frozenset({"import-kwh", "export-kwh"}))
        return KnownMeter(meter, (point,))

    meters = (
        one("M1", 1, region="zhejiang", zone="Asia/Shanghai"),
        one("CT1", 2, region="zhejiang", zone="Asia/Shanghai", multiplier=40),
        one("DST1", 3, region="scotland", zone="Europe/London", minutes=30),
    )
    return {meter.meter.number: meter for meter in meters}


async def parsed(text: str | bytes, name: str, limits: Limits) -> list[Rows]:
    async def chunks() -> AsyncIterator[bytes]:
        yield text if isinstance(text, bytes) else text.encode()

    return [rows async for rows in FORMATS[name].rows(chunks(), limits=limits)]


@pytest.fixture
def parse(limits: Limits) -> Callable[..., object]:
    """Read a text as a format, into one batch."""

    async def read(text: str | bytes, name: str = "ndjson") -> Rows:
        (rows,) = await parsed(text, name, limits)
        return rows

    return read


@pytest.fixture
def check(limits: Limits, known: Mapping[str, KnownMeter]) -> Callable[..., object]:
    """Read a text as a format and take it through the door."""

    async def through(
        text: str | bytes,
        name: str = "ndjson",
        *,
        now: datetime = NOW,
        regions: frozenset[str] | None = None,
        org_paths: frozenset[str] = frozenset(),
    ) -> Checked:
        door = Door(source=FeedSource("ami", regions, "b1", org_paths), limits=limits, now=now)
        (rows,) = await parsed(text, name, limits)
        return door.check(rows, known=known)

    return through

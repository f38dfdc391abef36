"""Green Button out: usage of a point as an ESPI feed, written as it is read, exact to the last digit."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from gridhall.kit.localdays import DAY_MINUTES, day_start
from gridhall.metering.exports.espi_time import local_time
from gridhall.metering.feed.formats.espi_codes import ATOM, CHANNELS, DELTA, ELECTRICITY, ENERGY, ESPI, KILO, NORMAL
from gridhall.metering.histories.series import IntervalSeries
from gridhall.metering.points.model import ServicePoint

_ROOT: Final = "/espi/1_1/resource"
_UNITS: Final = {channel: unit_and_flow for unit_and_flow, channel in CHANNELS.items()}


@dataclass(frozen=True, slots=True)
class EspiTitles:
    """What the entries of a feed are called for whoever opens it. readings: by channel."""

    feed: str
    point: str
    readings: Mapping[str, str]


def espi_feed(
    *, series: Iterable[IntervalSeries], point: ServicePoint, titles: EspiTitles, now: datetime
) -> Iterator[bytes]:
    """Yield a Green Button file of the usage of a point, a day at a time.

    series: in any order, of any channels, say a month each; its days are whole. A slot without a
    value is left out, a value that is valid (code 0) carries no quality, as the standard has it.
    """
    feed = _Feed(point, titles, now)
    yield feed.opening()
    for one in series:
        yield feed.readings_of(one)
        for index in range(len(one.days)):
            if block := feed.block(one, index):
                yield block
    yield b"</feed>\n"


class _Feed:
    def __init__(self, point: ServicePoint, titles: EspiTitles, now: datetime) -> None:
        self._point, self._titles, self._now = point, titles, now
        self._href = f"{_ROOT}/UsagePoint/{point.id}"
        self._told: set[tuple[str, int, int]] = set()

    def opening(self) -> bytes:
        related = [f"{self._href}/MeterReading", f"{_ROOT}/LocalTimeParameters/1"]
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<feed xmlns="{ATOM}">\n'
            f"<id>{self._id('feed')}</id>\n"
            f"<title>{escape(self._titles.feed)}</title>\n"
            f"<updated>{_instant(self._now)}</updated>\n"
        ).encode() + self._entry(
            self._href,
            title=self._titles.point,
            up=f"{_ROOT}/UsagePoint",
            related=related,
            content="<UsagePoint xmlns='{0}'><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint>",
        )

    def readings_of(self, series: IntervalSeries) -> bytes:
        """Return what has to be said of readings of this channel, slot length and scale, once a feed."""
        kind = series.channel, series.minutes, series.scale
        if kind in self._told:
            return b""
        told = b"" if self._told else self._local_time(series.days[0] if series.days else self._now.date())
        self._told.add(kind)
        unit, flow = _UNITS[series.channel]
        title = self._titles.readings[series.channel]
        reading_type, href = f"{_ROOT}/ReadingType/{_name(series)}", self._readings_href(series)
        return (
            told
            + self._entry(
                reading_type,
                title=title,
                up=f"{_ROOT}/ReadingType",
                content="<ReadingType xmlns='{0}'>"
                f"<accumulationBehaviour>{DELTA}</accumulationBehaviour><commodity>{ELECTRICITY}</commodity>"
                f"<dataQualifier>{NORMAL}</dataQualifier><flowDirection>{flow}</flowDirection>"
                f"<intervalLength>{series.minutes * 60}</intervalLength><kind>{ENERGY}</kind><phase>0</phase>"
                f"<powerOfTenMultiplier>{KILO - series.scale}</powerOfTenMultiplier>"
                f"<timeAttribute>0</timeAttribute><uom>{unit}</uom></ReadingType>",
            )
            + self._entry(
                href,
                title=title,
                up=f"{self._href}/MeterReading",
                related=[f"{href}/IntervalBlock", reading_type],
                content="<MeterReading xmlns='{0}'/>",
            )
        )

    def block(self, series: IntervalSeries, index: int) -> bytes:
        """Return the readings of a day, nothing where it has none."""
        first = series.first_slots[index]
        until = series.first_slots[index + 1] if index + 1 < len(series.first_slots) else len(series.values)
        day = series.days[index]
        start = int(day_start(day, self._point.zone).timestamp())
        length = int(day_start(day + timedelta(days=1), self._point.zone).timestamp()) - start
        seconds = length if series.minutes == DAY_MINUTES else series.minutes * 60
        readings = [
            f"<IntervalReading>{_quality(series.quality[slot])}"
            f"<timePeriod><duration>{seconds}</duration><start>{start + (slot - first) * seconds}</start></timePeriod>"
            f"<value>{value}</value></IntervalReading>"
            for slot, value in enumerate(series.values[first:until], start=first)
            if value is not None
        ]
        if not readings:
            return b""
        href = f"{self._readings_href(series)}/IntervalBlock"
        return self._entry(
            f"{href}/{day:%Y%m%d}",
            title=day.isoformat(),
            up=href,
            updated=series.as_of,
            content="<IntervalBlock xmlns='{0}'>"
            f"<interval><duration>{length}</duration><start>{start}</start></interval>"
            f"{''.join(readings)}</IntervalBlock>",
        )

    def _local_time(self, day: date) -> bytes:
        standard, summer, starts, ends = local_time(self._point.zone, year=day.year)
        return self._entry(
            f"{_ROOT}/LocalTimeParameters/1",
            title=self._point.zone,
            up=f"{_ROOT}/LocalTimeParameters",
            content="<LocalTimeParameters xmlns='{0}'>"
            f"<dstEndRule>{ends}</dstEndRule><dstOffset>{summer}</dstOffset>"
            f"<dstStartRule>{starts}</dstStartRule><tzOffset>{standard}</tzOffset></LocalTimeParameters>",
        )

    def _readings_href(self, series: IntervalSeries) -> str:
        return f"{self._href}/MeterReading/{_name(series)}"

    def _entry(
        self,
        href: str,
        *,
        title: str,
        up: str,
        content: str,
        related: Iterable[str] = (),
        updated: datetime | None = None,
    ) -> bytes:
        links = [("self", href), ("up", up), *(("related", one) for one in related)]
        when = _instant(updated or self._now)
        return (
            f"<entry><id>{self._id(href)}</id>"
            + "".join(f'<link rel="{rel}" href="{to}"/>' for rel, to in links)
            + f"<title>{escape(title)}</title><content>{content.replace('{0}', ESPI)}</content>"
            + f"<published>{when}</published><updated>{when}</updated></entry>\n"
        ).encode()

    def _id(self, of: str) -> str:
        """Return an id that stays the same in every feed of this point, as Atom asks."""
        return f"urn:uuid:{uuid5(uuid5(NAMESPACE_URL, _ROOT), f'{self._point.id}{of}')}"


def _name(series: IntervalSeries) -> str:
    return f"{series.channel}-{series.minutes}-{series.scale}"


def _quality(code: int | None) -> str:
    return f"<ReadingQuality><quality>{code}</quality></ReadingQuality>" if code else ""


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

"""Which meter and channel the readings of a Green Button file are of: found by the links between its entries. Pure.

An IntervalBlock lies below its MeterReading, and this names its ReadingType and its UsagePoint. A file of only one
ReadingType needs no links. The meter is called `<host>-<UsagePoint>/<minutes>` by us, after the address of the
UsagePoint and the length of the slots, like `data.example.org-4711/60`, because ours count in slots of one length;
without a host in the links there is none in the name, and without links the id of the UsagePoint, or of the feed,
stands for both.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from lxml import etree

from gridhall.metering.feed.formats.espi_codes import (
    CHANNELS,
    COMMODITIES,
    DELTA,
    ENERGY,
    FORWARD,
    KILO,
    NORMAL,
)
from gridhall.metering.feed.formats.espi_xml import Entry
from gridhall.metering.feed.formats.rows import DeliveryRefusedError

_POINT = re.compile(r"(?:https?://([^/]+)/)?(?:.*/)?UsagePoint/([^/]+)")
_BLOCK = re.compile(r"/IntervalBlock(?=/|$)")
_MINUTE: Final = 60
_MOST_POWER: Final = 12

_ALLOWED: Final[Mapping[str, frozenset[int | None]]] = MappingProxyType(
    {
        "commodity": frozenset({*COMMODITIES, None}),
        "kind": frozenset({ENERGY, 0, None}),
        "accumulationBehaviour": frozenset({DELTA, 0, None}),
        "dataQualifier": frozenset({NORMAL, 0, None}),
        "tou": frozenset({0, None}),
    }
)
"""What readings are that we keep: the electric energy of an interval, of all periods of use. 0 says nothing."""


@dataclass(frozen=True, slots=True)
class ReadingType:
    """What readings are. channel: None where they are none that we keep, for the reason in `words`.

    power: of ten, from the values to kilo. seconds: length of an interval, None where it is not said.
    quality: that of readings that say none. text: the element, for reading one of its readings again.
    """

    href: str
    text: str
    channel: str | None
    power: int
    seconds: int | None
    quality: str | None
    words: str


@dataclass(slots=True)
class _MeterReading:
    up: str
    related: list[str]


@dataclass(slots=True)
class Directory:
    """Everything of a file but its readings."""

    types: dict[str, ReadingType] = field(default_factory=dict)
    _meter_readings: dict[str, _MeterReading] = field(default_factory=dict)
    _points: list[str] = field(default_factory=list)
    _types_of: dict[str, ReadingType] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Learn what an entry says."""
        href = entry.link("self") or entry.id
        if entry.kind == "ReadingType" and entry.content is not None:
            self.types[href] = _reading_type(href, entry)
        elif entry.kind == "MeterReading":
            related = [to for rel, to in entry.links if rel == "related"]
            self._meter_readings[href] = _MeterReading(entry.link("up"), related)
        elif entry.kind == "UsagePoint":
            self._points.append(href)

    def type_of(self, block: Entry) -> ReadingType:
        """Return what the readings of a block are. Raises DeliveryRefusedError where the file does not say it."""
        above = meter_reading_of(block)
        if above in self._types_of:
            return self._types_of[above]
        named = self._meter_readings.get(above)
        wanted = [to for to in named.related if "/ReadingType" in to] if named else []
        found = next((self.types[to] for to in wanted if to in self.types), None)
        if found is None and not wanted and len(self.types) == 1:
            (found,) = self.types.values()
        if found is None:
            whose = f"of {above[:200]!r} " if above else ""
            raise DeliveryRefusedError(
                f"line {block.line}: the readings {whose}have no ReadingType in this file, so nobody knows their unit"
            )
        self._types_of[above] = found
        return found

    def point_of(self, block: Entry) -> str:
        """Return what we call the UsagePoint of a block."""
        above = meter_reading_of(block)
        named = self._meter_readings.get(above)
        for href in (above, named.up if named else "", *(self._points if len(self._points) == 1 else ())):
            if place := _POINT.match(href):
                return "-".join(part for part in place.groups() if part)
        only = self._points[0] if len(self._points) == 1 else block.of_feed[0]
        return only.removeprefix("urn:uuid:") or "green-button"


def meter_reading_of(block: Entry) -> str:
    """Return the address of the MeterReading of a block; an empty text where the block has no links."""
    href = block.link("up") or block.link("self")
    place = _BLOCK.search(href)
    return href[: place.start()] if place else href


def _reading_type(href: str, entry: Entry) -> ReadingType:
    content = entry.content
    if content is None:
        raise DeliveryRefusedError(f"line {entry.line}: a ReadingType without content")
    said = {etree.QName(one).localname: (one.text or "").strip() for one in content if isinstance(one.tag, str)}
    numbers = {name: int(text) for name, text in said.items() if re.fullmatch(r"-?\d{1,9}", text, re.ASCII)}
    power = numbers.get("powerOfTenMultiplier", 0)
    if abs(power) > _MOST_POWER:
        raise DeliveryRefusedError(f"line {entry.line}: powerOfTenMultiplier must be -12 to 12")
    flow = numbers.get("flowDirection") or FORWARD
    channel = CHANNELS.get((numbers.get("uom", -1), flow))
    strange = [f"{name} {numbers[name]}" for name, allowed in _ALLOWED.items() if numbers.get(name) not in allowed]
    return ReadingType(
        href=href,
        text=etree.tostring(content, encoding="unicode", with_tail=False),
        channel=None if strange else channel,
        power=power - KILO,
        seconds=numbers.get("intervalLength") or None,
        quality=said.get("defaultQuality") or None,
        words=", ".join([f"uom {said.get('uom', '')}", f"flowDirection {flow}", *strange]),
    )


def name_of(point: str, *, seconds: int) -> str:
    """Return what we call the meter whose slots are so long."""
    return f"{point}/{seconds // _MINUTE}"

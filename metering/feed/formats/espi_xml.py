"""The entries of a Green Button file, one after the other, from an XML that nobody has to trust.

Entities stay off, nothing is fetched, a document type is refused, and of the tree only the entry under way is kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Final, Literal

from lxml import etree

from gridhall.metering.feed.formats.espi_codes import ATOM, ESPI
from gridhall.metering.feed.formats.rows import DeliveryRefusedError

_FEED: Final = f"{{{ATOM}}}feed"
_ENTRY: Final = f"{{{ATOM}}}entry"
_LINK: Final = f"{{{ATOM}}}link"
_ID: Final = f"{{{ATOM}}}id"
_UPDATED: Final = f"{{{ATOM}}}updated"
_CONTENT: Final = f"{{{ATOM}}}content"
_INTERVAL: Final = f"{{{ESPI}}}interval"
_READING: Final = f"{{{ESPI}}}IntervalReading"

_PERIOD: Final = f"{{{ESPI}}}timePeriod"
_VALUE: Final = f"{{{ESPI}}}value"
_QUALITY: Final = f"{{{ESPI}}}ReadingQuality"

_MOST_READINGS: Final = 250_000
"""Readings of one entry lie in memory together; those of two years in slots of 5 minutes are fewer."""

_LONGEST_READING: Final = 2**14
_LONGEST_NAME: Final = 2000
"""Of an address or an id: they are looked at again with every block."""

_MOST_LINKS: Final = 256
_MOST_BETWEEN: Final = 2**20
"""Bytes without a reading or the end of an entry: until then everything is kept, and elements are larger than bytes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An IntervalReading as it is written.

    line: where it stands, or more where several stand in one line, because a line is what tells refused rows apart.
    start, duration: None where it leaves them to its block.
    """

    line: int
    text: str
    start: str | None
    duration: str | None
    value: str | None
    qualities: tuple[str, ...]


@dataclass(slots=True)
class Block:
    """Readings of an IntervalBlock. start: of the first one, as it is written."""

    start: str | None = None
    readings: list[Reading] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """An Atom entry. kind: name of the resource in it, say `ReadingType`; content: that resource, without readings.

    links: relation and address, as they stand. of_feed: id and time of change of the feed, as far as they were said.
    """

    kind: str
    line: int
    id: str
    updated: str
    links: Sequence[tuple[str, str]]
    content: etree._Element | None
    blocks: Sequence[Block]
    of_feed: tuple[str, str]

    def link(self, relation: str) -> str:
        """Return the first link of a relation, an empty text where there is none."""
        return next((href for rel, href in self.links if rel == relation), "")


def check_frame(file: IO[bytes]) -> None:
    """Refuse what is no Atom feed, or has a document type, before anything of it is read."""
    try:
        _, root = next(iter(_events(file, "start")))
    except (etree.XMLSyntaxError, StopIteration) as error:
        raise DeliveryRefusedError(f"it is no XML ({error})") from None
    if root.getroottree().docinfo.doctype:
        raise DeliveryRefusedError("it has a document type, which no Green Button file needs and none may have")
    if root.tag != _FEED:
        raise DeliveryRefusedError(f"it begins with {str(root.tag)[:80]}; it must be a feed in the namespace {ATOM}")


def entries(file: IO[bytes], *, with_readings: bool) -> Iterator[Entry]:
    """Yield the entries of a feed, with their readings or, to look through it, without.

    Raises DeliveryRefusedError where it is no well-formed XML, or one entry has too many readings for the memory.
    """
    blocks: list[Block] = []
    of_feed = ["", ""]
    count = line = 0
    watched = _Watched(file)
    try:
        for _, element in _events(watched, "end", _ENTRY, _ID, _UPDATED, _INTERVAL, _READING):
            watched.since = 0 if element.tag in {_READING, _ENTRY} else watched.since
            if element.tag == _READING:
                count += 1
                if with_readings:
                    blocks = blocks or [Block()]
                    line = max(line + 1, element.sourceline or 0)
                    blocks[-1].readings.append(_reading(element, line))
                if count > _MOST_READINGS:
                    raise _fault(element, f"an entry has more than {_MOST_READINGS} readings; send it in parts")
                _drop_before(element)
            elif element.tag == _INTERVAL:
                blocks.append(Block(_text(element, "start")))
            elif element.tag == _ENTRY:
                yield _entry(element, blocks, (of_feed[0], of_feed[1]))
                blocks, count = [], 0
                element.clear()
                _drop_before(element)
            elif (parent := element.getparent()) is not None and parent.tag == _FEED:
                of_feed[element.tag == _UPDATED] = (element.text or "").strip()
    except etree.XMLSyntaxError as error:
        raise DeliveryRefusedError(f"line {error.lineno}: it is no well-formed XML ({error.msg})") from None


class _Watched:
    """A file that is refused when too much of it came without anything that can be forgotten again."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.since = 0

    def seek(self, offset: int) -> int:
        return self._file.seek(offset)

    def read(self, size: int = -1, /) -> bytes:
        came = self._file.read(size)
        self.since += len(came)
        if self.since > _MOST_BETWEEN:
            raise DeliveryRefusedError(
                f"it has more than {_MOST_BETWEEN} bytes without a reading or the end of an entry"
            )
        return came


def _events(
    file: "IO[bytes] | _Watched", event: Literal["start", "end"], *tags: str
) -> Iterator[tuple[str, etree._Element]]:
    file.seek(0)
    yield from etree.iterparse(
        file,
        events=(event,),
        tag=tags or None,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _entry(element: etree._Element, blocks: list[Block], of_feed: tuple[str, str]) -> Entry:
    names = [text for one in element.iter(_LINK, _ID, _UPDATED) for text in (*one.attrib.values(), one.text or "")]
    if len(names) > 3 * _MOST_LINKS or max(map(len, names), default=0) > _LONGEST_NAME:
        raise _fault(element, f"an entry may have {_MOST_LINKS} links, of {_LONGEST_NAME} characters each")
    content = element.find(_CONTENT)
    resource = content[0] if content is not None and len(content) else None
    return Entry(
        kind=etree.QName(resource).localname if resource is not None else "",
        line=element.sourceline or 0,
        id=(element.findtext(_ID) or "").strip(),
        updated=(element.findtext(_UPDATED) or "").strip(),
        links=[(link.get("rel", ""), link.get("href", "").rstrip("/")) for link in element.iterfind(_LINK)],
        content=resource,
        blocks=blocks,
        of_feed=of_feed,
    )


def _reading(element: etree._Element, line: int) -> Reading:
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    if len(text) > _LONGEST_READING:
        raise _fault(element, f"a reading has more than {_LONGEST_READING} characters")
    start = duration = value = None
    qualities: tuple[str, ...] = ()
    for one in element:
        if one.tag == _VALUE:
            value = (one.text or "").strip() or None
        elif one.tag == _PERIOD:
            start, duration = _text(one, "start"), _text(one, "duration")
        elif one.tag == _QUALITY:
            qualities += (_text(one, "quality") or "",)
    return Reading(line, text, start, duration, value, qualities)


def _text(element: etree._Element, name: str) -> str | None:
    text = element.findtext(f"{{{ESPI}}}{name}")
    return text.strip() if text else None


def _drop_before(element: etree._Element) -> None:
    """Forget what stands before an element; it itself is still needed by the parser."""
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        parent.remove(before)


def _fault(element: etree._Element, reason: str) -> DeliveryRefusedError:
    return DeliveryRefusedError(f"line {element.sourceline}: {reason}")

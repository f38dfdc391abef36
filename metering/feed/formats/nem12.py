"""NEM12, the interval format of Australia's market: days of values below the stream that they belong to.

A meter is called `<NMI>-<meter>/<minutes>` by us, like `4103035210-1/30`: the meters of an NMI are told apart by the
second sign of the suffix (E1 and B1 are one meter, E2 is another), and one that is set to another interval length is
another meter from that day on, because ours count in slots of one length.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Final

from gridhall.metering.feed.formats.nem12_codes import CHANNELS, PREFIXES, ZONE_OFFSET, kilo, unit_of
from gridhall.metering.feed.formats.nem12_records import StreamDay, stream_days
from gridhall.metering.feed.formats.nem_lines import nem_lines
from gridhall.metering.feed.formats.rows import Meter, Readings, Rows
from gridhall.metering.feed.formats.spool import fill, new_spool
from gridhall.metering.feed.lines import raw
from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.refusals import RefusedRow

_DAYS_AT_ONCE: Final = 256
_BEGINS = re.compile(rb"(\xef\xbb\xbf)?\s*[1-9]00,(?!\s*NEM13)")


@dataclass(frozen=True, slots=True)
class Nem12:
    """The format `nem12`."""

    name: str = "nem12"

    def recognises(self, head: bytes) -> bool:
        """Tell a feed by its first record."""
        return _BEGINS.match(head) is not None

    async def rows(self, chunks: AsyncIterator[bytes], *, limits: Limits) -> AsyncIterator[Rows]:
        """Yield the readings. Raises DeliveryRefusedError, before the first, where the file is not sound."""
        with new_spool() as spool:
            await fill(spool, chunks, most=limits.max_bytes)
            for count, _ in enumerate(stream_days(nem_lines(spool, longest=limits.max_line_bytes))):
                if count % _DAYS_AT_ONCE == 0:
                    await asyncio.sleep(0)  # the whole file is looked through, and others want to be served meanwhile
            days = stream_days(nem_lines(spool, longest=limits.max_line_bytes))
            while some := list(islice(days, _DAYS_AT_ONCE)):
                rows = Rows()
                for day in some:
                    _add(day, rows)
                yield rows

    def alone(self, *, head: bytes, row: bytes) -> bytes:
        """Return a file of one day."""
        return b"\n".join((head, row, b"900", b""))


def meter_number(*, nmi: str, suffix: str, minutes: int) -> str:
    """Return what we call the meter that counts a stream."""
    return f"{nmi}-{suffix[1]}/{minutes}"


def _add(day: StreamDay, rows: Rows) -> None:
    stream, row = day.stream, "\n".join(day.rows)
    number = meter_number(nmi=stream.nmi, suffix=stream.suffix, minutes=stream.minutes)
    prefix, unit = unit_of(stream.unit)
    channel = CHANNELS.get((stream.suffix[0], unit))
    if channel is None:
        params = {"name": stream.suffix, "text": stream.unit, "allowed": "E and B in Wh, Q and K in varh"}
        rows.refused.append(
            RefusedRow(
                line=day.line,
                raw=raw(row),
                code="unknown-stream",
                params=params,
                readings=len(day.values),
                meter=number[:64],
                day=day.day.isoformat(),
                head=raw(stream.head),
            )
        )
        return
    meter: Meter = (number, channel, stream.minutes)
    power = PREFIXES[prefix]
    midnight = datetime.combine(day.day, time())
    kept = [index for index, quality in enumerate(day.qualities) if quality is not None]
    starts = [midnight + index * timedelta(minutes=stream.minutes) for index in kept]
    rows.parts.append(
        Readings(
            lines=[day.line] * len(kept),
            rows=[row] * len(kept),
            meters=[meter] * len(kept),
            starts=[f"{start.isoformat()}{ZONE_OFFSET}" for start in starts],
            energies=[kilo(day.values[index], power) for index in kept],
            qualities=[day.qualities[index] for index in kept],
            head=stream.head,
            versions=None if day.version is None else [day.version] * len(kept),
        )
    )

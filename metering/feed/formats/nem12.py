"""NEM12, the interval format of Australia's market: days of values below the stream that they belong to.

A meter is called `<NMI>-<meter>/<minutes>` by us, like `4103035210-1/30`: the meters of an NMI are told apart by the
second sign of the suffix (E1 and B1 are one meter, E2 is another), and one that is set to another interval length is
another meter from that day on, because ours count in slots of one length.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final

from gridhall.metering.feed.formats.nem12_codes import CHANNELS, PREFIXES, ZONE_OFFSET
from gridhall.metering.feed.formats.nem12_records import StreamDay, stream_days
from gridhall.metering.feed.formats.rows import DeliveryRefusedError, Meter, Readings, Rows
from gridhall.metering.feed.formats.zipped import MAGIC, whole
from gridhall.metering.feed.lines import ENCODING, ERRORS, raw
from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.refusals import RefusedRow

_MOST_BYTES: Final = 64 * 2**20
"""The whole file is checked before any of it is taken, so it lies in memory; those of the market have 1 MB."""

_DAYS_AT_ONCE: Final = 256
_BEGINS = re.compile(rb"(\xef\xbb\xbf)?\s*[1-9]00,")


@dataclass(frozen=True, slots=True)
class Nem12:
    """The format `nem12`, packed as zip or not."""

    name: str = "nem12"

    def recognises(self, head: bytes) -> bool:
        """Tell a feed by its first record; it is the only format that comes as zip."""
        return head.startswith(MAGIC) or _BEGINS.match(head) is not None

    async def rows(self, chunks: AsyncIterator[bytes], *, limits: Limits) -> AsyncIterator[Rows]:
        """Yield the readings. Raises DeliveryRefusedError, before the first, where the file is not sound."""
        most = _MOST_BYTES if limits.max_bytes is None else min(limits.max_bytes, _MOST_BYTES)
        content = await whole(chunks, most=most)
        text = content.decode(ENCODING, ERRORS).removeprefix("\ufeff")
        if not text.isascii():
            raise DeliveryRefusedError("the file has signs that are not ASCII")
        days = stream_days(text)
        for first in range(0, len(days), _DAYS_AT_ONCE):
            rows = Rows()
            for day in days[first : first + _DAYS_AT_ONCE]:
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
    prefix, unit = _unit(stream.unit)
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
            energies=[_kilo(day.values[index], power) for index in kept],
            qualities=[day.qualities[index] for index in kept],
            head=stream.head,
        )
    )


def _unit(unit: str) -> tuple[str, str]:
    for prefix in ("k", "m", ""):
        rest = unit.removeprefix(prefix)
        if unit.startswith(prefix) and rest in {"wh", "varh"}:
            return prefix, rest
    return "", unit


def _kilo(value: str, power: int) -> str:
    """Return a value in kWh or kVArh, exact."""
    return f"{Decimal(value).scaleb(power):f}"

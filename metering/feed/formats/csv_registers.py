"""Register CSV (冻结示数): what the counters of a meter showed at a local midnight, a read a row.

    meter,day,total,critical_peak,peak,flat,valley,deep_valley[,channel][,quality][,version]

`day` is the date of the day that the midnight begins; `at` may stand for it, the instant with its offset. Any other
name in small letters is a register, too. Chinese names of columns are understood. That the registers of the periods
sum up to `total` is not asked: those of a meter that was set to other hours once began later than it did.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from gridhall.metering.feed.formats.csv_table import Table, header_of, meter_of, said, tables
from gridhall.metering.feed.formats.missing import is_missing
from gridhall.metering.feed.formats.rows import RegisterRow, Rows
from gridhall.metering.feed.model import Limits

_CHINESE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "户号": "meter",
        "表号": "meter",
        "日期": "day",
        "冻结时间": "at",
        "总": "total",
        "尖": "critical_peak",
        "峰": "peak",
        "平": "flat",
        "谷": "valley",
        "深谷": "deep_valley",
    }
)
_NAMED: Final = frozenset({"meter", "day", "at", "channel", "quality", "version"})
_REGISTERS: Final = frozenset({"total", "critical_peak", "peak", "flat", "valley", "deep_valley"})
_OF_OTHERS: Final = frozenset({"kwh", "start", "minutes"})
"""Names that stand in the headers of other formats, and so are no register here."""

_REGISTER = re.compile(r"[a-z][a-z_-]{0,31}", re.ASCII)
_ALLOWED: Final = (
    "meter,day or at,channel,quality,version and registers: total,critical_peak,peak,flat,valley,deep_valley"
)


@dataclass(frozen=True, slots=True)
class CsvRegisters:
    """The format `csv-registers`."""

    name: str = "csv-registers"

    def recognises(self, head: bytes) -> bool:
        """Tell a feed by the names in its first line."""
        return _understands(header_of(head))

    async def rows(self, chunks: AsyncIterator[bytes], *, limits: Limits) -> AsyncIterator[Rows]:
        """Yield the reads; where the header cannot be used, every row is refused."""
        async for table in tables(chunks, limits=limits, understands=_understands, allowed=_ALLOWED):
            yield _read(table)

    def alone(self, *, head: bytes, row: bytes) -> bytes:
        """Return the row below its header."""
        return head + b"\n" + row + b"\n"


def _read(table: Table) -> Rows:
    names = _names(tuple(table.header))
    if names is None:
        return table.read
    for row in table.rows:
        named = dict(zip(names, row.cells, strict=True))
        registers = {name: text for name, text in named.items() if name not in _NAMED and not is_missing(text)}
        if registers:
            at = named["at"] if "at" in named else named["day"]
            table.read.parts.append(
                RegisterRow(
                    row.line,
                    row.text,
                    meter_of(named),
                    at,
                    registers,
                    named.get("quality"),
                    head=table.head,
                    version=said(named.get("version", "")),
                )
            )
    return table.read


def _understands(names: Sequence[str]) -> bool:
    return _names(tuple(names)) is not None


@lru_cache(maxsize=64)
def _names(header: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the names of the columns in our words, None where they are no header of this format."""
    names = tuple(_CHINESE.get(name, name) for name in header)
    registers = set(names) - _NAMED
    if (
        "meter" in names
        and ("day" in names) != ("at" in names)
        and not registers.isdisjoint(_REGISTERS)
        and registers.isdisjoint(_OF_OTHERS)
        and all(map(_REGISTER.fullmatch, registers))
        and len(set(names)) == len(names)
    ):
        return names
    return None

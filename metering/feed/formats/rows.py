"""What every format is turned into: readings in columns, meter-days and register reads, in the order they came."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.refusals import RefusedRow

Meter = tuple[str, str, int | None]
"""Number, channel and slot length in minutes as the row says them; None where it does not say the length."""


@dataclass(slots=True)
class Readings:
    """Single readings, column by column: an object a reading would cost more than checking it.

    lines, rows: where each comes from, for the case that it is refused. energies: the text of a number, or a whole
    number. qualities: ESPI code, its text, or None. head: what has to stand above a row for it to be read alone.
    versions: how often the sender has said the value anew (a count, or the seconds of an epoch at which it was made),
    its text, or None where it does not say; of two values of a slot the higher version holds, whichever came first.
    """

    lines: Sequence[int]
    rows: Sequence[str]
    meters: Sequence[Meter]
    starts: Sequence[str]
    energies: Sequence[str | int]
    qualities: Sequence[str | int | None]
    head: str = field(default="", kw_only=True)
    versions: Sequence[str | int | None] | None = field(default=None, kw_only=True)


@dataclass(slots=True)
class MeterDay:
    """All readings of a local day of a meter; None in `energies` is a missing slot, not zero.

    quality: one for the whole day, or one a value. head, version: as of `Readings`, for the whole day.
    clock: where the values belong. None: one a slot, in the order in which they pass. A local time in minutes after
    midnight for each of them: where it comes twice on a day, it stands twice. Of no times at all: in the order in
    which they pass, with room for the longest day. Values beyond the slots of a day must be missing.
    """

    line: int
    row: str
    meter: Meter
    day: str
    energies: list[str | int | None]
    quality: str | int | list[int | None] | None
    head: str = ""
    version: str | int | None = None
    clock: tuple[int, ...] | None = None


@dataclass(slots=True)
class DayEnergy:
    """The energy of a local day of a meter that tells no curve.

    energies: of the day (`total`) and by period of use; None where the sender says that there is none, which is not
    zero. head, version: as of `Readings`.
    """

    line: int
    row: str
    meter: Meter
    day: str
    energies: Mapping[str, str | int | None]
    quality: str | int | None = None
    head: str = ""
    version: str | int | None = None


@dataclass(slots=True)
class RegisterRow:
    """What the registers of a meter showed at a local midnight.

    at: that instant, or the date of the local day that it begins. head, version: as of `Readings`, for all registers.
    taken: the instant at which they were really read, with its offset, where that was not that midnight.
    """

    line: int
    row: str
    meter: Meter
    at: str
    registers: Mapping[str, str | int]
    quality: str | int | None
    head: str = ""
    version: str | int | None = None
    taken: str | None = None


Part = Readings | MeterDay | DayEnergy | RegisterRow


@dataclass(slots=True)
class Rows:
    """A batch of a feed. refused: rows that the format itself could not read."""

    parts: list[Part] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many rows there are, the refused ones too."""
        return len(self.refused) + sum(len(part.lines) if isinstance(part, Readings) else 1 for part in self.parts)

    @property
    def last_line(self) -> int:
        """The number of the last line that the batch has, 0 where it has none."""
        of_parts = (part.lines[-1] if isinstance(part, Readings) else part.line for part in self.parts)
        return max((*of_parts, *(row.line for row in self.refused)), default=0)

    def meter_numbers(self) -> set[str]:
        """Return the numbers of all meters that the batch names."""
        numbers: set[str] = set()
        for part in self.parts:
            if isinstance(part, Readings):
                numbers.update(meter[0] for meter in set(part.meters))
            else:
                numbers.add(part.meter[0])
        return numbers


class Format(Protocol):
    """One way of writing readings down. A new one is a file of its own and a line in `FORMATS`."""

    @property
    def name(self) -> str:
        """What `--format` calls it."""

    def recognises(self, head: bytes) -> bool:
        """Tell from the first bytes of a delivery whether it is written this way."""

    def rows(self, chunks: AsyncIterator[bytes], *, limits: Limits) -> AsyncIterator[Rows]:
        """Yield the delivery in batches.

        Raises FeedTooLargeError beyond `limits.max_bytes`, and DeliveryRefusedError, before the first batch, where a
        format is sound only as a whole and this delivery is not.
        """

    def alone(self, *, head: bytes, row: bytes) -> bytes:
        """Return a delivery that holds one row, which was refused once; `head` is what was kept with it."""


class DeliveryRefusedError(ValueError):
    """A delivery is refused as a whole: nothing of it is stored, nor kept in quarantine. It says where and why."""

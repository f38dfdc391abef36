"""The meters of a billing period: one, or several where one was exchanged, each with first and last read. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import Days
from gridhall.kit.quantity import from_scaled
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.quality import ESTIMATES
from gridhall.metering.registers.consumption import counted_between
from gridhall.metering.registers.model import RegisterRead

Reads = Mapping[tuple[UUID, date], RegisterRead]
"""Register reads by service point and the local day at whose beginning they were taken."""


@dataclass(frozen=True, slots=True)
class Move:
    """One meter took another's place as a day began, or the same one came back with another multiplier.

    reads: of that midnight, of both meters where both were read.
    """

    day: date
    old: str
    new: str
    reads: tuple[RegisterRead, ...] = ()

    @property
    def closing(self) -> RegisterRead | None:
        """What the old meter showed last."""
        return next((read for read in self.reads if read.meter == self.old), None)

    @property
    def opening(self) -> RegisterRead | None:
        """What the new meter showed first."""
        return next((read for read in self.reads if read.meter == self.new and not read.closing), None)


Moves = Mapping[UUID, Sequence[Move]]
"""The exchanges of service points within a period, oldest first."""


def moves_of(point: ServicePoint, *, days: Days) -> Iterator[tuple[date, str, str]]:
    """Yield the day, the old and the new meter of every exchange behind the first day, up to the end of `days`."""
    links = sorted(point.links, key=lambda link: link.from_day)
    for before, after in pairwise(links):
        if before.to_day == after.from_day and days.start < after.from_day <= days.end:
            yield after.from_day, before.meter, after.meter


def counted_on(opening: RegisterRead, closing: RegisterRead, *, register: str, digits: int | None) -> Decimal | None:
    """Return how far a register ran between two reads that have it, over the end of its digits too.

    None of one that ran backwards: its digits are not known, or it would have run too far.
    """
    scale = max(opening.scale, closing.scale)
    before, after = (read.values[register] * 10 ** (scale - read.scale) for read in (opening, closing))
    used = counted_between(before=before, after=after, scale=scale, digits=digits)
    return None if used is None else from_scaled(used, scale=scale)


def stretches(
    *, point_id: UUID, days: Days, reads: Reads, moves: Sequence[Move]
) -> list[tuple[RegisterRead, RegisterRead]] | Waiting:
    """Return the first and the last read of each meter that counted in `days`, or what the bill waits for.

    An exchange as the last midnight strikes closes the period by the old meter's last read. An estimate is no read:
    it may fill a curve, never a bill (估抄 is forbidden).
    """
    found: list[tuple[RegisterRead | None, RegisterRead | None, date, date]] = []
    first, since = reads.get((point_id, days.start)), days.start
    for move in moves:
        found.append((first, move.closing, since, move.day))
        first, since = move.opening, move.day
    if since < days.end:
        found.append((first, reads.get((point_id, days.end)), since, days.end))
    whole: list[tuple[RegisterRead, RegisterRead]] = []
    for opening, closing, start, end in found:
        if opening is None or closing is None:
            return Waiting("no_register_read", (("day", str(end if opening else start)),))
        if estimated := [read for read in (opening, closing) if read.quality in ESTIMATES]:
            return Waiting("register_read_estimated", (("day", estimated[0].day.isoformat()),))
        if opening.meter != closing.meter:
            return Waiting("meter_changed")
        whole.append((opening, closing))
    return whole

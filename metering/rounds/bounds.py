"""What a register may show next, from what it showed before. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from typing import Final

from gridhall.metering.registers.consumption import used_between
from gridhall.metering.registers.model import RegisterRead
from gridhall.metering.rounds.limits import ReadingLimits
from gridhall.metering.rounds.model import Bounds

_A_DAY: Final = timedelta(days=1)
_HOURS_A_DAY: Final = 24
_SHORTEST: Final = timedelta(days=5)
"""The use of fewer days says too little about a month."""


def bounds_of(
    register: str,
    *,
    history: Sequence[RegisterRead],
    until: datetime,
    digits: int | None,
    capacity_kw: int | None,
    limits: ReadingLimits,
) -> Bounds | None:
    """Return how far a register may have run from its last read until `until`; None where there is no last read.

    history: reads of one meter, oldest first, the last one being the last read. Expected is what the highest and the
    lowest daily use of the past give for the days that have passed, widened by the ratio and the floor of `limits`,
    and never more than the contracted capacity allows. Where there is no past, the capacity alone says it.
    """
    known = [read for read in history if register in read.values]
    if not known:
        return None
    last = known[-1]
    unit, days = Decimal(10) ** last.scale, _days(until - _instant(last))
    possible = _counts(limits.max_kw * _HOURS_A_DAY * days * unit)
    ceiling = possible
    if capacity_kw is not None:
        ceiling = min(possible, _counts(capacity_kw * _HOURS_A_DAY * days * unit / last.multiplier))
    daily = list(_daily(register, known, digits))
    if not daily:
        return Bounds(0, ceiling, possible)
    floor = limits.floor_kwh * unit / last.multiplier
    most = max(daily) * days * limits.high_ratio + floor
    least = min(daily) * days / limits.high_ratio - floor
    lowest = max(0, int(least.to_integral_value(ROUND_FLOOR)))
    return Bounds(lowest, min(ceiling, _counts(most)), possible, from_past=True)


def _daily(register: str, known: Sequence[RegisterRead], digits: int | None) -> Iterator[Decimal]:
    """Yield the use a day between each read and the one that follows it by some days, at the last one's scale."""
    scale = known[-1].scale
    spaced = [known[0]]
    spaced += [read for before, read in pairwise(known) if _instant(read) > _instant(before)]
    start = spaced[0]
    for read in spaced[1:]:
        span = _instant(read) - _instant(start)
        if span < _SHORTEST:
            continue
        before, after = (one.values[register] * 10 ** (scale - one.scale) for one in (start, read))
        used = used_between(before=before, after=after, scale=scale, digits=digits)
        if used is not None:
            yield Decimal(used) / _days(span)
        start = read


def _instant(read: RegisterRead) -> datetime:
    return read.origin.taken_at or read.at


def _days(span: timedelta) -> Decimal:
    return max(Decimal(1), Decimal(int(span.total_seconds())) / int(_A_DAY.total_seconds()))


def _counts(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_CEILING))

"""The lines that a head-end would send: quarter-hours of each day, of a household also registers at each midnight."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gridhall.kit.localdays import Days, Month, day_start, slots_in
from gridhall.simulators.households.loads import FIRST_DAY, month_wh
from gridhall.simulators.households.model import Household
from gridhall.simulators.households.shapes import QUARTERS

_MINUTES = 15
_WH_A_STEP = 10
"""A register counts in 0.01 kWh and shows what it has counted in full."""

_TOTAL = "total"


@dataclass(frozen=True, slots=True)
class DayRow:
    """The energy of a local day in Wh, one integer a real elapsed quarter-hour (96; 92 or 100 with the clocks)."""

    day: date
    wh: tuple[int, ...]


def day_rows(household: Household, *, days: Days, zone: str) -> Iterator[DayRow]:
    """Yield what is used in the quarter-hours of each local day, also past the meter. Raises TooEarlyError."""
    return (DayRow(day, tuple(wh.tolist())) for day, wh in _days(household, days, zone))


def feed_lines(
    household: Household,
    *,
    days: Days,
    zone: str,
    periods: Sequence[str],
    periods_of: Callable[[date], Sequence[int]],
) -> Iterator[bytes]:
    """Yield the NDJSON lines of a household: each day's registers and quarter-hours, and the closing registers.

    periods: codes of the household's calendar; `periods_of` gives, for a local day, the index of the period of
    each quarter-hour. Registers are read at local midnight; the last ones, which close the range, at its end.
    Raises TooEarlyError.
    """
    if days.start < FIRST_DAY:
        raise TooEarlyError(days.start)
    counted = _opening(household, len(periods))
    for day, used in _days(household, Days(FIRST_DAY, days.end), zone):
        wh = used if day < household.bypassed_since else np.rint(used * (1 - household.bypassed)).astype(np.int64)
        if day in days:
            yield _register_line(household, day, zone, periods, counted)
            yield _day_line(household.meter_no, day, wh)
        counted += np.bincount(periods_of(day), weights=wh, minlength=len(periods)).astype(np.int64)
    yield _register_line(household, days.end, zone, periods, counted)


def district_lines(
    members: Sequence[Household], *, meter_no: str, loss: float, days: Days, zone: str
) -> Iterator[bytes]:
    """Yield the NDJSON lines of the sum meter of a transformer district: its quarter-hours, no registers.

    It counts all that the members use, also what goes past their meters, and `loss`, a share of it, that warms the
    lines. Raises TooEarlyError.
    """
    for together in zip(*(_days(member, days, zone) for member in members), strict=True):
        used = np.sum([wh for _, wh in together], axis=0)
        yield _day_line(meter_no, together[0][0], np.rint(used * (1 + loss)).astype(np.int64))


def _days(household: Household, days: Days, zone: str) -> Iterator[tuple[date, NDArray[np.int64]]]:
    if days.start < FIRST_DAY:
        raise TooEarlyError(days.start)
    for day in days:
        wh = month_wh(household, Month.of(day))[day.day - 1]
        yield day, wh if slots_in(day, zone, _MINUTES) == QUARTERS else wh[_clock_quarters(day, zone)]


@lru_cache(maxsize=64)
def _clock_quarters(day: date, zone: str) -> list[int]:
    """Return the quarter-hour that the clock shows at each slot of a day on which the clocks change."""
    start, local = day_start(day, zone), ZoneInfo(zone)
    shown = ((start + timedelta(minutes=_MINUTES * slot)).astimezone(local) for slot in range(slots_in(day, zone, 15)))
    return [(clock.hour * 60 + clock.minute) // _MINUTES for clock in shown]


def _opening(household: Household, periods: int) -> NDArray[np.int64]:
    """Share what the register showed on the first day out over the periods, in Wh."""
    shares = np.random.default_rng((household.seed, household.number, periods)).uniform(0.5, 1, periods)
    return np.asarray(household.opening_wh * shares / shares.sum(), dtype=np.float64).astype(np.int64)


def _register_line(
    household: Household, day: date, zone: str, periods: Sequence[str], counted: NDArray[np.int64]
) -> bytes:
    at = datetime.combine(day, time(), ZoneInfo(zone)).isoformat()
    shown = {_TOTAL: int(counted.sum())} | dict(zip(periods, counted.tolist(), strict=True))
    registers = ",".join(f'"{code}":"{_steps(wh // _WH_A_STEP)}"' for code, wh in shown.items())
    return f'{{"meter":"{household.meter_no}","at":"{at}","registers":{{{registers}}}}}\n'.encode()


def _day_line(meter_no: str, day: date, wh: NDArray[np.int64]) -> bytes:
    kwh = '","'.join(map(_kwh, wh.tolist()))
    return f'{{"meter":"{meter_no}","day":"{day}","minutes":{_MINUTES},"kwh":["{kwh}"]}}\n'.encode()


def _steps(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"


@lru_cache(maxsize=4096)
def _kwh(wh: int) -> str:
    return f"{wh // 1000}.{wh % 1000:03d}"


class TooEarlyError(ValueError):
    """A day was asked before the first one that is generated."""

    def __init__(self, day: date) -> None:
        super().__init__(f"days: {day} is before {FIRST_DAY}, the first day that is generated")

"""The period of every slot of a local day."""

from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from gridhall.kit.localdays import day_start, slots_in
from gridhall.metering.calendars.model import Calendar

_HOUR_MINUTES = 60


@lru_cache(maxsize=8192)
def periods_of_day(calendar: Calendar, *, day: date, minutes: int, zone: str) -> tuple[int, ...]:
    """Return, for each real elapsed slot of `minutes` of the local `day`, the index into `calendar.periods`.

    A slot belongs to the period that the wall clock shows at its start. A quarter-hour day has 96 slots, 92 or
    100 where the clocks change: the hour that is skipped is not there, the hour that is repeated is there twice.
    """
    start, local = day_start(day, zone), ZoneInfo(zone)
    season = calendar.season_of(day.month)
    clocks = (
        (start + timedelta(minutes=minutes * slot)).astimezone(local) for slot in range(slots_in(day, zone, minutes))
    )
    return tuple(season.period_at(clock.hour * _HOUR_MINUTES + clock.minute) for clock in clocks)

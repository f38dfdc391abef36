"""When a zone's clocks change, as ESPI's LocalTimeParameters say it: a rule of 32 bits for each of the two changes."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from gridhall.metering.feed.formats.espi_codes import NO_RULE

_WEEK = 7
_LAST = 7
_HOUR = timedelta(hours=1)


@lru_cache(maxsize=64)
def local_time(zone: str, *, year: int) -> tuple[int, int, str, str]:
    """Return standard offset and summer offset in seconds, and the rules for the start and the end of summer time."""
    local = ZoneInfo(zone)
    new_year = datetime(year, 1, 1, tzinfo=UTC)
    hours = [new_year + hour * _HOUR for hour in range(366 * 24)]
    starts = ends = NO_RULE
    offset = int(min(_offset(hour, local) for hour in (hours[0], hours[len(hours) // 2])).total_seconds())
    summer = 0
    for before, after in pairwise(hours):
        change = _offset(after, local) - _offset(before, local)
        if change:
            # The rule names the local time by the clock that is about to be changed.
            rule = _rule((after + _offset(before, local)).replace(tzinfo=None))
            if change > timedelta():
                starts, summer = rule, int(change.total_seconds())
            else:
                ends = rule
    if NO_RULE in (starts, ends):
        return offset, 0, NO_RULE, NO_RULE
    return offset, summer, starts, ends


def _offset(instant: datetime, local: ZoneInfo) -> timedelta:
    return instant.astimezone(local).utcoffset() or timedelta()


def _rule(clock: datetime) -> str:
    """Return month, which of its weekdays of this name, weekday and hour, from the highest bits to the lowest."""
    which = _LAST if _is_last(clock.date()) else (clock.day - 1) // _WEEK + 2
    return f"{clock.month << 28 | which << 25 | clock.isoweekday() << 17 | clock.hour << 12:08X}"


def _is_last(day: date) -> bool:
    return day.day + _WEEK > monthrange(day.year, day.month)[1]

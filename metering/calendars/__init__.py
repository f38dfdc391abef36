"""Price-free time-of-use calendars: which period of use each slot of a local day belongs to."""

from gridhall.metering.calendars.catalogue import (
    STANDARD_PERIODS,
    UnknownCalendarError,
    calendar,
    calendar_codes,
    period_titles,
)
from gridhall.metering.calendars.model import Calendar
from gridhall.metering.calendars.slots import periods_of_day

__all__ = [
    "STANDARD_PERIODS",
    "Calendar",
    "UnknownCalendarError",
    "calendar",
    "calendar_codes",
    "period_titles",
    "periods_of_day",
]

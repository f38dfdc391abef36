"""Price-free time-of-use calendars: which period of use each slot of a local day belongs to."""

from gridhall.metering.calendars.catalogue import UnknownCalendarError, calendar, calendar_codes, period_titles
from gridhall.metering.calendars.model import Calendar
from gridhall.metering.calendars.slots import periods_of_day

__all__ = ["Calendar", "UnknownCalendarError", "calendar", "calendar_codes", "period_titles", "periods_of_day"]

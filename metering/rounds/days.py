"""For which day a read stands that was taken on another. Pure."""

from datetime import date

from gridhall.kit.localdays import Month


def stands_for(taken_on: date, *, read_day: int, tolerance_days: int) -> date:
    """Return the local day at whose beginning a read counts.

    Taken within `tolerance_days` of a scheduled reading day (抄表例日, `read_day` of a month), it stands for that day,
    so that a bill from one to the next has both its reads; its real time is kept. Otherwise it stands for its own.
    """
    nearest = nearest_read_day(taken_on, read_day=read_day)
    return nearest if abs((taken_on - nearest).days) <= tolerance_days else taken_on


def nearest_read_day(day: date, *, read_day: int) -> date:
    """Return the scheduled reading day next to a day, before or after it; the earlier one of two as near."""
    months = (Month.of(day).shift(offset) for offset in (-1, 0, 1))
    return min((date(month.year, month.number, read_day) for month in months), key=lambda one: abs((one - day).days))

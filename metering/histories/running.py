"""Days that still run: their months do not follow every reading, and are marked instead. Pure.

A month in which a day is marked holds what that day was when it was entered, mostly when it began. The mark goes when
the day is written again after its end, and moves when the next day begins; a meter that fell silent at noon leaves it.
Either way whoever finds a mark looks into the day, and so reads what is kept of it now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from gridhall.kit.localdays import day_start
from gridhall.metering.histories.keys import day_key_in
from gridhall.metering.histories.model import DayBucket, MonthOfDays
from gridhall.metering.histories.totals import totals_of

_ONE_DAY = timedelta(days=1)


def is_running(bucket: DayBucket) -> bool:
    """Tell whether the local day was not over when it was last written."""
    return bucket.as_of < day_start(bucket.day + _ONE_DAY, bucket.zone)


def marked(known: MonthOfDays | None, buckets: Sequence[DayBucket]) -> int | None:
    """Return the number of the day to mark in a month that takes these days; None where none is to be."""
    days = {bucket.day.day for bucket in buckets}
    kept = known.running if known and known.running not in days else None
    return max((bucket.day.day for bucket in buckets if is_running(bucket)), default=kept)


def unmarked(known: Mapping[bytes, MonthOfDays], buckets: Mapping[bytes, Sequence[DayBucket]]) -> list[bytes]:
    """Return the keys of marked days that must be entered with these days of their months, lest they are forgotten."""
    return [
        day_key_in(key, month.running)
        for key, month in known.items()
        if month.running and month.running not in {bucket.day.day for bucket in buckets[key]}
    ]


def looked_into(months: Mapping[bytes, MonthOfDays], days: Mapping[bytes, DayBucket]) -> dict[bytes, MonthOfDays]:
    """Return the months with what is kept now of the days that are marked in them."""
    return {key: _with(month, days.get(day_key_in(key, month.running or 1))) for key, month in months.items()}


def _with(month: MonthOfDays, day: DayBucket | None) -> MonthOfDays:
    if month.running is None or day is None:
        return month
    return replace(month, days={**month.days, month.running: totals_of(day)}, as_of=max(month.as_of, day.as_of))

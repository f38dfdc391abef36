"""What stands in the rows of a file: words in the reader's language, exact numbers, texts that stay texts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gridhall.kit.localdays import DAY_MINUTES, day_start, slots_in
from gridhall.kit.words import LANGUAGES, Words
from gridhall.metering.calendars import calendar, period_titles
from gridhall.metering.exports.order import ExportOrder
from gridhall.metering.histories.series import IntervalSeries

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Beginnings of formulas; the last four are the wide forms, which Chinese spreadsheets take for the others."""


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One slot. period: its name. value: counts of 10**-scale, None where it is missing. quality: in words.

    Of a day without a curve: the day as it was long, and no period where the point's calendar has several.
    """

    start: datetime
    minutes: int
    day: str
    period: str
    value: int | None
    scale: int
    quality: str


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of a file of one point in one language."""

    words: Words
    language: str

    def of(self, key: str) -> str:
        """Return the words of `export.<key>`."""
        return self.words.say(f"export.{key}", language=self.language)

    def channel(self, channel: str) -> str:
        """Return the name of a channel."""
        return self.of(f"channel.{channel}")

    def unit(self, channel: str) -> str:
        """Return the unit of a channel."""
        return "kVArh" if channel.endswith("kvarh") else "kWh"

    def quality(self, code: int | None) -> str:
        """Return what a quality code means; None is a missing value."""
        return self.of("missing" if code is None else f"quality.{code}")

    def periods(self, order: ExportOrder) -> dict[str, str]:
        """Return the names of periods of use by code."""
        chinese = self.language == LANGUAGES[0]
        titles = period_titles(calendar(order.point.calendar))
        return {code: title.zh if chinese else title.en for code, title in titles.items()}


def interval_rows(series: IntervalSeries, *, order: ExportOrder, labels: Labels) -> Iterator[IntervalRow]:
    """Yield the slots of a series; those of a day that is not kept any more say so."""
    titles = labels.periods(order)
    names = [titles[code] for code in series.period_codes]
    qualities = {code: labels.quality(code) for code in set(series.quality)}
    expired, zone, step = set(series.expired), ZoneInfo(order.point.zone), timedelta(minutes=series.minutes)
    ends = (*series.first_slots[1:], len(series.values))
    whole_days = series.minutes == DAY_MINUTES
    for day, first, end in zip(series.days, series.first_slots, ends, strict=True):
        start, minutes, period = series.start + step * first, series.minutes, None
        if whole_days:
            # Nobody knows when in the day it flowed, and where clocks change a day has no 24 hours.
            start, minutes = day_start(day, order.point.zone), slots_in(day, order.point.zone, 1)
            period = "" if len(names) > 1 else names[0]
        label, gone = day.isoformat(), labels.of("expired") if day in expired else None
        for slot in range(first, end):
            yield IntervalRow(
                start=(start + step * (slot - first)).astimezone(zone),
                minutes=minutes,
                day=label,
                period=names[series.periods[slot]] if period is None else period,
                value=series.values[slot],
                scale=series.scale,
                quality=gone or qualities[series.quality[slot]],
            )


def exact(value: int | None, *, scale: int) -> str:
    """Return counts of 10**-scale as a plain decimal, nothing where it is missing."""
    if value is None:
        return ""
    if scale == 0:
        return str(value)
    whole, part = divmod(value, 10**scale)
    return f"{whole}.{part:0{scale}d}"


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula. Source: OWASP, CSV injection."""
    return f"'{text}" if text.startswith(_FORMULA) else text

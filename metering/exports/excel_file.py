"""Usage as an Excel workbook: a summary by month with a chart, and a sheet of rows a channel.

Rows are written out as they come (XlsxWriter's constant memory), so a workbook of years needs no more than a month.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from gridhall.kit.quantity import from_scaled
from gridhall.metering.exports.cells import Labels, interval_rows
from gridhall.metering.exports.order import ExportOrder, curves, totals
from gridhall.metering.exports.summary_sheet import SummarySheet
from gridhall.metering.histories.ranges import Resolution
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.histories.series import IntervalSeries, TotalsSeries

_OPTIONS: Final = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_WIDTH: Final = 18


async def usage_excel(
    orders: Sequence[ExportOrder],
    *,
    file: Path,
    title: str,
    histories: HistoryRepository,
    labels: Labels,
    now: datetime,
) -> None:
    """Write a workbook of some points of an account, all ordered alike, to `file`.

    The summary has the months of all channels, so intervals and totals of one file can be checked against another.
    Its work is done in a thread, a month at a time: a request beside it does not wait.
    """
    book = _Book(file, labels, now)
    summary = SummarySheet(book.book, title=title, labels=labels, header=book.header)
    try:
        for order in orders:
            sheets: dict[str, _Sheet] = {}
            if order.resolution is Resolution.INTERVAL:
                async for series in curves(order, histories=histories):
                    sheet = sheets.get(series.channel) or book.sheet(order, series.channel)
                    sheets[series.channel] = sheet
                    await asyncio.to_thread(sheet.add_intervals, series)
            else:
                async for table in totals(order, histories=histories):
                    await asyncio.to_thread(book.sheet(order, table.channel).add_totals, table)
            months = ExportOrder(
                point=order.point,
                number=order.number,
                channels=order.channels,
                days=order.days,
                resolution=Resolution.MONTH,
                today=order.today,
            )
            async for table in totals(months, histories=histories):
                summary.add(order, table)
        summary.finish()
    finally:
        await asyncio.to_thread(book.book.close)


class _Book:
    def __init__(self, file: Path, labels: Labels, now: datetime) -> None:
        self.book: Any = xlsxwriter.Workbook(str(file), _OPTIONS)
        self.book.set_properties({"title": labels.of("title"), "created": now.replace(tzinfo=None)})
        self.labels = labels
        self.header = self.book.add_format(
            {"bold": True, "bg_color": "#0F6E56", "font_color": "#FFFFFF", "border": 1, "text_wrap": True}
        )
        self.at = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm"})

    def energy(self, scale: int) -> Any:  # noqa: ANN401 - the library has no types
        """Return the format that shows every digit of a scale."""
        return self.book.add_format({"num_format": "#,##0." + "0" * scale if scale else "#,##0"})

    def sheet(self, order: ExportOrder, channel: str) -> "_Sheet":
        """Add a sheet of a point and channel."""
        return _Sheet(self, order, channel)


class _Sheet:
    def __init__(self, book: _Book, order: ExportOrder, channel: str) -> None:
        self._book, self._order, self._channel, self._row = book, order, channel, 0
        self._sheet = book.book.add_worksheet(f"{order.number} {book.labels.channel(channel)}")
        self._sheet.freeze_panes(1, 1)
        self._sheet.set_column(0, 12, _WIDTH)
        self._formats: dict[int, Any] = {}

    def add_intervals(self, series: IntervalSeries) -> None:
        """Write the slots of a series below what is there."""
        labels, sheet = self._book.labels, self._sheet
        if not self._row:
            names = ("local_start", "start", "minutes", "day", "period", "energy", "quality")
            self._head([labels.of(name) for name in names])
        energy = self._format(series.scale)
        for row in interval_rows(series, order=self._order, labels=labels):
            at = self._row
            sheet.write_datetime(at, 0, row.start.replace(tzinfo=None), self._book.at)
            sheet.write_string(at, 1, row.start.isoformat())
            sheet.write_number(at, 2, row.minutes)
            sheet.write_string(at, 3, row.day)
            sheet.write_string(at, 4, row.period)
            if row.value is not None:
                sheet.write_number(at, 5, float(from_scaled(row.value, scale=row.scale)), energy)
            sheet.write_string(at, 6, row.quality)
            self._row += 1

    def add_totals(self, series: TotalsSeries) -> None:
        """Write a table of days, months or years."""
        labels, sheet = self._book.labels, self._sheet
        titles, energy = labels.periods(self._order), self._format(series.scale)
        names = ("slot", "energy", "present", "expected", "quality")
        self._head([*(labels.of(name) for name in names), *(titles[code] for code in series.by_period)])
        columns = [series.totals, *series.by_period.values()]
        for index, label in enumerate(series.labels):
            sheet.write_string(self._row, 0, label)
            sheet.write_number(self._row, 2, series.present[index])
            sheet.write_number(self._row, 3, series.expected[index])
            sheet.write_string(self._row, 4, labels.quality(series.quality[index]))
            for place, column in zip((1, *range(5, 5 + len(columns))), columns, strict=False):
                if (value := column[index]) is not None:
                    sheet.write_number(self._row, place, float(from_scaled(value, scale=series.scale)), energy)
            self._row += 1

    def _head(self, names: Sequence[str]) -> None:
        unit = self._book.labels.unit(self._channel)
        energy = self._book.labels.of("energy")
        for column, name in enumerate(names):
            self._sheet.write_string(0, column, f"{name} ({unit})" if name == energy else name, self._book.header)
        self._row = 1

    def _format(self, scale: int) -> Any:  # noqa: ANN401 - likewise
        return self._formats.setdefault(scale, self._book.energy(scale))

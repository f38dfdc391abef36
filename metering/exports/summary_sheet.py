"""The first sheet of a workbook: the months of every channel by period of use, and a chart of them."""

from typing import Any, Final

from gridhall.kit.quantity import from_scaled
from gridhall.metering.exports.cells import Labels
from gridhall.metering.exports.order import ExportOrder
from gridhall.metering.histories.series import TotalsSeries

_FIRST_PERIOD: Final = 5
_HEAD_ROW: Final = 2


class SummarySheet:
    """Gathers months, which are few, and writes them at the end."""

    def __init__(self, book: Any, *, title: str, labels: Labels, header: Any) -> None:  # noqa: ANN401 - has no types
        self._book, self._title, self._labels, self._header = book, title, labels, header
        self._name = labels.of("summary")
        self._sheet = book.add_worksheet(self._name)
        self._tables: list[tuple[ExportOrder, TotalsSeries]] = []

    def add(self, order: ExportOrder, months: TotalsSeries) -> None:
        """Take the months of a channel of a point."""
        self._tables.append((order, months))

    def finish(self) -> None:
        """Write what was taken."""
        labels, sheet = self._labels, self._sheet
        periods = list(dict.fromkeys(code for _, series in self._tables for code in series.by_period))
        titles = labels.periods(self._tables[0][0]) if self._tables else {}
        sheet.set_column(0, _FIRST_PERIOD + len(periods), 16)
        sheet.freeze_panes(_HEAD_ROW + 1, 1)
        sheet.write_string(0, 0, self._title, self._book.add_format({"bold": True, "font_size": 14}))
        names = [*(labels.of(name) for name in ("month", "point", "channel", "energy", "coverage"))]
        for column, name in enumerate([*names, *(titles[code] for code in periods)]):
            sheet.write_string(_HEAD_ROW, column, name, self._header)
        row = _HEAD_ROW + 1
        percent = self._book.add_format({"num_format": "0.0%"})
        for order, series in self._tables:
            energy = self._book.add_format({"num_format": "#,##0." + "0" * series.scale if series.scale else "#,##0"})
            for index, label in enumerate(series.labels):
                sheet.write_string(row, 0, label)
                sheet.write_number(row, 1, order.number)
                sheet.write_string(row, 2, labels.channel(series.channel))
                expected = series.expected[index]
                columns = [
                    (3, series.totals),
                    *((_FIRST_PERIOD + at, series.by_period.get(code, ())) for at, code in enumerate(periods)),
                ]
                if expected:
                    sheet.write_number(row, 4, series.present[index] / expected, percent)
                for column, values in columns:
                    value = values[index] if values else None
                    if value is not None:
                        sheet.write_number(row, column, float(from_scaled(value, scale=series.scale)), energy)
                row += 1
        if self._tables and self._tables[0][1].labels:
            self._chart(len(self._tables[0][1].labels), len(periods), row)

    def _chart(self, months: int, periods: int, below: int) -> None:
        """Draw the months of the first channel, stacked by period."""
        chart = self._book.add_chart({"type": "column", "subtype": "stacked"})
        first, last = _HEAD_ROW + 1, _HEAD_ROW + months
        for column in range(_FIRST_PERIOD, _FIRST_PERIOD + periods):
            chart.add_series(
                {
                    "name": [self._name, _HEAD_ROW, column],
                    "categories": [self._name, first, 0, last, 0],
                    "values": [self._name, first, column, last, column],
                }
            )
        chart.set_title({"name": self._title, "name_font": {"size": 12}})
        self._sheet.insert_chart(below + 1, 0, chart, {"x_scale": 1.6})

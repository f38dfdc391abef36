"""Usage as CSV: UTF-8 with a mark that Excel knows, a row a slot, numbers exact, streamed month by month."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final

from gridhall.metering.exports.cells import Labels, exact, harmless, interval_rows
from gridhall.metering.exports.order import ExportOrder, curves, totals
from gridhall.metering.histories.ranges import Resolution
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.histories.series import TotalsSeries

_MARK: Final = "\ufeff"
_INTERVAL_COLUMNS: Final = ("start", "minutes", "day", "point", "channel", "period", "energy", "unit", "quality")
_TOTAL_COLUMNS: Final = ("slot", "point", "channel", "energy", "unit", "present", "expected", "quality")

Cells = Sequence[str]


async def usage_csv(
    orders: Sequence[ExportOrder], *, histories: HistoryRepository, labels: Labels
) -> AsyncIterator[bytes]:
    """Yield a CSV file of some points of an account, all ordered alike; memory holds one month of one channel.

    Intervals: start (ISO with offset), minutes, local day, point, channel, period, energy, unit, quality. Longer
    slots: label, point, channel, energy, unit, intervals there and expected, quality, and a column a period.
    """
    parts = _intervals if orders[0].resolution is Resolution.INTERVAL else _totals
    mark = _MARK
    async for rows in parts(orders, histories, labels):
        yield (mark + _lines(rows)).encode()
        mark = ""


async def _intervals(
    orders: Sequence[ExportOrder], histories: HistoryRepository, labels: Labels
) -> AsyncIterator[Iterable[Cells]]:
    yield [[labels.of(name) for name in _INTERVAL_COLUMNS]]
    for order in orders:
        async for series in curves(order, histories=histories):
            channel, unit = labels.channel(series.channel), labels.unit(series.channel)
            yield (
                (
                    row.start.isoformat(),
                    str(row.minutes),
                    row.day,
                    str(order.number),
                    channel,
                    row.period,
                    exact(row.value, scale=row.scale),
                    unit,
                    row.quality,
                )
                for row in interval_rows(series, order=order, labels=labels)
            )


async def _totals(
    orders: Sequence[ExportOrder], histories: HistoryRepository, labels: Labels
) -> AsyncIterator[Iterable[Cells]]:
    tables = [(order, series) for order in orders async for series in totals(order, histories=histories)]
    periods = list(dict.fromkeys(code for _, series in tables for code in series.by_period))
    titles = labels.periods(orders[0])
    yield [[*(labels.of(name) for name in _TOTAL_COLUMNS), *(titles[code] for code in periods)]]
    for order, series in tables:
        yield _total_rows(order, series, periods, labels)


def _total_rows(order: ExportOrder, series: TotalsSeries, periods: Sequence[str], labels: Labels) -> Iterable[Cells]:
    for index, label in enumerate(series.labels):
        energies = (series.by_period.get(code, ()) for code in periods)
        yield [
            label,
            str(order.number),
            labels.channel(series.channel),
            exact(series.totals[index], scale=series.scale),
            labels.unit(series.channel),
            str(series.present[index]),
            str(series.expected[index]),
            labels.quality(series.quality[index]),
            *(exact(column[index] if column else None, scale=series.scale) for column in energies),
        ]


def _lines(rows: Iterable[Cells]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()

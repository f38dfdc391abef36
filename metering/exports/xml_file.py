"""Usage as a Green Button file."""

from collections.abc import Iterator
from datetime import datetime

from gridhall.kit.localdays import DAY_MINUTES
from gridhall.metering.exports.cells import Labels
from gridhall.metering.exports.espi import EspiTitles, espi_feed
from gridhall.metering.exports.order import ExportOrder, curves
from gridhall.metering.histories.repository import HistoryRepository


async def usage_xml(
    order: ExportOrder, *, title: str, histories: HistoryRepository, labels: Labels, now: datetime
) -> Iterator[bytes]:
    """Return a Green Button file of one point, which is always of intervals, a day at a time.

    The numbers of all days are read before (some 10 MB of three years of quarters); the text, which is twenty times
    as long, is never whole in memory.
    """
    # Days of which only the energy is known have no intervals, and Green Button says of them nothing here.
    series = [one async for one in curves(order, histories=histories) if one.minutes < DAY_MINUTES]
    titles = EspiTitles(
        feed=title,
        point=title,
        readings={channel: labels.channel(channel) for channel in order.channels},
    )
    return espi_feed(series=series, point=order.point, titles=titles, now=now)

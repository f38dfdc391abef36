"""Usage histories: what was drawn and fed in, by slot, day and month."""

from gridhall.metering.histories.curve import UnfitSlotsError
from gridhall.metering.histories.model import Head
from gridhall.metering.histories.queries import day_series, interval_series, month_series, period_totals
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.histories.series import IntervalSeries, PeriodTotals, TotalsSeries

__all__ = [
    "Head",
    "HistoryRepository",
    "IntervalSeries",
    "PeriodTotals",
    "TotalsSeries",
    "UnfitSlotsError",
    "day_series",
    "interval_series",
    "month_series",
    "period_totals",
]

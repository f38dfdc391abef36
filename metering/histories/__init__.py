"""Usage histories: what was drawn and fed in, by slot, day and month."""

from gridhall.metering.histories.comparing import Against, Comparison
from gridhall.metering.histories.curve import UnfitSlotsError
from gridhall.metering.histories.figures import figures_of, peak_demand
from gridhall.metering.histories.model import Head
from gridhall.metering.histories.queries import (
    comparison,
    day_series,
    interval_series,
    month_series,
    period_totals,
    year_series,
)
from gridhall.metering.histories.ranges import RangeLimits, RangeRefusedError, Resolution
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.histories.series import IntervalSeries, PeriodTotals, TotalsSeries

__all__ = [
    "Against",
    "Comparison",
    "Head",
    "HistoryRepository",
    "IntervalSeries",
    "PeriodTotals",
    "RangeLimits",
    "RangeRefusedError",
    "Resolution",
    "TotalsSeries",
    "UnfitSlotsError",
    "comparison",
    "day_series",
    "figures_of",
    "interval_series",
    "month_series",
    "peak_demand",
    "period_totals",
    "year_series",
]

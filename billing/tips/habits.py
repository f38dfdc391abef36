"""From a curve of quarter-hours to habits; nothing is said of a curve that is thin."""

from collections import defaultdict
from decimal import Decimal
from typing import Final

from gridhall.billing.tips.model import Habits
from gridhall.kit.quantity import from_scaled
from gridhall.metering.histories.series import IntervalSeries

LEAST_DAYS: Final = 21
LEAST_COVERAGE: Final = Decimal("0.95")
"""Below either the curve is thin: a household deserves no advice from a guess."""

_MINUTES_AN_HOUR: Final = 60


def habits_of(curve: IntervalSeries) -> Habits | None:
    """Return what a curve tells, or None where it is thin.

    The base load is the mean over days of each day's lowest tenth of slots: one low slot may be an error of the
    meter, a tenth of a day (2.4 hours) is sleep.
    """
    whole = len(curve.days) >= LEAST_DAYS and curve.expected > 0
    if not whole or Decimal(curve.present) / curve.expected < LEAST_COVERAGE:
        return None
    by_period: dict[str, int] = defaultdict(int)
    slots_of_period: dict[str, int] = defaultdict(int)
    for value, period in zip(curve.values, curve.periods, strict=True):
        code = curve.period_codes[period]
        slots_of_period[code] += 1
        by_period[code] += value or 0
    slot = from_scaled(1, scale=curve.scale) * _base_slot(curve)
    return Habits(
        first=curve.days[0],
        days=len(curve.days),
        by_period={code: from_scaled(value, scale=curve.scale) for code, value in by_period.items()},
        base_kw=slot * _MINUTES_AN_HOUR / curve.minutes,
        base_by_period={code: slot * count for code, count in slots_of_period.items()},
    )


def _base_slot(curve: IntervalSeries) -> Decimal:
    """Return the energy of a slot of base load, in counts of the curve's scale."""
    lowest: list[Decimal] = []
    ends = [*curve.first_slots[1:], len(curve.values)]
    for start, end in zip(curve.first_slots, ends, strict=True):
        present = sorted(value for value in curve.values[start:end] if value is not None)
        tenth = present[: max(1, len(present) // 10)]
        if tenth:
            lowest.append(Decimal(sum(tenth)) / len(tenth))
    return sum(lowest, Decimal(0)) / len(lowest)

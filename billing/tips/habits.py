"""From a curve of quarter-hours to habits; nothing is said of a curve that is thin."""

from decimal import Decimal
from typing import Final

from gridhall.billing.tips.model import Habits
from gridhall.metering.histories.series import IntervalSeries
from gridhall.metering.load.analysis import analyse
from gridhall.metering.load.model import TooLittle

LEAST_DAYS: Final = 21
LEAST_COVERAGE: Final = Decimal("0.95")
"""Below either the curve is thin: a household deserves no advice from a guess."""


def habits_of(curve: IntervalSeries, *, zone: str) -> Habits | None:
    """Return what the whole days of a curve tell, or None where it is thin or nothing was used."""
    found = analyse(curve, zone=zone, least=LEAST_DAYS)
    if isinstance(found, TooLittle) or found.coverage < LEAST_COVERAGE:
        return None
    return Habits(
        first=found.days.start,
        days=found.whole,
        by_period={period.code: period.kwh for period in found.periods},
        base_kw=found.base.kw,
        base_by_period=found.base.by_period,
    )

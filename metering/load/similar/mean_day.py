"""The figure by which homes are compared: the mean day of a month, in kWh. Pure."""

from decimal import Decimal
from typing import Final

from gridhall.kit.quantity import from_scaled
from gridhall.metering.histories.series import PeriodTotals
from gridhall.metering.load.model import Reason, TooLittle

LEAST_COVERAGE: Final = Decimal("0.9")
_KWH: Final = Decimal("0.001")


def mean_day(totals: PeriodTotals, *, days: int) -> Decimal | TooLittle:
    """Return the kWh of a mean day of `days` days, gaps being as the rest; why not where too much is missing.

    A home that used nothing stands empty and is compared with none.
    """
    if not totals.total:
        return TooLittle(Reason.NOTHING_USED, whole=totals.days, needed=days)
    if totals.present < LEAST_COVERAGE * totals.expected:
        return TooLittle(Reason.FEW_WHOLE_DAYS, whole=totals.days, needed=days)
    kwh = from_scaled(totals.total, scale=totals.scale) * totals.expected / totals.present / days
    return max(kwh.quantize(_KWH), _KWH)

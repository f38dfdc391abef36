"""More or less than last year: by the mean day, so that neither a 29th of February nor a gap counts. Pure.

Weather is not corrected for: a hot August is shown as more use, which it is.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from gridhall.kit.localdays import Days
from gridhall.kit.quantity import from_scaled
from gridhall.metering.histories.series import TotalsSeries
from gridhall.metering.load.model import Reason, TooLittle
from gridhall.metering.load.whole_days import whole_totals

LEAST_COMPARED: Final = 5
"""Whole days that both years must have."""

_KWH: Final = Decimal("0.001")
_SHARE: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Change:
    """The mean day of some days beside that of the days of last year they are compared with.

    lunar: whether those lie alike around Spring Festival, else they are 52 weeks earlier. compared: whole days that
    both have, day by day. ratio: change as a share, 0.12 for 12 % more.
    """

    days: Days
    earlier: Days
    lunar: bool
    compared: int
    mean_kwh: Decimal
    mean_kwh_before: Decimal
    ratio: Decimal


def against(*, now: TotalsSeries, then: TotalsSeries, days: Days, earlier: Days, lunar: bool) -> Change | TooLittle:
    """Compare daily series of equally many days: only days whole in both years count, each with its counterpart."""
    these, those = whole_totals(now), whole_totals(then)
    pairs: list[tuple[date, date]] = [
        (day, before) for day, before in zip(days, earlier, strict=True) if day in these and before in those
    ]
    if len(pairs) < LEAST_COMPARED:
        reason = Reason.FEW_WHOLE_DAYS if pairs else Reason.NOTHING_MEASURED
        return TooLittle(reason, whole=len(pairs), needed=LEAST_COMPARED)
    used = from_scaled(sum(these[day] for day, _ in pairs), scale=now.scale) / len(pairs)
    used_before = from_scaled(sum(those[before] for _, before in pairs), scale=then.scale) / len(pairs)
    if not used_before:
        return TooLittle(Reason.NOTHING_USED, whole=len(pairs), needed=LEAST_COMPARED)
    return Change(
        days=days,
        earlier=earlier,
        lunar=lunar,
        compared=len(pairs),
        mean_kwh=used.quantize(_KWH),
        mean_kwh_before=used_before.quantize(_KWH),
        ratio=(used / used_before - 1).quantize(_SHARE),
    )

"""How long money paid ahead lasts. Pure."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Final

from gridhall.billing.forecasts.model import BalanceAhead, UsedSoFar
from gridhall.billing.tariffs.engine import quote
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.stretches import priced, stretches
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen
from gridhall.kit.quantity import from_scaled
from gridhall.metering.load.expectation import Expectation

HORIZON: Final = timedelta(days=62)
"""Two months: nobody plans a top-up further ahead, and the range would be wide."""


def balance_ahead(
    expectation: Expectation,
    *,
    prepaid: Fen,
    so_far: UsedSoFar,
    version: TariffVersion,
    on_month: Month,
    scale: int,
) -> BalanceAhead:
    """Return on which day the use since the last bill, and what is to come, will have taken what is prepaid."""
    unbilled = quote(version, on_month=on_month, used=so_far.measured, used_before=so_far.before).total
    left = Fen(prepaid - unbilled)
    used_now = so_far.before + sum(so_far.measured.values(), Decimal(0))
    today = expectation.today
    days = list(Days(today, today + HORIZON))
    use = (from_scaled(round(expectation.of(day)), scale=scale) for day in days)
    likely = list(accumulate(use))
    high = [kwh * Decimal(str(expectation.spread(day))) for kwh, day in zip(likely, days, strict=True)]

    def used_up(by: Sequence[Decimal]) -> date | None:
        """Return the first day by whose end so much use has cost what is left; costs only climb."""
        index = bisect_left(range(len(days)), left, key=lambda one: cost(by[one], days[one]))
        return days[index] if index < len(days) else None

    def cost(kwh: Decimal, until: date) -> Fen:
        used = {period: kwh * so_far.shares[period] for period in version.periods}
        ahead = stretches(version, days=Days(today, until + timedelta(days=1)))
        return priced(version, ahead=ahead, used=used, used_before=used_now)

    return BalanceAhead(
        prepaid=prepaid, unbilled=unbilled, left=left, likely_on=used_up(likely), earliest=used_up(high)
    )

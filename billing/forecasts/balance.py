"""How long money paid ahead lasts. Pure."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Final

from gridhall.billing.accounts.model import Term
from gridhall.billing.forecasts.model import BalanceAhead, UsedSoFar
from gridhall.billing.tariffs.engine import charge
from gridhall.billing.tariffs.households import counts, kinds_on, tiers_of
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
    terms: Collection[Term] = (),
) -> BalanceAhead:
    """Return on which day the use since the last bill, and what is to come, will have taken what is prepaid.

    terms: of the household. What is free of the running month is taken to lie ahead, by days.
    """
    month = on_month.number
    kinds = kinds_on(version, terms=terms, day=on_month.first)
    tiers = tiers_of(version, kinds=kinds, terms=terms, day=on_month.first, month=month)
    charged = charge(version, month=month, used=so_far.measured, used_before=so_far.before, tiers=tiers)
    unbilled = Fen(sum(line.amount for line in charged))
    left = Fen(prepaid - unbilled)
    measured = sum(so_far.measured.values(), Decimal(0))
    used_now = so_far.before + (measured if counts(version, kinds=kinds, month=month) else 0)
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
        return priced(version, ahead=ahead, used=used, used_before=used_now, terms=terms)

    return BalanceAhead(
        prepaid=prepaid, unbilled=unbilled, left=left, likely_on=used_up(likely), earliest=used_up(high)
    )

"""The price of a projected period, by the engine that prices bills. Pure."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from gridhall.billing.accounts.model import Term
from gridhall.billing.forecasts.model import ProjectedBill, UsedSoFar
from gridhall.billing.tariffs.engine import charge
from gridhall.billing.tariffs.households import free_of, kinds_on, tiers_of
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.quantity import billed_energy
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from gridhall.metering.load.projection import Projection


def forecast_bill(
    projection: Projection,
    *,
    so_far: UsedSoFar,
    version: TariffVersion,
    on_month: Month,
    terms: Collection[Term] = (),
) -> ProjectedBill:
    """Return the projected energy charge of the period labelled `on_month`, with its range.

    What was measured has its own periods; the rest is split by the shares of late. terms: of the household, as they
    are at the beginning of the month.
    """
    kinds = kinds_on(version, terms=terms, day=on_month.first)
    tiers = tiers_of(version, kinds=kinds, terms=terms, day=on_month.first, month=on_month.number)
    free = free_of(version, kinds)
    measured = sum(so_far.measured.values(), Decimal(0))

    def price(kwh: Decimal) -> Fen:
        rest = max(Decimal(0), kwh - measured)
        used = {period: so_far.measured[period] + rest * so_far.shares[period] for period in version.periods}
        return charged(used)

    def charged(used: Mapping[str, Decimal]) -> Fen:
        billed = {period: billed_energy(version.quantity, metered=kwh).kwh for period, kwh in used.items()}
        lines = charge(
            version, month=on_month.number, used=billed, used_before=so_far.before, tiers=tiers, free_kwh=free
        )
        return Fen(sum(line.amount for line in lines))

    return ProjectedBill(
        month=on_month,
        so_far=charged(so_far.measured),
        likely=price(projection.likely),
        low=price(projection.low),
        high=price(projection.high),
    )

"""The price of a projected period, by the engine that prices bills. Pure."""

from collections.abc import Mapping
from decimal import Decimal

from gridhall.billing.forecasts.model import ProjectedBill, UsedSoFar
from gridhall.billing.tariffs.engine import quote
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.quantity import billed_energy
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from gridhall.metering.load.projection import Projection


def forecast_bill(
    projection: Projection, *, so_far: UsedSoFar, version: TariffVersion, on_month: Month
) -> ProjectedBill:
    """Return the projected energy charge of the period labelled `on_month`, with its range.

    What was measured has its own periods; the rest is split by the shares of late.
    """
    measured = sum(so_far.measured.values(), Decimal(0))

    def price(kwh: Decimal) -> Fen:
        rest = max(Decimal(0), kwh - measured)
        used = {period: so_far.measured[period] + rest * so_far.shares[period] for period in version.periods}
        return _price(used, so_far.before, version, on_month)

    return ProjectedBill(
        month=on_month,
        so_far=_price(so_far.measured, so_far.before, version, on_month),
        likely=price(projection.likely),
        low=price(projection.low),
        high=price(projection.high),
    )


def _price(used: Mapping[str, Decimal], before: Decimal, version: TariffVersion, on_month: Month) -> Fen:
    billed = {period: billed_energy(version.quantity, metered=kwh).kwh for period, kwh in used.items()}
    return quote(version, on_month=on_month, used=billed, used_before=before).total

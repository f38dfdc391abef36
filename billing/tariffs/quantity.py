"""Metered energy becomes billed energy once, by the rule of the tariff."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from gridhall.billing.tariffs.model import QuantityRule

_ROUNDINGS = {"down": ROUND_DOWN, "half_up": ROUND_HALF_UP}


@dataclass(frozen=True, slots=True)
class BilledEnergy:
    """Billed kWh of one period of use, and the kWh that are left over for its next bill."""

    kwh: Decimal
    carried: Decimal


def billed_energy(rule: QuantityRule, *, metered: Decimal, carried: Decimal = Decimal(0)) -> BilledEnergy:
    """Round `metered` kWh, together with what the last bill `carried` over, to the steps of the rule.

    What is carried may be below zero where the rule rounds half-up. Where nothing is carried, what rounding left
    out is gone.
    """
    energy = metered + carried
    kwh = (energy / rule.step).quantize(Decimal(1), rounding=_ROUNDINGS[rule.rounding]) * rule.step
    return BilledEnergy(kwh=kwh, carried=energy - kwh if rule.carried else Decimal(0))

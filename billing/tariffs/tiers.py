"""Tiered (阶梯) surcharges: how much of a consumption falls into each tier of a cycle."""

from dataclasses import dataclass
from decimal import Decimal

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier of a cycle.

    upto_kwh: last kWh of the cycle in this tier, None for the top tier.
    surcharge: yuan/kWh on top of the tier-1 price.
    of_periods: surcharges of periods that have another one; then the tier's energy is shared over the periods as
    the whole is.
    """

    upto_kwh: Decimal | None
    surcharge: Decimal
    of_periods: tuple[tuple[str, Decimal], ...] = ()

    def surcharge_of(self, period: str) -> Decimal:
        """Return the surcharge of a period."""
        return dict(self.of_periods).get(period, self.surcharge)


def split(tiers: tuple[Tier, ...], *, used_before: Decimal, used: Decimal) -> tuple[Decimal, ...]:
    """Split `used` kWh, drawn after `used_before` kWh of the same cycle, over `tiers`.

    Returns one amount a tier, in order; they sum to `used`.
    Raises NegativeConsumptionError where `used` or `used_before` is below zero.
    Source: the Zhejiang price notice, reproduced on real household bills of 2024.
    """
    if used < 0 or used_before < 0:
        raise NegativeConsumptionError(used_before=used_before, used=used)
    end = used_before + used
    shares: list[Decimal] = []
    floor = _NOTHING
    for tier in tiers:
        ceiling = end if tier.upto_kwh is None else tier.upto_kwh
        shares.append(max(_NOTHING, min(end, ceiling) - max(used_before, floor)))
        floor = ceiling
    return tuple(shares)


class NegativeConsumptionError(ValueError):
    """A consumption below zero reached the tariff engine."""

    def __init__(self, *, used_before: Decimal, used: Decimal) -> None:
        super().__init__(f"used ({used} kWh) and used_before ({used_before} kWh) must both be 0 or more")

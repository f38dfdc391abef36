"""The cycle over which tiers are counted: its days, and where in its tiers a household stands."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gridhall.billing.tariffs.model import Cycle
from gridhall.billing.tariffs.tiers import NegativeConsumptionError, Tier
from gridhall.kit.localdays import Days, Month


def cycle_days(cycle: Cycle, *, on: date) -> Days:
    """Return the days of the cycle to which a local day belongs."""
    if cycle.every == "month":
        return Month.of(on).days
    start = date(on.year, cycle.month, cycle.day)
    if on < start:
        start = start.replace(year=on.year - 1)
    return Days(start, start.replace(year=start.year + 1))


@dataclass(frozen=True, slots=True)
class TierPosition:
    """Where a household stands in the tiers of its cycle; all energy in kWh.

    tier: 1 for the first. A tier that is used up to its last kWh is still the one stood in, with nothing remaining.
    starts_at, upto: the tier's borders in energy of the cycle; `upto` and `remaining` are None in the top tier.
    """

    tier: int
    used: Decimal
    starts_at: Decimal
    upto: Decimal | None
    remaining: Decimal | None


def position(tiers: tuple[Tier, ...], *, used_in_cycle: Decimal) -> TierPosition:
    """Return the tier in which the last of `used_in_cycle` kWh fell. Raises NegativeConsumptionError below zero."""
    if used_in_cycle < 0:
        raise NegativeConsumptionError(used_before=Decimal(0), used=used_in_cycle)
    starts_at = Decimal(0)
    for number, tier in enumerate(tiers, start=1):
        upto = tier.upto_kwh
        if upto is None:
            return TierPosition(number, used_in_cycle, starts_at, None, None)
        if used_in_cycle <= upto:
            return TierPosition(number, used_in_cycle, starts_at, upto, upto - used_in_cycle)
        starts_at = upto
    raise AssertionError("unreachable: the loader lets no version pass whose top tier ends")

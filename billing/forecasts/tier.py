"""When a household comes into its next tier. Pure."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from gridhall.billing.forecasts.model import TierAhead
from gridhall.billing.tariffs.tiers import Tier
from gridhall.kit.localdays import Days
from gridhall.kit.quantity import from_scaled
from gridhall.metering.load.expectation import Expectation


def tier_ahead(
    expectation: Expectation,
    *,
    tiers: tuple[Tier, ...],
    used: Decimal,
    cycle: Days,
    scale: int,
    uncounted: Collection[int] = (),
) -> TierAhead | None:
    """Return when the cycle's use leaves the tier in which `used` kWh lie; None in the top tier.

    uncounted: months (1 to 12) whose use does not count to the tiers. The range widens with every week ahead, as that
    of the projection does.
    """
    number = next(index for index, tier in enumerate(tiers, 1) if tier.upto_kwh is None or used <= tier.upto_kwh)
    border = tiers[number - 1].upto_kwh
    if border is None:
        return None
    left = border - used
    expected = Decimal(0)
    likely: date | None = None
    earliest: date | None = None
    latest: date | None = None
    for day in Days(expectation.today, max(expectation.today, cycle.end)):
        if day.month in uncounted:
            continue
        expected += from_scaled(round(expectation.of(day)), scale=scale)
        ratio = Decimal(str(expectation.spread(day)))
        earliest = earliest or (day if expected * ratio > left else None)
        likely = likely or (day if expected > left else None)
        latest = latest or (day if expected / ratio > left else None)
    return TierAhead(tier=number + 1, starts_at=border, used=used, likely_on=likely, earliest=earliest, latest=latest)

"""What was used between two reads that lie months apart, spread over the months it belongs to. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_DOWN, Decimal

from gridhall.kit.localdays import Days

_NOTHING = Decimal(0)


def spread(
    kwh: Decimal, *, days: Days, months: Sequence[Days], curve: Mapping[date, Decimal], step: Decimal
) -> tuple[Decimal, ...]:
    """Return the kWh of each of `months`, drawn in `days`; they sum to `kwh`, each in steps of the tariff.

    months: follow each other and together cover `days`. curve: what days with a whole curve used; of the others each
    has an even share of what these leave. Where the curve has more than the registers counted, or every day has one
    and they differ, all days are scaled alike. Whatever rounding leaves of a month goes to the next.
    """
    weights = _weights(kwh, days, curve)
    total = sum(weights.values(), _NOTHING)
    shares: list[Decimal] = []
    reached = given = _NOTHING
    for month in months:
        reached += sum((weight for day, weight in weights.items() if day in month), _NOTHING)
        upto = kwh if month.end >= days.end else (kwh * reached / total / step).to_integral_value(ROUND_DOWN) * step
        shares.append(upto - given)
        given = upto
    return tuple(shares)


def _weights(kwh: Decimal, days: Days, curve: Mapping[date, Decimal]) -> dict[date, Decimal]:
    known = {day: curve[day] for day in days if day in curve}
    left = kwh - sum(known.values(), _NOTHING)
    unknown = len(days) - len(known)
    if unknown and left >= 0:
        return {day: known.get(day, left / unknown) for day in days} if kwh else dict.fromkeys(days, Decimal(1))
    if not unknown and any(known.values()):
        return known
    return dict.fromkeys(days, Decimal(1))

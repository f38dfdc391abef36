"""A whole cut into parts that sum to it exactly. Pure."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def by_days(whole: Decimal, *, days: Sequence[int], step: Decimal) -> tuple[Decimal, ...]:
    """Share `whole` kWh, drawn evenly, over parts of so many days."""
    return shared(whole, [Decimal(count) for count in days], step=step)


def shared(whole: Decimal, weights: Sequence[Decimal], *, step: Decimal) -> tuple[Decimal, ...]:
    """Share `whole` by weights that are not all zero; the parts sum to it.

    Each gets what its weight says, cut to steps, and the steps that are left go to the largest remainders, of equal
    ones to the earlier. Where `whole` is no multiple of `step`, its own last decimal that is not zero is the step.
    """
    unit = step if not whole % step else _last_decimal(whole)
    # Fractions, because a forecast shares energy of as many digits as a Decimal holds.
    units, total = int(whole / unit), sum(map(Fraction, weights))
    ideal = [units * Fraction(weight) / total for weight in weights]
    parts = [int(one) for one in ideal]
    largest = sorted(range(len(weights)), key=lambda part: (parts[part] - ideal[part], part))
    for part in largest[: units - sum(parts)]:
        parts[part] += 1
    return tuple(part * unit for part in parts)


def _last_decimal(number: Decimal) -> Decimal:
    return Decimal(1).scaleb(min(0, int(number.normalize().as_tuple().exponent)))


def between(whole: Decimal, *, start: int, end: int, days: int, step: Decimal) -> Decimal:
    """Return the part of a limit of `days` days that belongs to days `start` to `end` of them, in steps.

    What has come up to the end less what had come up to the start, so parts that join sum to the whole.
    """
    if end - start == days:
        return whole
    return _up_to(whole, end, days, step) - _up_to(whole, start, days, step)


def _up_to(whole: Decimal, day: int, days: int, step: Decimal) -> Decimal:
    return (whole * day / days / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step

"""Measured quantities: exact integers with a decimal scale, because rounding each interval drifts by kWh a year."""

from decimal import Context, Decimal, Inexact, InvalidOperation

_MAX_DIGITS = 18

_EXACT = Context(traps=[Inexact, InvalidOperation])
"""Scaling that would have to round, because a number is longer than 28 digits, is an error instead."""


def to_scaled(text: str | Decimal, *, scale: int) -> int:
    """Return `text`, a plain decimal number, as an integer count of 10**-scale.

    `to_scaled("0.086", scale=3)` is 86. Raises QuantityError where the text is no finite number, is longer
    than 18 digits, or is finer than the scale: nothing is rounded on the way in.
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise QuantityError(f"{str(text)[:40]!r} is not a decimal number") from None
    if isinstance(text, str) and "_" in text:
        raise QuantityError(f"{text[:40]!r} is not a decimal number")
    if not number.is_finite():
        raise QuantityError(f"{str(text)[:40]!r} is not a finite number")
    if abs(number.adjusted()) >= _MAX_DIGITS:
        raise QuantityError(f"{str(text)[:40]!r} has more than {_MAX_DIGITS} digits")
    try:
        return int(number.scaleb(scale, _EXACT).to_integral_exact(context=_EXACT))
    except Inexact:
        raise QuantityError(f"{str(text)[:40]!r} is finer than {scale} decimals") from None


def from_scaled(value: int, *, scale: int) -> Decimal:
    """Return the exact decimal of `value` counts of 10**-scale."""
    return Decimal(value).scaleb(-scale)


class QuantityError(ValueError):
    """A number that cannot be taken exactly."""

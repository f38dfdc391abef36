"""Days whose curve stands in for a missing one: of the same kind, whole, measured, and not long ago. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from gridhall.kit.workdays import is_workday
from gridhall.metering.vee.checks.completeness import estimated_in
from gridhall.metering.vee.evidence import Curve


def similar_days(
    day: date, *, curves: Iterable[tuple[date, Curve]], slots: int, minutes: int, most: int, least: int
) -> list[Curve]:
    """Return up to `most` of the nearest days that are whole, measured and cut like `day`; none of fewer than `least`.

    Working days stand in for working days, and days off for days off; where those are too few, any day does.
    """
    usable = sorted(
        (
            (abs((day - one).days), one, curve)
            for one, curve in curves
            if one != day and curve.minutes == minutes and len(curve.values) == slots and fit(curve)
        ),
        key=lambda found: found[:2],
    )
    alike = [curve for _, one, curve in usable if is_workday(one) == is_workday(day)]
    chosen = alike if len(alike) >= least else [curve for _, _, curve in usable]
    return chosen[:most] if len(chosen) >= least else []


def fit(curve: Curve) -> bool:
    """Tell whether a day may stand in for another."""
    return curve.whole and not estimated_in(curve) and any(curve.values)


def profile(curves: Sequence[Curve], *, scale: int) -> list[Fraction]:
    """Return the mean of curves, an interval each, in counts of 10**-scale."""
    factors = [Fraction(10) ** (scale - curve.scale) for curve in curves]
    columns = zip(*(curve.values for curve in curves), strict=True)
    return [sum((v * f for v, f in zip(column, factors, strict=True)), Fraction(0)) / len(curves) for column in columns]

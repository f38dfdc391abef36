"""The use of a running period, projected to its end: what was measured, and what is expected of the rest. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gridhall.kit.localdays import Days
from gridhall.kit.quantity import from_scaled
from gridhall.metering.load.expectation import Expectation, Used


@dataclass(frozen=True, slots=True)
class Projection:
    """The energy of some days in kWh: never a bill, for a part of it has not happened yet.

    measured: of the whole days before today. likely, low, high: of all days; four times of five it ends between the
    two. expected: each day that was not measured, with what is expected of it.
    """

    days: Days
    measured: Decimal
    likely: Decimal
    low: Decimal
    high: Decimal
    measured_days: int
    expected: tuple[tuple[date, Decimal], ...]


def project(expectation: Expectation, *, used: Used, days: Days, scale: int) -> Projection:
    """Return what the home will have used in `days`; days before today that have a gap are expected like those to come.

    used: energy of whole days in counts of 10**-scale, as the expectation was made from.
    """
    today = expectation.today
    known = [day for day in days if day < today and day in used]
    coming = [day for day in days if day not in used or day >= today]
    expected = [(day, round(expectation.of(day))) for day in coming]
    measured = sum(used[day] for day in known)
    rest = sum(energy for _, energy in expected)
    ratio = expectation.spread(max(coming[-1], today)) if coming else 1.0

    def kwh(energy: int) -> Decimal:
        return from_scaled(energy, scale=scale)

    return Projection(
        days=days,
        measured=kwh(measured),
        likely=kwh(measured + rest),
        low=kwh(measured + round(rest / ratio)),
        high=kwh(measured + round(rest * ratio)),
        measured_days=len(known),
        expected=tuple((day, kwh(energy)) for day, energy in expected),
    )

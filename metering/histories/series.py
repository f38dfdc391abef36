"""Answers of usage in columns: one array a column, not an object a reading."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from gridhall.kit.quantity import from_scaled


@dataclass(frozen=True, slots=True)
class IntervalSeries:
    """Slots without a break from `start`: slot i is the `minutes` from start + i * minutes.

    values: energy in counts of 10**-scale, None where it is missing; quality: ESPI code, None where it is missing.
    periods: index into `period_codes`, a slot. days: the local days, first_slots: index of the first slot of each.
    present, expected: how many slots have a value and how many there are.
    as_of: when the newest of it was stored, None where nothing is.
    expired: those of the days whose slots were kept once and are not any more; their totals still are.
    without_curve: those of the days of which only the energy of the whole day is known.
    """

    channel: str
    start: datetime
    minutes: int
    scale: int
    values: tuple[int | None, ...]
    quality: tuple[int | None, ...]
    periods: tuple[int, ...]
    period_codes: tuple[str, ...]
    days: tuple[date, ...]
    first_slots: tuple[int, ...]
    present: int
    expected: int
    as_of: datetime | None
    expired: tuple[date, ...] = ()
    without_curve: tuple[date, ...] = ()

    @property
    def total(self) -> Decimal:
        """The energy of all present slots, exact."""
        return from_scaled(sum(value for value in self.values if value is not None), scale=self.scale)


@dataclass(frozen=True, slots=True)
class TotalsSeries:
    """Energy of days, of months or of years.

    labels: `2026-10-03`, `2026-10` or `2026`. totals, and by_period by period code: energy in counts of 10**-scale,
    None where no slot is present. present, expected: slots, so their ratio is the coverage.
    quality: the worst code, None where no slot is present. as_of: when the newest of it was stored.
    """

    channel: str
    scale: int
    labels: tuple[str, ...]
    totals: tuple[int | None, ...]
    by_period: Mapping[str, tuple[int | None, ...]]
    present: tuple[int, ...]
    expected: tuple[int, ...]
    quality: tuple[int | None, ...]
    as_of: datetime | None

    @property
    def total(self) -> Decimal:
        """The energy of all that is present, exact."""
        return from_scaled(sum(value for value in self.totals if value is not None), scale=self.scale)


@dataclass(frozen=True, slots=True)
class PeriodTotals:
    """Energy of one point over some days, in counts of 10**-scale.

    by_period: by period code of the point's calendar. days: how many of the days have any reading.
    present, expected: slots of all the days, with those that have none. quality: the worst code. unsure_days: in how
    many of the days a value is an estimate, or in doubt.
    """

    scale: int
    total: int
    by_period: Mapping[str, int]
    days: int
    present: int
    expected: int
    quality: int
    as_of: datetime
    unsure_days: int = 0

"""The days of a curve that have no gap: only they tell how a day goes. Pure."""

from dataclasses import dataclass
from datetime import date

from gridhall.metering.histories.series import IntervalSeries, TotalsSeries
from gridhall.metering.load.days import is_day_off


@dataclass(frozen=True, slots=True)
class WholeDay:
    """A day without a gap. first: index of its first slot in the curve. values: counts a slot. off: no working day."""

    day: date
    first: int
    values: tuple[int, ...]
    off: bool

    @property
    def energy(self) -> int:
        """Its energy, in counts."""
        return sum(self.values)


def whole_days(curve: IntervalSeries, *, zone: str) -> list[WholeDay]:
    """Return the days of a curve that have a value in every slot, in order."""
    ends = [*curve.first_slots[1:], len(curve.values)]
    found = []
    for day, start, end in zip(curve.days, curve.first_slots, ends, strict=True):
        present = tuple(value for value in curve.values[start:end] if value is not None)
        if present and len(present) == end - start:
            found.append(WholeDay(day, start, present, is_day_off(day, zone=zone)))
    return found


def whole_totals(series: TotalsSeries) -> dict[date, int]:
    """Return the energy of those days of a daily series that have no gap, in counts of its scale."""
    return {
        date.fromisoformat(label): total
        for label, total, present, expected in zip(
            series.labels, series.totals, series.present, series.expected, strict=True
        )
        if total is not None and present >= expected > 0
    }

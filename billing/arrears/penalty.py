"""Late-payment penalties (电费违约金): simple, exact, never on a penalty. Pure.

Law: 电力供应与使用条例 art. 39, 1‰ to 3‰ of the overdue amount a day. It is reckoned from the day after the due date to
the day of payment, both included, on what is still to be paid of the bill as each day begins. Days of another year
than that in which the bill fell due may have another rate (跨年度欠费).

Rounding: what a day costs is kept exactly, in grains of 1/100,000 fen. Only the sum of a bill's days is rounded, half
up to the fen, so that it makes no difference at which days it is fixed in between.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from gridhall.kit.localdays import Days
from gridhall.kit.money import Fen

GRAINS: Final = 100_000
"""Of a fen: the finest rate, 0.01‰, is one grain a fen a day."""

_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FeeRate:
    """What a day costs, in ‰ of the overdue amount: in the year in which the bill fell due, and in later years."""

    this_year: Decimal
    earlier_years: Decimal

    def grains(self, *, due_on: date, day: date) -> int:
        """Return the grains that a day costs a fen."""
        rate = self.this_year if day.year == due_on.year else self.earlier_years
        return int(rate * GRAINS / 1000)


@dataclass(frozen=True, slots=True)
class Charge:
    """Days in a row that cost something. owed: of the bill as they began. rate: grains a day and fen of it."""

    days: Days
    owed: Fen
    rate: int

    @property
    def grains(self) -> int:
        """Exactly what they cost."""
        return len(self.days) * self.owed * self.rate

    def less(self, days: Days, by: Fen | None) -> "list[Charge]":
        """Return what is left of it, in pieces, with so much less owed on `days`; None: nothing."""
        first = min(max(days.start, self.days.start), self.days.end)
        last = max(first, min(days.end, self.days.end))
        pieces = (
            Charge(Days(self.days.start, first), self.owed, self.rate),
            Charge(Days(first, last), Fen(max(0, self.owed - by) if by is not None else 0), self.rate),
            Charge(Days(last, self.days.end), self.owed, self.rate),
        )
        return [piece for piece in pieces if piece.grains]


@dataclass(frozen=True, slots=True)
class Penalty:
    """What a bill's penalty has come to.

    until: the first day that is not reckoned yet. charges: the days before it that cost something, in order; what
    stood as paid or was free on a day is not among them. posted: what of it stands in the ledger. paid, waived: what of
    that is gone.
    """

    until: date
    charges: tuple[Charge, ...] = ()
    posted: Fen = Fen(0)
    paid: Fen = Fen(0)
    waived: Fen = Fen(0)

    @classmethod
    def begin(cls, due_on: date) -> "Penalty":
        """Return the penalty of a bill that is not overdue yet: it runs from the day after the due date."""
        return cls(due_on + _ONE_DAY)

    @property
    def grains(self) -> int:
        """Exactly what its days cost."""
        return sum(charge.grains for charge in self.charges)

    @property
    def total(self) -> Fen:
        """Everything it has come to, rounded half up to the fen."""
        return Fen((2 * self.grains + GRAINS) // (2 * GRAINS))

    @property
    def outstanding(self) -> Fen:
        """What is still to be paid of it."""
        return Fen(max(0, self.total - self.paid - self.waived))

    @property
    def unposted(self) -> Fen:
        """What the ledger does not know of yet."""
        return Fen(self.total - self.posted)

    def since(self, day: date) -> Days:
        """Return the days from a day on that are reckoned already."""
        return Days(day, max(day, self.until))

    def less(self, days: Days, by: Fen | None = None) -> "Penalty":
        """Return it as if so much less of the bill had been owed on some days; None: as if they cost nothing."""
        return replace(self, charges=tuple(piece for charge in self.charges for piece in charge.less(days, by)))


def reckoned(
    penalty: Penalty, *, principal: Fen, due_on: date, until: date, rate: FeeRate, free: Collection[Days]
) -> Penalty:
    """Return the penalty with the days before `until` reckoned on `principal`; days that were reckoned stay so.

    free: days that cost nothing, because our payment channel was down or the policy pauses the penalty.
    """
    if until <= penalty.until:
        return penalty
    charges = list(penalty.charges)
    for day in Days(penalty.until, until):
        if any(day in one for one in free):
            continue
        fresh = Charge(Days(day, through(day)), principal, rate.grains(due_on=due_on, day=day))
        last = charges[-1] if charges else fresh
        if (last.days.end, last.owed, last.rate) == (day, fresh.owed, fresh.rate):
            charges[-1] = replace(last, days=Days(last.days.start, through(day)))
        elif fresh.grains:
            charges.append(fresh)
    return replace(penalty, until=until, charges=tuple(charges))


def through(today: date) -> date:
    """Return the `until` of a penalty that reaches to today, today included."""
    return today + _ONE_DAY

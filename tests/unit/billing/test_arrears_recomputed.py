"""Penalties against an oracle: whatever becomes known in whatever order, they are what each day should cost."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.arrears.penalty import FeeRate, reckoned, through
from gridhall.billing.arrears.taking_back import Lowered, lowered
from gridhall.billing.arrears.told_late import Came, lowered_since
from gridhall.kit.localdays import Days
from gridhall.kit.money import Fen
from tests.factories.arrears import DUE, a_debt, day

RATE = FeeRate(Decimal(1), Decimal(2))
LAST = day(130)
"""In the next year, so that days of both rates are among them."""


@dataclass
class Told:
    """What is known by the end: the only thing that the oracle sees."""

    total: int
    paid: list[tuple[date, int]] = field(default_factory=list)
    reversed: list[tuple[date, int]] = field(default_factory=list)
    down: list[Days] = field(default_factory=list)

    def grains(self) -> int:
        return sum(self._owed(one) * self._rate(one) for one in Days(through(DUE), through(LAST)))

    def _owed(self, day: date) -> int:
        """What was owed as a day began; money that overlapped with what was reversed later left nothing owed."""
        paid = sum(amount for came, amount in self.paid if came < day)
        back = sum(amount for owed_from, amount in self.reversed if owed_from <= day)
        return max(0, self.total - paid + back)

    def _rate(self, day: date) -> int:
        return 0 if any(day in one for one in self.down) else 100 if day.year == DUE.year else 200


class Books:
    """The debt of a bill as it lives: reckoned when something happens, and lowered by what is told late."""

    def __init__(self, total: int) -> None:
        self.told = Told(total)
        self.debt = a_debt(total)
        self.given = 0

    def reckon(self, today: date) -> None:
        if self.debt.owed:
            penalty = reckoned(
                self.debt.penalty,
                principal=self.debt.owed,
                due_on=DUE,
                until=through(today),
                rate=RATE,
                free=self.told.down,
            )
            self.debt = replace(self.debt, penalty=replace(penalty, posted=penalty.total))

    def pay(self, today: date, amount: int, *, came: date) -> None:
        self.reckon(came)
        paid = min(amount, self.debt.owed)
        before, after = self.debt, replace(self.debt, owed=Fen(self.debt.owed - paid))
        self.debt = after
        self.take(lowered_since([before], [after], Came(came, "k")).get(after.bill_id))
        self.told.paid.append((came, paid))
        self.reckon(today)

    def reverse(self, today: date, amount: int) -> None:
        self.reckon(today)
        back = min(amount, self.told.total - self.debt.owed)
        if back:
            # Days on which it stood as paid cost nothing; the day on which it is owed again does.
            penalty = replace(self.debt.penalty, until=max(self.debt.penalty.until, today))
            self.debt = replace(self.debt, owed=Fen(self.debt.owed + back), penalty=penalty)
            self.told.reversed.append((penalty.until, back))

    def outage(self, days: Days) -> None:
        self.told.down.append(days)
        self.take(lowered(self.debt, self.debt.penalty.less(days)))
        assert lowered(self.debt, self.debt.penalty.less(days)) is None, "a second time there is nothing"

    def take(self, less: Lowered | None) -> None:
        if less:
            self.given += less.let_off + less.to_prepaid
            self.debt = less.debt


Step = tuple[str, int, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["pay", "reverse", "outage", "post"]),
        st.integers(0, 9),
        st.integers(1, 50_000),
        st.integers(0, 25),
    ),
    max_size=12,
)
"""What happens, how many days after what was before, with how much, and how many days ago it really was."""


def lived(total: int, happened: Sequence[Step]) -> Books:
    books, today = Books(total), DUE
    for what, wait, amount, back in happened:
        today += timedelta(days=wait)
        earlier = max(through(DUE), today - timedelta(days=back))
        match what:
            case "pay":
                books.pay(today, amount, came=min(today, earlier))
            case "reverse":
                books.reverse(today, amount)
            case "outage":
                books.outage(Days(earlier, earlier + timedelta(days=amount % 9)))
            case _:
                books.reckon(today)
    books.reckon(LAST)
    return books


@given(total=st.integers(1, 100_000), happened=steps)
def test_it_is_what_each_day_costs_by_all_that_is_known_in_the_end(total: int, happened: list[Step]) -> None:
    books = lived(total, happened)
    assert books.debt.penalty.grains == books.told.grains()


@given(total=st.integers(1, 100_000), happened=steps)
def test_what_stands_in_the_books_is_what_it_has_come_to(total: int, happened: list[Step]) -> None:
    penalty = lived(total, happened).debt.penalty
    assert penalty.posted == penalty.total


def test_a_bill_that_was_paid_and_owed_again_and_then_paid_before_all_that_gives_back_only_what_it_cost() -> None:
    books = Books(100_000)
    books.pay(day(5), 100_000, came=day(5))
    books.reverse(day(8), 100_000)
    books.reckon(day(12))
    assert books.debt.penalty.total == (5 + 5) * 100
    books.pay(day(12), 100_000, came=day(4))
    assert books.given == (1 + 5) * 100
    assert books.debt.penalty.total == 4 * 100

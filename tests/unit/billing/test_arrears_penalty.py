"""The late-payment penalty: simple, exact, split at any day without a difference, and never on a day that is free."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.arrears.penalty import FeeRate, Penalty, reckoned, through
from gridhall.kit.localdays import Days
from gridhall.kit.money import Fen

DUE = date(2026, 11, 21)
RESIDENTS = FeeRate(Decimal(1), Decimal(1))
OTHERS = FeeRate(Decimal(2), Decimal(3))


def fee(
    principal: int, days: int, *, rate: FeeRate = RESIDENTS, free: list[Days] | None = None, due: date = DUE
) -> Fen:
    until = through(due + timedelta(days=days))
    return reckoned(
        Penalty.begin(due), principal=Fen(principal), due_on=due, until=until, rate=rate, free=free or []
    ).total


def test_a_resident_who_pays_on_the_due_day_owes_no_penalty_and_the_day_after_one_per_mille() -> None:
    assert fee(100_00, 0) == 0
    assert fee(100_00, 1) == 10


def test_thirty_days_of_a_hundred_yuan_are_three_yuan() -> None:
    assert fee(100_00, 30) == 3_00


def test_the_sum_is_rounded_half_up_once_and_not_each_day() -> None:
    assert fee(5_49, 1) == 1  # 0.549 fen
    assert fee(4_99, 1) == 0  # 0.499 fen
    assert fee(4_99, 10) == 5  # 4.99 fen: rounded a day it would be none


def test_others_pay_two_per_mille_this_year_and_three_in_later_years() -> None:
    december = date(2026, 12, 21)
    assert fee(1000_00, 10, rate=OTHERS, due=december) == 20_00
    assert fee(1000_00, 15, rate=OTHERS, due=december) == 20_00 + 5 * 3_00


def test_days_on_which_our_payment_channel_was_down_cost_nothing() -> None:
    down = [Days(date(2026, 11, 23), date(2026, 11, 25)), Days(date(2026, 11, 24), date(2026, 11, 26))]
    assert fee(100_00, 10, free=down) == 70


@given(
    principal=st.integers(1, 10_000_000),
    days=st.integers(1, 800),
    cuts=st.lists(st.integers(0, 800), max_size=6),
    rate=st.sampled_from([RESIDENTS, OTHERS, FeeRate(Decimal("0.5"), Decimal("1.25"))]),
)
def test_fixing_it_at_any_days_in_between_changes_nothing(
    principal: int, days: int, cuts: list[int], rate: FeeRate
) -> None:
    split = Penalty.begin(DUE)
    for day in [*sorted(one for one in cuts if one < days), days]:
        until = through(DUE + timedelta(days=day))
        split = reckoned(split, principal=Fen(principal), due_on=DUE, until=until, rate=rate, free=())
        split = reckoned(split, principal=Fen(principal), due_on=DUE, until=until, rate=rate, free=())
    assert split.total == fee(principal, days, rate=rate)


@given(principal=st.integers(1, 10_000_000), days=st.integers(1, 400), paid=st.integers(1, 10_000_000))
def test_a_penalty_is_never_reckoned_on_a_penalty_and_grows_slower_after_a_part_payment(
    principal: int, days: int, paid: int
) -> None:
    half = reckoned(
        Penalty.begin(DUE),
        principal=Fen(principal),
        due_on=DUE,
        until=DUE + timedelta(days=days),
        rate=RESIDENTS,
        free=(),
    )
    rest = max(0, principal - paid)
    after = reckoned(
        half, principal=Fen(rest), due_on=DUE, until=DUE + timedelta(days=2 * days), rate=RESIDENTS, free=()
    )
    assert after.total <= fee(principal, 2 * days)
    assert after.grains - half.grains == rest * 100 * days


@given(principal=st.integers(0, 10_000_000), days=st.integers(0, 400))
def test_more_days_and_more_money_never_cost_less(principal: int, days: int) -> None:
    assert fee(principal, days) <= fee(principal, days + 1)
    assert fee(principal, days) <= fee(principal + 100, days)

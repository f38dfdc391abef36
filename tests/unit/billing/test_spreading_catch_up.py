"""What was used between two reads, spread over the months it belongs to."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.credits.spreading import spread
from gridhall.kit.localdays import Days, Month

JANUARY, FEBRUARY, MARCH = (Month(2026, number).days for number in (1, 2, 3))
QUARTER = Days(JANUARY.start, MARCH.end)
ONE = Decimal(1)


def over_the_quarter(kwh: int, curve: dict[date, Decimal]) -> list[int]:
    months = [JANUARY, FEBRUARY, MARCH]
    return [int(one) for one in spread(Decimal(kwh), days=QUARTER, months=months, curve=curve, step=ONE)]


def flat(days: Days, kwh: int) -> dict[date, Decimal]:
    return dict.fromkeys(days, Decimal(kwh))


def test_without_a_curve_every_day_has_the_same() -> None:
    assert over_the_quarter(900, {}) == [310, 280, 310]


def test_days_that_were_measured_keep_what_they_used_and_the_others_share_the_rest() -> None:
    assert over_the_quarter(900, flat(FEBRUARY, 1)) == [436, 28, 436]


def test_a_whole_curve_that_says_otherwise_than_the_registers_is_scaled() -> None:
    curve = flat(JANUARY, 4) | flat(FEBRUARY, 1) | flat(MARCH, 4)
    assert over_the_quarter(552, curve) == [248, 56, 248]


def test_a_curve_with_gaps_that_has_more_than_the_registers_is_not_believed() -> None:
    assert over_the_quarter(900, flat(JANUARY, 50)) == [310, 280, 310]


def test_nothing_used_is_nothing_in_every_month() -> None:
    assert over_the_quarter(0, flat(JANUARY, 0)) == [0, 0, 0]


@given(
    kwh=st.integers(0, 100_000),
    known=st.dictionaries(
        st.integers(0, len(QUARTER) - 1).map(lambda offset: QUARTER.start + timedelta(days=offset)),
        st.decimals(0, 100, places=3),
    ),
    step=st.sampled_from([Decimal(1), Decimal("0.01")]),
)
def test_months_sum_to_what_the_registers_counted_and_none_is_below_zero(
    kwh: int, known: dict[date, Decimal], step: Decimal
) -> None:
    shares = spread(Decimal(kwh), days=QUARTER, months=[JANUARY, FEBRUARY, MARCH], curve=known, step=step)
    assert sum(shares) == kwh
    assert all(share >= 0 and share % step == 0 for share in shares)

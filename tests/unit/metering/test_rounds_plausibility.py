"""What stands against a read, told on the spot."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.metering.registers.consumption import shown_after, used_between
from gridhall.metering.registers.origin import Position
from gridhall.metering.rounds.days import nearest_read_day, stands_for
from gridhall.metering.rounds.limits import ReadingLimits
from gridhall.metering.rounds.model import Bounds, Expected, LastRead
from gridhall.metering.rounds.own.model import OwnState, first_state
from gridhall.metering.rounds.plausibility import WARNINGS, Doubt, Judgement, Shown, distance_m, judge

NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
LIMITS = ReadingLimits(3, Decimal(2), 50, 300, 100, timedelta(minutes=15), show_last=False)
BOUNDS = Bounds(500, 20_000, 500_000, from_past=True)
FLAT = Expected("M1", 1, 2, 5, ("total",), LastRead(NOW - timedelta(days=31), {"total": 130_000}), {"total": BOUNDS})
PERIODS = ("total", "peak", "valley")
TOU = replace(
    FLAT,
    registers=PERIODS,
    last=LastRead(NOW - timedelta(days=31), {"total": 130_000, "peak": 90_000, "valley": 45_000}),
    bounds=dict.fromkeys(PERIODS, BOUNDS),
)


def doubts(
    total: str, *, expected: Expected = FLAT, meter: str = "M1", at: datetime = NOW, **more: Position
) -> list[Doubt]:
    judged = judge(Shown(meter, {"total": total}, at, **more), expected=expected, limits=LIMITS, now=NOW)
    return [one.doubt for one in judged.findings]


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        ("1400", []),
        ("1400.25", []),
        (" 1400 ", []),
        ("1300", [Doubt.TOO_LOW]),
        ("1299.99", [Doubt.BELOW_LAST]),
        ("1500.01", [Doubt.TOO_HIGH]),
        ("6300.01", [Doubt.IMPOSSIBLE_USE]),
        ("1400.255", [Doubt.BAD_NUMBER]),
        ("-1", [Doubt.BAD_NUMBER]),
        ("NaN", [Doubt.BAD_NUMBER]),
        ("1e3", [Doubt.BELOW_LAST]),
        ("一千四", [Doubt.BAD_NUMBER]),
        ("100000", [Doubt.TOO_MANY_DIGITS]),
    ],
)
def test_a_number_is_judged_against_the_past(total: str, expected: list[Doubt]) -> None:
    assert doubts(total) == expected


@pytest.mark.parametrize(("digits", "expected"), [(5, Doubt.ROLLOVER), (6, Doubt.BELOW_LAST), (None, Doubt.BELOW_LAST)])
def test_a_register_that_begins_again_is_a_rollover_where_its_digits_end_there(
    digits: int | None, expected: Doubt
) -> None:
    near_the_end = replace(FLAT, digits=digits, last=LastRead(NOW - timedelta(days=31), {"total": 9_999_900}))
    assert doubts("12", expected=near_the_end) == [expected]


def test_the_number_of_another_meter_is_told() -> None:
    assert doubts("1400", meter="M2") == [Doubt.WRONG_METER]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (NOW + timedelta(minutes=15), []),
        (NOW + timedelta(minutes=16), [Doubt.IN_FUTURE]),
        (NOW - timedelta(days=32), [Doubt.BEFORE_LAST]),
    ],
)
def test_the_time_lies_between_the_last_read_and_now(at: datetime, expected: list[Doubt]) -> None:
    assert doubts("1400", at=at) == expected


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (Position(30.0, 120.0), []),
        (Position(30.0026, 120.0), []),
        (Position(30.0028, 120.0), [Doubt.FAR_AWAY]),
        (Position(30.004, 120.0, accuracy_m=150), []),
        (Position(30.01, 120.0, accuracy_m=100_000), [Doubt.FAR_AWAY]),
    ],
)
def test_a_reader_stands_near_the_meter_as_far_as_the_phone_knows(position: Position, expected: list[Doubt]) -> None:
    assert doubts("1400", expected=replace(FLAT, place=(30.0, 120.0)), position=position) == expected
    assert doubts("1400", position=position) == []


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    assert distance_m(Position(30, 120), (31, 120)) == pytest.approx(111_195, abs=1)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"total": "1400", "peak": "960", "valley": "490"}, []),
        ({"total": "1400", "peak": "960", "valley": "487"}, [Doubt.PERIODS_DO_NOT_SUM]),
        ({"total": "1400", "peak": "960"}, [Doubt.REGISTER_MISSING]),
        ({"total": "1400", "peak": "960", "valley": "490", "flat": "1"}, [Doubt.REGISTER_UNKNOWN]),
    ],
)
def test_periods_sum_to_the_total_since_the_last_read(values: dict[str, str], expected: list[Doubt]) -> None:
    judged = judge(Shown("M1", values, NOW), expected=TOU, limits=LIMITS, now=NOW)
    assert [one.doubt for one in judged.findings] == expected


def test_only_what_may_be_true_can_be_confirmed() -> None:
    assert {Doubt.BELOW_LAST, Doubt.WRONG_METER, Doubt.IN_FUTURE, Doubt.IMPOSSIBLE_USE}.isdisjoint(WARNINGS)


@pytest.mark.parametrize(
    ("total", "bounds", "state"),
    [
        ("1400", BOUNDS, OwnState.CONFIRMED),
        ("1400", replace(BOUNDS, from_past=False), OwnState.PROPOSED),
        ("1600", BOUNDS, OwnState.PROPOSED),
        ("1200", BOUNDS, OwnState.REFUSED),
    ],
)
def test_the_history_confirms_only_what_lies_within_it(total: str, bounds: Bounds, state: OwnState) -> None:
    expected = replace(FLAT, bounds={"total": bounds})
    judged: Judgement = judge(Shown("M1", {"total": total}, NOW), expected=expected, limits=LIMITS, now=NOW)
    assert first_state(judged, expected=expected) is state


def test_a_first_read_of_all_is_never_confirmed_by_a_history_that_is_not_there() -> None:
    fresh = replace(FLAT, last=None, bounds={})
    judged = judge(Shown("M1", {"total": "5"}, NOW), expected=fresh, limits=LIMITS, now=NOW)
    assert (judged.findings, first_state(judged, expected=fresh)) == ((), OwnState.PROPOSED)


class TestRollover:
    def test_from_99999_to_12_it_ran_13(self) -> None:
        assert used_between(before=99_999, after=12, scale=0, digits=5) == 13

    @given(
        digits=st.integers(1, 12), scale=st.integers(0, 6), before=st.integers(0, 10**18), used=st.integers(0, 10**18)
    )
    def test_what_a_register_ran_is_what_was_used_however_often_it_shows_less(
        self, digits: int, scale: int, before: int, used: int
    ) -> None:
        end = 10 ** (digits + scale)
        before, used = before % end, used % end
        after = shown_after(before=before, used=used, scale=scale, digits=digits)
        assert 0 <= after < end
        assert used_between(before=before, after=after, scale=scale, digits=digits) == used

    @given(before=st.integers(0, 10**12), after=st.integers(0, 10**12))
    def test_without_digits_less_is_unknown_and_never_negative(self, before: int, after: int) -> None:
        used = used_between(before=before, after=after, scale=2, digits=None)
        assert used == (after - before if after >= before else None)


class TestDays:
    @pytest.mark.parametrize(
        ("taken_on", "read_day", "expected"),
        [
            (date(2026, 11, 1), 1, date(2026, 11, 1)),
            (date(2026, 10, 29), 1, date(2026, 11, 1)),
            (date(2026, 11, 4), 1, date(2026, 11, 1)),
            (date(2026, 11, 5), 1, date(2026, 11, 5)),
            (date(2027, 1, 2), 28, date(2027, 1, 2)),
            (date(2026, 12, 30), 28, date(2026, 12, 28)),
            (date(2026, 12, 31), 1, date(2027, 1, 1)),
        ],
    )
    def test_a_read_near_the_reading_day_stands_for_it(self, taken_on: date, read_day: int, expected: date) -> None:
        assert stands_for(taken_on, read_day=read_day, tolerance_days=3) == expected

    @given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), read_day=st.integers(1, 28))
    def test_no_reading_day_is_nearer(self, day: date, read_day: int) -> None:
        nearest = nearest_read_day(day, read_day=read_day)
        assert nearest.day == read_day
        assert abs((nearest - day).days) <= 16

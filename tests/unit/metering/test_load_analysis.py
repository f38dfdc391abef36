"""Load analysis: curves made by hand, whose figures are known."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gridhall.kit.localdays import Days
from gridhall.metering.histories.series import IntervalSeries
from gridhall.metering.load.analysis import analyse
from gridhall.metering.load.findings import findings
from gridhall.metering.load.model import LoadAnalysis, Reason, TooLittle
from tests.factories.loads import AS_OF, a_curve, weeks

ZONE = "Asia/Shanghai"
NOVEMBER = weeks(date(2026, 11, 2), 4)
"""Four weeks without a holiday, from a Monday on."""


def a_day(day: date) -> list[int]:
    """80 W at night, 200 W by day, 1.2 kW from 19 to 20; on days off 400 W by day."""
    noon = 50 if day.weekday() < 5 else 100
    return [20] * 28 + [noon] * 48 + [300] * 4 + [20] * 16


def told(curve: IntervalSeries) -> LoadAnalysis:
    found = analyse(curve, zone=ZONE)
    assert isinstance(found, LoadAnalysis)
    return found


def test_a_curve_made_by_hand_has_the_figures_it_was_made_of() -> None:
    found = told(a_curve(NOVEMBER, a_day))
    assert (found.whole, found.coverage, found.as_of) == (28, 1, AS_OF)
    assert found.kwh == 20 * Decimal("4.48") + 8 * Decimal("6.88")
    assert found.base.kw == Decimal("0.08")
    assert found.base.share == (28 * 24 * Decimal("0.08") / found.kwh).quantize(Decimal("0.0001"))
    assert found.base.standby_hours == 11  # 44 of 96 quarters
    assert (found.evening.minute, found.evening.kw) == (19 * 60, Decimal("1.2"))
    assert (found.morning.minute, found.morning.kw) == (7 * 60, Decimal("0.2"))
    assert found.highest.kw == Decimal("1.2")
    assert found.load_factor == (found.kwh / (28 * 24) / Decimal("1.2")).quantize(Decimal("0.0001"))
    assert found.working
    assert found.off
    assert (found.working.days, found.off.days) == (20, 8)
    assert (found.working.mean_kwh, found.off.mean_kwh) == (Decimal("4.48"), Decimal("6.88"))
    assert list(found.off.median) == a_day(date(2026, 11, 7))
    assert found.largest[0].day == date(2026, 11, 7)
    valley = 20 * Decimal("0.92") + 8 * Decimal("1.12")
    assert {one.code: one.kwh for one in found.periods} == {"peak": found.kwh - valley, "valley": valley}


def test_a_fridge_that_is_off_for_half_an_hour_does_not_hide_the_base_load() -> None:
    found = told(a_curve(NOVEMBER, lambda _: [0, 0, 40, 40] * 24))
    assert found.base.kw == Decimal("0.08")


def test_a_day_with_a_gap_is_left_out_of_every_figure_and_lowers_the_coverage() -> None:
    gone = NOVEMBER.start

    def with_gap(day: date) -> list[int | None]:
        return [9999, None, *a_day(day)[2:]] if day == gone else list(a_day(day))

    found = told(a_curve(NOVEMBER, with_gap))
    rest = told(a_curve(Days(gone + timedelta(days=1), NOVEMBER.end), a_day))
    assert found.coverage < 1
    assert (found.kwh, found.base, found.highest.kw) == (rest.kwh, rest.base, rest.highest.kw)


def test_too_little_says_why() -> None:
    few = Days(NOVEMBER.start, NOVEMBER.start + timedelta(days=13))
    assert analyse(a_curve(few, a_day), zone=ZONE) == TooLittle(Reason.FEW_WHOLE_DAYS, whole=13, needed=14)
    nothing = analyse(a_curve(NOVEMBER, lambda _: [None] * 96), zone=ZONE)
    assert nothing == TooLittle(Reason.NOTHING_MEASURED, needed=14)
    empty = analyse(a_curve(NOVEMBER, lambda _: [0] * 96), zone=ZONE)
    assert empty == TooLittle(Reason.NOTHING_USED, whole=28, needed=14)


def test_the_golden_week_is_off_in_china_and_at_work_elsewhere() -> None:
    curve = a_curve(Days(date(2026, 10, 1), date(2026, 11, 1)), a_day)
    here, there = analyse(curve, zone=ZONE), analyse(curve, zone="Europe/London")
    assert isinstance(here, LoadAnalysis)
    assert isinstance(there, LoadAnalysis)
    assert here.off
    assert there.off
    assert (here.off.days, there.off.days) == (13, 9)  # seven days off, of which two at a weekend; one made up for


def test_sentences_name_what_stands_out() -> None:
    said = {one.code: dict(one.params) for one in findings(told(a_curve(NOVEMBER, a_day)), None)}
    assert said["load.base"]["watts"] == "80"
    assert said["load.peak_evening"] == {"start": "19:00", "end": "20:00", "kw": "1.2"}
    assert said["load.off_more"] == {"share": "54"}
    assert said["load.largest"] == {"day": "2026-11-07", "kwh": "6.9"}


day_values = st.lists(st.integers(0, 2000), min_size=24, max_size=24)


@given(days=st.lists(day_values, min_size=14, max_size=16), factor=st.integers(2, 9))
def test_twice_the_energy_is_twice_the_power_and_the_order_of_days_says_nothing(
    days: list[list[int]], factor: int
) -> None:
    start = date(2026, 11, 2)
    span = Days(start, start + timedelta(days=len(days)))
    once = analyse(a_curve(span, lambda day: days[(day - start).days], minutes=60), zone="UTC")
    if isinstance(once, TooLittle):
        return
    scaled = told(a_curve(span, lambda day: [value * factor for value in days[(day - start).days]], minutes=60))
    assert scaled.base.kw == factor * once.base.kw
    assert (scaled.base.share, scaled.load_factor, scaled.kwh) == (once.base.share, once.load_factor, factor * once.kwh)
    turned = days[::-1]
    other = told(a_curve(span, lambda day: turned[(day - start).days], minutes=60))
    assert (other.base, other.kwh, other.load_factor) == (once.base, once.kwh, once.load_factor)
    assert 0 <= once.base.share <= 1
    assert 0 < once.load_factor <= 1
    assert sum(period.kwh for period in once.periods) == once.kwh

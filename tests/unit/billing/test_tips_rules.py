"""Tips: from a household's own curve, priced by its own tariff, and silent where there is little to say."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.accounts.model import Term
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.engine import quote
from gridhall.billing.tariffs.stretches import priced, stretches
from gridhall.billing.tips.habits import habits_of
from gridhall.billing.tips.model import TipKind
from gridhall.billing.tips.rules import LEAST_SAVING, Outlook, base_load, best, shift_to_valley, tier_ahead
from gridhall.kit.localdays import Days, Month
from gridhall.metering.histories.series import IntervalSeries

ZONE = "Asia/Shanghai"
START = date(2026, 10, 1)


def curve(*, night_wh: int, day_wh: int, evening_wh: int, days: int = 28, missing: int = 0) -> IntervalSeries:
    """Valley 22 to 8, peak 8 to 22, of which the last four hours are the evening."""
    day: list[int | None] = [*[night_wh] * 32, *[day_wh] * 40, *[evening_wh] * 16, *[night_wh] * 8]
    values: list[int | None] = day * days
    values[:missing] = [None] * missing
    return IntervalSeries(
        channel="import-kwh",
        start=datetime(2026, 9, 30, 16, tzinfo=UTC),
        minutes=15,
        scale=3,
        values=tuple(values),
        quality=tuple(None if value is None else 0 for value in values),
        periods=tuple(([1] * 32 + [0] * 56 + [1] * 8) * days),
        period_codes=("peak", "valley"),
        days=tuple(START + timedelta(days=index) for index in range(days)),
        first_slots=tuple(96 * index for index in range(days)),
        present=len(values) - missing,
        expected=len(values),
        as_of=None,
    )


def outlook(
    series: IntervalSeries,
    *,
    tariff: str = "zhejiang-residential-tou",
    used_before: int = 0,
    on: date = START,
    terms: tuple[Term, ...] = (),
) -> Outlook:
    habits = habits_of(series, zone=ZONE)
    assert habits
    version = catalogue.version(tariff, on=START)
    ahead = stretches(version, days=Days(on, on + timedelta(days=30)))
    return Outlook(habits, version, ahead, Decimal(used_before), terms)


def test_habits_tell_the_energy_of_each_period_and_the_power_that_never_sleeps() -> None:
    habits = habits_of(curve(night_wh=25, day_wh=50, evening_wh=200), zone=ZONE)
    assert habits
    assert habits.by_period == {"peak": Decimal("145.6"), "valley": Decimal("28.0")}
    assert habits.base_kw == Decimal("0.1")


def test_a_thin_curve_gives_no_habits() -> None:
    assert habits_of(curve(night_wh=25, day_wh=50, evening_wh=200, days=20), zone=ZONE) is None
    assert habits_of(curve(night_wh=25, day_wh=50, evening_wh=200, missing=28 * 96 // 10), zone=ZONE) is None


def test_shifting_moves_a_fifth_of_the_evening_to_the_valley_and_saves_the_difference_of_the_prices() -> None:
    tip = shift_to_valley(outlook(curve(night_wh=25, day_wh=50, evening_wh=200)))
    assert tip
    assert (tip.before, tip.after) == ({"peak": 156, "valley": 30}, {"peak": 133, "valley": 53})
    assert tip.saving == 645  # 23 kWh at 0.568 less 0.288 yuan; the lines of both quotes are rounded


def test_a_flat_tariff_has_nothing_to_shift() -> None:
    assert (
        shift_to_valley(outlook(curve(night_wh=25, day_wh=50, evening_wh=200), tariff="zhejiang-residential")) is None
    )


def test_a_tier_border_ahead_is_told_and_one_far_off_is_not() -> None:
    series = curve(night_wh=25, day_wh=50, evening_wh=200)
    assert tier_ahead(outlook(series, used_before=2000)) is None
    tip = tier_ahead(outlook(series, used_before=2700))
    assert tip
    assert tip.kwh == 19


def test_the_last_days_of_a_cycle_are_priced_in_its_tiers_and_the_first_of_the_next_from_zero() -> None:
    """15 of the 30 days lie in the old year's second tier; the other 15 begin a new one."""
    series = curve(night_wh=25, day_wh=50, evening_wh=200)
    looked = outlook(series, used_before=3000, on=date(2026, 12, 17))
    assert [(len(one.days), one.fresh) for one in looked.stretches] == [(15, False), (15, True)]
    half = {period: kwh / 2 for period, kwh in looked.ahead.items()}
    old, new = (
        quote(looked.version, on_month=month, used=half, used_before=Decimal(before)).total
        for month, before in ((Month(2026, 12), 3000), (Month(2027, 1), 0))
    )
    assert looked.saving(dict.fromkeys(looked.ahead, Decimal(0))) == old + new
    assert old > new


def test_a_border_before_the_cycle_ends_is_told_even_in_its_last_month() -> None:
    series = curve(night_wh=25, day_wh=50, evening_wh=200)
    assert tier_ahead(outlook(series, used_before=2700, on=date(2026, 12, 17)))
    assert tier_ahead(outlook(series, used_before=2700, on=date(2026, 12, 30))) is None


def test_a_high_base_load_is_told_and_a_low_one_is_not() -> None:
    assert base_load(outlook(curve(night_wh=25, day_wh=50, evening_wh=300))) is None
    assert base_load(outlook(curve(night_wh=20, day_wh=22, evening_wh=25))) is None  # 80 W is a fridge and a router
    tip = base_load(outlook(curve(night_wh=60, day_wh=70, evening_wh=90)))
    assert tip
    assert (tip.kind, tip.base_watts) == (TipKind.BASE_LOAD, 240)


def test_nobody_is_told_of_less_than_a_yuan() -> None:
    assert best(outlook(curve(night_wh=2, day_wh=2, evening_wh=4))) is None


def test_a_large_household_is_told_of_its_own_border_and_not_of_everybodys() -> None:
    """Its first tier ends 100 kWh a month higher: at 3,960 kWh of the year and not at 2,760."""
    series = curve(night_wh=25, day_wh=50, evening_wh=200)
    large = (Term("large", date(2026, 1, 1)),)
    assert tier_ahead(outlook(series, used_before=2700, terms=large)) is None
    of_all, of_large = (
        tier_ahead(outlook(series, used_before=before, terms=terms)) for before, terms in ((2700, ()), (3900, large))
    )
    assert of_all
    assert of_large
    assert of_large.saving == of_all.saving


def test_a_household_is_not_promised_a_saving_on_kwh_that_it_has_for_nothing() -> None:
    """The dearest 15 kWh of October are free: of 6 kWh less at peak it saves nothing while they are among those."""
    series = curve(night_wh=1, day_wh=2, evening_wh=9)
    free = (Term("subsidised", date(2026, 1, 1)),)
    plain, subsidised = (outlook(series, terms=terms) for terms in ((), free))
    less = {**plain.ahead, "peak": plain.ahead["peak"] - 6}
    assert plain.saving(less) == 341  # 6 kWh at 0.568 yuan
    assert subsidised.saving(less) == 0


def test_what_is_used_in_the_season_of_electric_heating_crosses_no_tier() -> None:
    def told(*terms: Term) -> bool:
        series = curve(night_wh=25, day_wh=50, evening_wh=200)
        looked = outlook(series, tariff="shaanxi-residential", used_before=2000, on=date(2026, 11, 1), terms=terms)
        return tier_ahead(looked) is not None

    assert told()
    assert not told(Term("heating_exempt", date(2026, 1, 1)))


watt_hours = st.integers(0, 1500)


some_terms = st.sets(st.sampled_from(("large", "subsidised"))).map(
    lambda kinds: tuple(Term(kind, date(2026, 3, 1)) for kind in sorted(kinds))
)


@given(night=watt_hours, day=watt_hours, evening=st.integers(1, 1500), before=st.integers(0, 6000), terms=some_terms)
def test_every_saving_is_confirmed_by_the_tariff_engine(
    night: int, day: int, evening: int, before: int, terms: tuple[Term, ...]
) -> None:
    looked = outlook(curve(night_wh=night, day_wh=day, evening_wh=evening), used_before=before, terms=terms)
    tip = best(looked)
    if tip is None:
        return
    as_before, taken = (
        priced(looked.version, ahead=tip.stretches, used=used, used_before=tip.used_before, terms=tip.terms)
        for used in (tip.before, tip.after)
    )
    assert tip.saving == as_before - taken >= LEAST_SAVING

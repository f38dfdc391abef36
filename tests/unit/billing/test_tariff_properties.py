from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gridhall.billing.tariffs.catalogue import tariff, tariff_codes
from gridhall.billing.tariffs.engine import Quote, quote
from gridhall.billing.tariffs.model import Cycle, PeriodPrice, QuantityRule, TariffVersion, TierSeason
from gridhall.billing.tariffs.recompute import recompute
from gridhall.billing.tariffs.tiers import Tier, split
from gridhall.kit.localdays import Month

ALL_MONTHS = frozenset(range(1, 13))
SHIPPED = [one for code in tariff_codes() for one in tariff(code).versions]
EVEN = [one for one in SHIPPED if not any(tier.of_periods for season in one.seasons for tier in season.tiers)]
"""Those whose surcharges are the same in all periods, so that how a month is cut does not matter."""
YEARLY = [one for one in EVEN if one.cycle.every == "year"]

kwh = st.decimals(0, 6000, places=3)
price = st.decimals(0, 2, places=8)
months = st.builds(Month, st.just(2026), st.integers(1, 12))


@st.composite
def drawn_tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    borders = sorted(draw(st.sets(st.decimals(1, 9000, places=3), max_size=4)))
    surcharges = [Decimal(0), *draw(st.lists(price, min_size=len(borders), max_size=len(borders)))]
    return tuple(Tier(upto, surcharge) for upto, surcharge in zip([*borders, None], surcharges, strict=True))


@st.composite
def drawn_seasons(draw: st.DrawFn) -> tuple[TierSeason, ...]:
    """The same tiers all year, or others in some months."""
    months = draw(st.frozensets(st.integers(1, 12)))
    parts = [part for part in (months, ALL_MONTHS - months) if part]
    return tuple(TierSeason(part, draw(drawn_tiers())) for part in parts)


@st.composite
def drawn_versions(draw: st.DrawFn) -> TariffVersion:
    """A tariff that nobody has, of up to five periods and five tiers, with prices of 8 decimals."""
    periods = draw(
        st.sampled_from([("total",), ("peak", "valley"), ("critical_peak", "peak", "flat", "valley", "deep")])
    )
    return TariffVersion(
        code="drawn",
        effective_from=date(2020, 1, 1),
        effective_to=None,
        status="background",
        source="a test",
        note="",
        calendar="single",
        periods=periods,
        cycle=Cycle("year"),
        seasons=draw(drawn_seasons()),
        prices=tuple(PeriodPrice(period, ALL_MONTHS, draw(price)) for period in periods),
        quantity=QuantityRule(Decimal(1), "down", carried=True),
    )


@dataclass
class Use:
    version: TariffVersion
    on_month: Month
    used: dict[str, Decimal]
    used_before: Decimal


@st.composite
def uses(draw: st.DrawFn, shipped: Sequence[TariffVersion] = SHIPPED) -> Use:
    version = draw(st.one_of(st.sampled_from(shipped), drawn_versions()))
    return Use(version, draw(months), {period: draw(kwh) for period in version.periods}, draw(kwh))


@pytest.mark.parametrize("version", SHIPPED, ids=lambda version: version.id)
@given(on_month=months, data=st.data())
def test_both_paths_find_the_same_total_of_every_tariff_we_ship(
    version: TariffVersion, on_month: Month, data: st.DataObject
) -> None:
    used = {period: data.draw(kwh) for period in version.periods}
    before = data.draw(kwh)
    found = quote(version, on_month=on_month, used=used, used_before=before)
    assert found.total == recompute(version, on_month=on_month, used=used, used_before=before)


@given(uses())
def test_both_paths_find_the_same_total(use: Use) -> None:
    found = quote(use.version, on_month=use.on_month, used=use.used, used_before=use.used_before)
    again = recompute(use.version, on_month=use.on_month, used=use.used, used_before=use.used_before)
    assert found.total == again


@given(uses(EVEN), st.decimals(0, 500, places=3), st.data())
def test_more_energy_never_costs_less(use: Use, more: Decimal, data: st.DataObject) -> None:
    period = data.draw(st.sampled_from(use.version.periods))
    raised = {**use.used, period: use.used[period] + more}
    less = quote(use.version, on_month=use.on_month, used=use.used, used_before=use.used_before)
    dearer = quote(use.version, on_month=use.on_month, used=raised, used_before=use.used_before)
    assert dearer.total >= less.total


@given(st.sampled_from([one for one in SHIPPED if one not in EVEN]), st.lists(st.integers(0, 6000), min_size=4), months)
def test_more_whole_kwh_never_cost_less_where_periods_have_surcharges_of_their_own(
    version: TariffVersion, amounts: list[int], on_month: Month
) -> None:
    peak, valley, more, before = (Decimal(amount) for amount in amounts[:4])
    less, dearer = (
        quote(version, on_month=on_month, used={"peak": peak, "valley": kwh}, used_before=before).total
        for kwh in (valley, valley + more)
    )
    assert dearer >= less


@given(uses(EVEN), st.data())
def test_splitting_a_month_changes_nothing_but_rounding(use: Use, data: st.DataObject) -> None:
    first = {period: data.draw(st.decimals(0, used, places=3)) for period, used in use.used.items()}
    rest = {period: used - first[period] for period, used in use.used.items()}
    before = use.used_before
    whole = quote(use.version, on_month=use.on_month, used=use.used, used_before=before)
    one = quote(use.version, on_month=use.on_month, used=first, used_before=before)
    two = quote(use.version, on_month=use.on_month, used=rest, used_before=before + sum(first.values()))
    roundings = len(whole.lines) + len(one.lines) + len(two.lines)
    assert abs(one.total + two.total - whole.total) <= roundings / 2


@given(uses(EVEN), st.data())
def test_splitting_a_month_at_a_tier_border_changes_nothing_but_rounding(use: Use, data: st.DataObject) -> None:
    borders = [tier.upto_kwh for tier in use.version.tiers_in(use.on_month.number) if tier.upto_kwh is not None]
    assume(borders)
    border, period = data.draw(st.sampled_from(borders)), use.version.periods[0]
    upto, beyond = (dict.fromkeys(use.version.periods, Decimal(0)) for _ in range(2))
    upto[period], beyond[period] = border, use.used[period]
    whole = {one: upto[one] + beyond[one] for one in upto}
    one = quote(use.version, on_month=use.on_month, used=upto, used_before=Decimal(0))
    two = quote(use.version, on_month=use.on_month, used=beyond, used_before=border)
    both = quote(use.version, on_month=use.on_month, used=whole, used_before=Decimal(0))
    assert abs(one.total + two.total - both.total) <= (len(one.lines) + len(two.lines) + len(both.lines)) / 2


@given(st.sampled_from(YEARLY), st.lists(st.integers(0, 900), min_size=24, max_size=24))
def test_a_year_of_months_equals_the_year(version: TariffVersion, amounts: list[int]) -> None:
    used = [dict(zip(version.periods, map(Decimal, amounts[at : at + 2]), strict=False)) for at in range(0, 24, 2)]
    before, months = Decimal(0), list[Quote]()
    for number, kwh in enumerate(used, start=1):
        months.append(quote(version, on_month=Month(2026, number), used=kwh, used_before=before))
        before += sum(kwh.values())
    all_year = {period: sum((kwh[period] for kwh in used), Decimal(0)) for period in version.periods}
    year = quote(version, on_month=Month(2026, 12), used=all_year, used_before=Decimal(0))
    roundings = len(year.lines) + sum(len(month.lines) for month in months)
    assert abs(sum(month.total for month in months) - year.total) <= roundings / 2
    for kind, tier in {(line.kind, line.tier) for line in year.lines}:
        assert _kwh(year, kind, tier) == sum(_kwh(month, kind, tier) for month in months)


def _kwh(of: Quote, kind: str, tier: int) -> Decimal:
    return sum((line.kwh for line in of.lines if (line.kind, line.tier) == (kind, tier)), Decimal(0))


@given(uses())
def test_the_shares_of_the_tiers_are_all_that_was_used(use: Use) -> None:
    used = sum(use.used.values(), Decimal(0))
    shares = split(use.version.tiers_in(use.on_month.number), used_before=use.used_before, used=used)
    assert sum(shares) == used
    assert min(shares) >= 0

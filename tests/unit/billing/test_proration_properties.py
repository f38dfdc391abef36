from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.tariffs.apportion import between, shared
from gridhall.billing.tariffs.catalogue import version
from gridhall.billing.tariffs.engine import quote
from gridhall.billing.tariffs.proration import Drawn, price_period
from gridhall.billing.tariffs.recompute_period import recompute_period
from gridhall.kit.localdays import Days
from tests.factories.tariffs import Period, changing_periods, steady_periods, whole_kwh

any_period = st.one_of(steady_periods(), changing_periods())


@given(any_period)
def test_both_paths_find_the_same_total(period: Period) -> None:
    assert recompute_period(**period.asked()) == price_period(**period.asked()).total


@given(any_period)
def test_the_pieces_are_all_days_and_all_energy(period: Period) -> None:
    found = price_period(**period.asked())
    (drawn,) = period.used
    assert sum(len(piece.days) for piece in found.pieces) == len(period.days)
    assert found.kwh == sum(drawn.kwh.values())
    assert sum(sum(piece.kwh.values()) for piece in found.pieces) == found.kwh
    assert sum(line.amount for line in found.lines) == found.total
    energy = sum(line.kwh for line in found.lines if line.kind == "energy")
    assert energy == found.kwh
    assert all(line.kwh == int(line.kwh) for line in found.lines)


@given(steady_periods())
def test_a_tariff_that_does_not_change_is_priced_as_without_proration(period: Period) -> None:
    found = price_period(**period.asked(terms=()))
    (link,) = period.tariffs
    whole = quote(
        version(link.code, on=period.days.start),
        on_month=period.month,
        used=period.used[0].kwh,
        used_before=period.used_before,
    )
    assert found.total == whole.total
    assert [replace(line, version=None, days=None) for line in found.lines] == list(whole.lines)


@given(steady_periods(), st.data())
def test_a_change_to_the_same_tariff_is_none(period: Period, data: st.DataObject) -> None:
    (link,) = period.tariffs
    cut = period.days.start + timedelta(data.draw(st.integers(1, len(period.days) - 1)))
    parted = (replace(link, to_day=cut), replace(link, from_day=cut))
    assert price_period(**period.asked(tariffs=parted)) == price_period(**period.asked())


@given(any_period, st.integers(1, 500), st.data())
def test_more_energy_never_costs_less(period: Period, more: int, data: st.DataObject) -> None:
    (drawn,) = period.used
    one = data.draw(st.sampled_from(sorted(drawn.kwh)))
    raised = Drawn(drawn.days, {**drawn.kwh, one: drawn.kwh[one] + more})
    less, dearer = price_period(**period.asked()), price_period(**period.asked(used=(raised,)))
    # Each line that a piece may have is rounded on its own, by half a fen at most.
    assert dearer.total >= less.total - len(less.lines) - len(dearer.lines)


@given(any_period)
def test_what_is_free_never_pays_out(period: Period) -> None:
    assert price_period(**period.asked()).total >= 0


@given(changing_periods(), st.data())
def test_registers_read_on_the_day_of_change_decide_what_was_drawn_before_it(
    period: Period, data: st.DataObject
) -> None:
    cut, days = period.tariffs[1].from_day, period.days
    before = {one: data.draw(whole_kwh) for one in period.used[0].kwh}
    after = {one: data.draw(whole_kwh) for one in period.used[0].kwh}
    read = (Drawn(Days(days.start, cut), before), Drawn(Days(cut, days.end), after))
    found = price_period(**period.asked(used=read, terms=()))
    assert [sum(piece.kwh.values()) for piece in found.pieces] == [sum(before.values()), sum(after.values())]
    assert recompute_period(**period.asked(used=read, terms=())) == found.total


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=6), st.sampled_from(["1", "0.1"]))
def test_shares_sum_to_the_whole_and_are_a_step_off_at_most(whole: int, weights: list[int], step: str) -> None:
    weights[0] += 1
    parts = shared(Decimal(whole), [Decimal(weight) for weight in weights], step=Decimal(step))
    assert sum(parts) == whole
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Decimal(whole * weight) / sum(weights)) < Decimal(step) + Decimal("1e-9")


@given(st.integers(1, 9000), st.lists(st.integers(0, 30), min_size=2, max_size=5))
def test_a_limit_cut_by_days_is_whole_again(limit: int, lengths: list[int]) -> None:
    lengths[0] += 1
    days, ends = sum(lengths), [sum(lengths[: number + 1]) for number in range(len(lengths))]
    parts = [
        between(Decimal(limit), start=end - length, end=end, days=days, step=Decimal(1))
        for end, length in zip(ends, lengths, strict=True)
    ]
    assert sum(parts) == limit

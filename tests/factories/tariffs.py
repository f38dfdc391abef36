"""Tariffs that nobody has, and households on them, for properties."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from gridhall.billing.accounts.model import TariffLink, Term, TermKind
from gridhall.billing.tariffs.catalogue import tariff, tariff_codes, version
from gridhall.billing.tariffs.proration import SINGLE_PERIOD, Drawn
from gridhall.kit.localdays import Days, Month

LONG_AGO = date(2021, 1, 1)

whole_kwh = st.integers(0, 3000).map(Decimal)


@dataclass(frozen=True, slots=True)
class Period:
    """A billing period of an account whose tariff and household may change inside."""

    tariffs: tuple[TariffLink, ...]
    terms: tuple[Term, ...]
    days: Days
    month: Month
    used: tuple[Drawn, ...]
    used_before: Decimal

    def asked(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any argument of `price_period`
        """The arguments of `price_period` and `recompute_period`, some of them changed."""
        names = ("tariffs", "terms", "days", "month", "used", "used_before")
        return {**{name: getattr(self, name) for name in names}, **changes}


@st.composite
def billing_days(draw: st.DrawFn) -> tuple[Month, Days]:
    """A month and its days from one reading day to the next."""
    month, read_day = Month(2026, draw(st.integers(1, 12))), draw(st.integers(1, 28))
    start, end = (one.first.replace(day=read_day) for one in (month, month.shift(1)))
    return month, Days(start, end)


@st.composite
def some_terms(draw: st.DrawFn, days: Days) -> tuple[Term, ...]:
    """Terms of a household that begin and end before, inside or after the days."""
    kinds = draw(st.sets(st.sampled_from(("large", "heating_exempt", "subsidised"))))
    return tuple(draw(_term(kind, days)) for kind in sorted(kinds))


@st.composite
def _term(draw: st.DrawFn, kind: TermKind, days: Days) -> Term:
    since = days.start + timedelta(draw(st.integers(-400, 40)))
    return Term(kind, since, draw(st.none() | st.integers(1, 400).map(lambda more: since + timedelta(more))))


@st.composite
def steady_periods(draw: st.DrawFn, codes: st.SearchStrategy[str] | None = None) -> Period:
    """A period of one tariff, whose household may change."""
    month, days = draw(billing_days())
    code = draw(codes or st.sampled_from(tariff_codes()))
    kwh = {period: draw(whole_kwh) for period in tariff(code).versions[-1].periods}
    return Period(
        tariffs=(TariffLink(code, LONG_AGO),),
        terms=draw(some_terms(days)),
        days=days,
        month=month,
        used=(Drawn(days, kwh),),
        used_before=draw(st.integers(0, 6000).map(Decimal)),
    )


@st.composite
def changing_periods(draw: st.DrawFn) -> Period:
    """A period in which the account goes over to another tariff of its region, or of another one."""
    month, days = draw(billing_days())
    first, second = draw(st.sampled_from(_PAIRS))
    cut = days.start + timedelta(draw(st.integers(1, len(days) - 1)))
    periods = max((version(code, on=cut).periods for code in (first, second)), key=len)
    return Period(
        tariffs=(TariffLink(first, LONG_AGO, cut), TariffLink(second, cut)),
        terms=draw(some_terms(days)),
        days=days,
        month=month,
        used=(Drawn(days, {period: draw(whole_kwh) for period in periods}),),
        used_before=draw(st.integers(0, 6000).map(Decimal)),
    )


def _fit(one: str, other: str) -> bool:
    """Whether one set of registers serves both."""
    sets = {tariff(code).versions[-1].periods for code in (one, other)} - {(SINGLE_PERIOD,)}
    return len(sets) < 2


_PAIRS = [(one, other) for one in tariff_codes() for other in tariff_codes() if one != other and _fit(one, other)]

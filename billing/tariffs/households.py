"""What a tariff says to a household of a kind: the tiers it has, what counts to them, and what is free."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from gridhall.billing.accounts.model import Term, TermKind, holds_on, touches
from gridhall.billing.tariffs.cycle import cycle_days
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.tiers import Tier
from gridhall.kit.localdays import Days, Month

Kinds = frozenset[TermKind]


def kinds_on(version: TariffVersion, *, terms: Collection[Term], day: date) -> Kinds:
    """Return what a household is on a day, as far as the tariff offers anything for it."""
    offered: dict[TermKind, object] = {
        "large": version.large,
        "heating_exempt": version.heating,
        "subsidised": version.allowance,
    }
    return frozenset(term.kind for term in terms if offered[term.kind] is not None and holds_on(term, day))


def counts(version: TariffVersion, *, kinds: Kinds, month: int) -> bool:
    """Return whether the energy of a month (1 to 12) counts to the tiers of the cycle.

    Source: Shaanxi, November to March of households heated by electricity.
    """
    return not ("heating_exempt" in kinds and version.heating is not None and month in version.heating.months)


def free_of(version: TariffVersion, kinds: Kinds) -> Decimal:
    """Return how many kWh of a month are free."""
    return version.allowance.kwh if version.allowance and "subsidised" in kinds else Decimal(0)


def tiers_of(
    version: TariffVersion, *, kinds: Kinds, terms: Collection[Term], day: date, month: int
) -> tuple[Tier, ...]:
    """Return the tiers of a household's whole cycle: that of `day` where it is a year, of `month` where a month.

    The tiers of a large household lie higher by its extra kWh, a month or, in a year, a month of the cycle that is
    begun while the term holds. A month that does not count has one tier, without end.
    """
    if not counts(version, kinds=kinds, month=month):
        return (Tier(upto_kwh=None, surcharge=Decimal(0)),)
    exempt = version.heating if "heating_exempt" in kinds else None
    tiers = version.tiers_in(month) if exempt is None else exempt.tiers
    if "large" not in kinds or version.large is None:
        return tiers
    months = 1
    if version.cycle.every == "year":
        begun = _months_begun(cycle_days(version.cycle, on=day), terms)
        months = len([one for one in begun if counts(version, kinds=kinds, month=one.start.month)])
    extra = version.large.extra_kwh * months
    return tuple(replace(one, upto_kwh=None if one.upto_kwh is None else one.upto_kwh + extra) for one in tiers)


def _months_begun(cycle: Days, terms: Collection[Term]) -> Sequence[Days]:
    """Return the months of a yearly cycle in which the household is large on at least one day.

    A month begun is a whole one, as the tiers of a customer are counted who moves in within a month (background).
    """
    large = [term for term in terms if term.kind == "large"]
    months = [_month_of_cycle(cycle.start, number) for number in range(12)]
    return [month for month in months if any(touches(term, month) for term in large)]


def _month_of_cycle(start: date, number: int) -> Days:
    first, last = (Month.of(start).shift(number + later) for later in (0, 1))
    return Days(first.first.replace(day=start.day), last.first.replace(day=start.day))

"""Twelve months priced by a tariff, as if it had held for all of them. Pure."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from gridhall.billing.accounts.model import Term
from gridhall.billing.tariffs.apportion import shared
from gridhall.billing.tariffs.engine import charge
from gridhall.billing.tariffs.households import Kinds, counts, free_of, tiers_of
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from gridhall.metering.histories.by_calendar import MonthDivided

LEAST_COVERAGE: Final = Decimal("0.5")
"""Of the reads of twelve months, so many must be there. Source: what suppliers abroad ask for a tariff comparison."""

_ONE_KWH = Decimal(1)
_NOTHING = Decimal(0)


def coverage_of(months: Sequence[MonthDivided], calendar: str | None = None) -> Decimal:
    """Return the share of all days that was measured, or that can be divided by a calendar."""
    days = sum(len(one.month.days) for one in months)
    return sum((_divided(one, calendar) for one in months), _NOTHING) / days


def whole_months(months: Sequence[MonthDivided]) -> tuple[Decimal, ...]:
    """Return the whole kWh of each month, some of which has to be measured; its gaps are like the rest of it.

    A month without any reading is like the mean day of the others.
    """
    measured = sum((sum(one.whole.kwh.values(), _NOTHING) for one in months), _NOTHING)
    usual = measured / sum((one.whole.days for one in months), _NOTHING)
    return tuple(_whole(one, usual) for one in months)


def by_period(
    months: Sequence[MonthDivided], kwh: Sequence[Decimal], *, version: TariffVersion
) -> list[dict[str, Decimal]]:
    """Divide the kWh of each month over the periods of a version, as what is measured of the month divides."""
    always = _weights([one.by_calendar[version.calendar].kwh for one in months], version.periods)
    found: list[dict[str, Decimal]] = []
    for one, whole in zip(months, kwh, strict=True):
        weights = _weights([one.by_calendar[version.calendar].kwh], version.periods)
        weights = next((some for some in (weights, always) if any(some)), [_ONE_KWH for _ in version.periods])
        parts = shared(whole, weights, step=_ONE_KWH)
        found.append(dict(zip(version.periods, parts, strict=True)))
    return found


def priced_year(
    version: TariffVersion, *, kinds: Kinds, months: Sequence[Month], used: Sequence[Mapping[str, Decimal]]
) -> tuple[Fen, ...]:
    """Return what each of twelve months costs by a version, for a household that was of these kinds all year.

    Where tiers are counted over a year, the months are taken in the order of one cycle, which may put those of this
    year before those of the last: a whole cycle costs what a cycle costs, wherever the twelve months began.
    """
    terms = [Term(kind, months[0].first.replace(year=1)) for kind in kinds]
    free = free_of(version, kinds)
    costs: dict[Month, Fen] = {}
    before = _NOTHING
    first = version.cycle.month
    for month, kwh in sorted(zip(months, used, strict=True), key=lambda one: (one[0].number - first) % 12):
        tiers = tiers_of(version, kinds=kinds, terms=terms, day=month.first, month=month.number)
        lines = charge(version, month=month.number, used=kwh, used_before=before, tiers=tiers, free_kwh=free)
        costs[month] = Fen(sum(line.amount for line in lines))
        if version.cycle.every == "year" and counts(version, kinds=kinds, month=month.number):
            before += sum(kwh.values(), _NOTHING)
    return tuple(costs[month] for month in months)


def _divided(one: MonthDivided, calendar: str | None) -> Decimal:
    return one.whole.days if calendar is None else one.by_calendar[calendar].days


def _whole(one: MonthDivided, usual: Decimal) -> Decimal:
    mean = sum(one.whole.kwh.values(), _NOTHING) / one.whole.days if one.whole.days else usual
    return (mean * len(one.month.days)).quantize(_ONE_KWH, rounding=ROUND_HALF_UP)


def _weights(kwh: Sequence[Mapping[str, Decimal]], periods: Sequence[str]) -> list[Decimal]:
    return [sum((one.get(period, _NOTHING) for one in kwh), _NOTHING) for period in periods]

"""The second path of a period with changes inside: day by day, and in integers.

Like `recompute` it shares no rule with `proration`: it asks of every day what holds on it, counts the days of each
answer, and shares energy and limits by fractions of days.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, groupby

from gridhall.billing.accounts.model import TariffLink, Term, TermKind
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.cycle import cycle_days
from gridhall.billing.tariffs.model import Cycle, TariffVersion
from gridhall.billing.tariffs.proration import Drawn
from gridhall.billing.tariffs.recompute import again, count
from gridhall.billing.tariffs.tiers import Tier
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen

_UNITS = [10**exponent for exponent in range(6, -1, -1)]
"""One kWh in millionths, a tenth of it, and so on."""

Run = tuple[TariffVersion, frozenset[TermKind], list[date]]
"""Days in a row on which the same holds."""


def recompute_period(
    *,
    tariffs: Sequence[TariffLink],
    terms: Collection[Term],
    days: Days,
    month: Month,
    used: Sequence[Drawn],
    used_before: Decimal,
) -> Fen:
    """Return what a period costs, found independently of `proration.price_period`, which takes the same arguments."""
    runs = _runs(days, tariffs, terms)
    first = runs[0][0].cycle
    reached: dict[Cycle, int] = {first: count(used_before)}
    kept = _shared(count(used_before), [len(run[2]) for run in runs], count(runs[0][0].quantity.step))
    ends = list(accumulate(len(run[2]) for run in runs))
    total = 0
    for number, (version, kinds, on) in enumerate(runs):
        energy = _energy(version, on, runs, used)
        monthly = version.cycle.every == "month"
        tiers, free, counted = _offer(version, kinds, terms, days.start, month.number)
        if monthly:
            parts = [_part(tier.upto_kwh, ends[number] - len(on), ends[number], len(days), version) for tier in tiers]
            tiers = [replace(tier, upto_kwh=part) for tier, part in zip(tiers, parts, strict=True)]
            before = kept[number] if version.cycle == first else 0
        else:
            before = reached.get(version.cycle, 0)
        free = _part(free, ends[number] - len(on), ends[number], len(days), version) or Decimal(0)
        total += again(version, tiers=tiers, month=month.number, used=energy, before=before, free=count(free))
        if counted:
            reached[version.cycle] = before + sum(energy.values())
    return Fen(total)


def _runs(days: Days, tariffs: Sequence[TariffLink], terms: Collection[Term]) -> list[Run]:
    rows: list[tuple[TariffVersion, frozenset[TermKind], date]] = []
    for day in days:
        (code,) = (one.code for one in tariffs if one.from_day <= day < (one.to_day or date.max))
        (version,) = (
            one for one in catalogue.tariff(code).versions if one.effective_from <= day < (one.effective_to or date.max)
        )
        holding = {term.kind for term in terms if term.from_day <= day < (term.to_day or date.max)}
        offered: set[TermKind] = set()
        offered |= {"large"} if version.large else set()
        offered |= {"heating_exempt"} if version.heating else set()
        offered |= {"subsidised"} if version.allowance else set()
        rows.append((version, frozenset(holding & offered), day))
    groups = (list(group) for _, group in groupby(rows, key=lambda row: (row[0].id, row[1])))
    return [(group[0][0], group[0][1], [day for _, _, day in group]) for group in groups]


def _energy(version: TariffVersion, on: Iterable[date], runs: Sequence[Run], used: Sequence[Drawn]) -> dict[str, int]:
    """Return the millionths of a kWh that belong to the run of these days."""
    wanted = set(on)
    found = dict.fromkeys(version.periods, 0)
    for drawn in used:
        touched = [run for run in runs if any(day in drawn.days for day in run[2])]
        lengths = [len([day for day in run[2] if day in drawn.days]) for run in touched]
        for period, kwh in drawn.kwh.items():
            parts = _shared(count(kwh), lengths, count(touched[0][0].quantity.step))
            for run, part in zip(touched, parts, strict=True):
                if wanted & set(run[2]):
                    found[period if period in found else version.periods[0]] += part
    return found


def _shared(whole: int, lengths: Sequence[int], step: int) -> list[int]:
    """Share by days: each its whole steps, then one more to those that are cut most; equal ones in order."""
    if whole % step:
        step = next(unit for unit in _UNITS if not whole % unit)
    ideal = [Fraction(whole * length, sum(lengths) * step) for length in lengths]
    parts = [int(one) for one in ideal]
    lost = sorted(range(len(ideal)), key=lambda one: (parts[one] - ideal[one], one))
    for one in lost[: whole // step - sum(parts)]:
        parts[one] += 1
    return [part * step for part in parts]


def _offer(
    version: TariffVersion, kinds: frozenset[TermKind], terms: Collection[Term], on: date, month: int
) -> tuple[list[Tier], Decimal | None, bool]:
    """Return the tiers of the whole cycle, what is free in a month, and whether the month counts to the tiers."""
    (tiers,) = (list(season.tiers) for season in version.seasons if month in season.months)
    resting: frozenset[int] = frozenset()
    if version.heating and "heating_exempt" in kinds:
        tiers, resting = list(version.heating.tiers), version.heating.months
    if version.large and "large" in kinds:
        times = len(_large_months(version.cycle, terms, on) - resting) if version.cycle.every == "year" else 1
        extra = version.large.extra_kwh * times
        tiers = [replace(one, upto_kwh=None if one.upto_kwh is None else one.upto_kwh + extra) for one in tiers]
    free = version.allowance.kwh if version.allowance and "subsidised" in kinds else None
    if month in resting:
        return [Tier(None, Decimal(0))], free, False
    return tiers, free, True


def _large_months(cycle: Cycle, terms: Collection[Term], on: date) -> set[int]:
    """Return the months of the cycle, by the month in which each begins, that have a day of a large household."""
    found: set[int] = set()
    for day in cycle_days(cycle, on=on):
        if any(term.kind == "large" and term.from_day <= day < (term.to_day or date.max) for term in terms):
            found.add(day.month if day.day >= cycle.day else (day.month - 2) % 12 + 1)
    return found


def _part(whole: Decimal | None, start: int, end: int, days: int, version: TariffVersion) -> Decimal | None:
    """Return what the days `start` to `end` of `days` have of a limit, in the steps of the tariff, rounded half-up."""
    if whole is None or end - start == days:
        return whole
    step = version.quantity.step
    upto, since = (int(Fraction(whole) * day / days / Fraction(step) + Fraction(1, 2)) for day in (end, start))
    return (upto - since) * step

"""A billing period in which tariff, tariff version or household may change: priced by day. Pure.

The rule stands in docs/tariffs.md. `price_period` is the first path, `recompute_period` finds the same by another.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from gridhall.billing.accounts.model import TariffLink, Term, holds_on
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.apportion import between, by_days
from gridhall.billing.tariffs.engine import Line, PeriodsDifferError, charge
from gridhall.billing.tariffs.households import Kinds, counts, free_of, kinds_on, tiers_of
from gridhall.billing.tariffs.model import Cycle, TariffVersion
from gridhall.billing.tariffs.tiers import Tier
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen

SINGLE_PERIOD = "total"
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Billed kWh a period of use between two register reads: of the whole billing period, or of days of it.

    Where registers were read on a day of change there is one before and one after it. Several points, or meters
    that took each other's place, each have their own.
    """

    days: Days
    kwh: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Piece:
    """Days of a period on which nothing changes, and what they cost.

    kinds: what the household is, as far as the version offers anything for it. used_before: kWh of the tier cycle
    before these days. tiers: those it was priced by; where the cycle is a month, the share of these days.
    free_kwh: how much of it may be free. counted: whether it counts to the tiers of the cycle.
    """

    days: Days
    version: TariffVersion
    kinds: Kinds
    kwh: Mapping[str, Decimal]
    used_before: Decimal
    tiers: tuple[Tier, ...]
    free_kwh: Decimal
    counted: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class PeriodQuote:
    """The energy charge of a billing period. pieces: in order of their days; nearly always there is one.

    kwh: all that was drawn. counted_kwh: that part of it that counts to the tiers of the cycle, which is what later
    periods have before them.
    """

    pieces: tuple[Piece, ...]
    lines: tuple[Line, ...]
    kwh: Decimal
    counted_kwh: Decimal
    total: Fen


@dataclass(frozen=True, slots=True)
class Stay:
    """Days on which an account is billed by one version, its household being of the same kinds."""

    days: Days
    version: TariffVersion
    kinds: Kinds


def price_period(
    *,
    tariffs: Sequence[TariffLink],
    terms: Collection[Term],
    days: Days,
    month: Month,
    used: Sequence[Drawn],
    used_before: Decimal,
) -> PeriodQuote:
    """Price the energy drawn in `days`, the period labelled `month`, whose prices and season are those of `month`.

    tariffs, terms: of the account. used_before: kWh that count to the tiers of the cycle of the first day.
    Raises NoTariffError where a day has none or two, NoVersionInForceError, UnknownTariffError, PeriodsDifferError
    where energy is not told apart by the periods of the tariff of its days, and NegativeConsumptionError.
    """
    found = stays(tariffs=tariffs, terms=terms, days=days)
    shares = _shared(found, used)
    carried = by_days(used_before, days=[len(stay.days) for stay in found], step=found[0].version.quantity.step)
    before: dict[Cycle, Decimal] = {found[0].version.cycle: used_before}
    pieces: list[Piece] = []
    for number, stay in enumerate(found):
        cycle = stay.version.cycle
        counted = before.get(cycle, _NOTHING)
        if cycle.every == "month":
            counted = carried[number] if cycle == found[0].version.cycle else _NOTHING
        piece = _piece(stay, period=days, terms=terms, month=month.number, kwh=shares[number], used_before=counted)
        if piece.counted:
            before[cycle] = counted + sum(piece.kwh.values(), _NOTHING)
        pieces.append(piece)
    lines = tuple(line for piece in pieces for line in piece.lines)
    return PeriodQuote(
        pieces=tuple(pieces),
        lines=lines,
        kwh=sum((kwh for piece in pieces for kwh in piece.kwh.values()), _NOTHING),
        counted_kwh=sum((kwh for piece in pieces if piece.counted for kwh in piece.kwh.values()), _NOTHING),
        total=Fen(sum(line.amount for line in lines)),
    )


def stays(*, tariffs: Sequence[TariffLink], terms: Collection[Term], days: Days) -> tuple[Stay, ...]:
    """Cut `days` where the tariff, its version, or the household changes. Raises as `price_period` does."""
    changes = [day for link in tariffs for day in (link.from_day, link.to_day)]
    changes += [day for term in terms for day in (term.from_day, term.to_day)]
    changes += [one.effective_from for link in tariffs for one in catalogue.tariff(link.code).versions]
    borders = {days.start, days.end, *(day for day in changes if day is not None and day in days)}
    found: list[Stay] = []
    for start, end in pairwise(sorted(borders)):
        version = catalogue.version(_link_on(tariffs, start).code, on=start)
        stay = Stay(Days(start, end), version, kinds_on(version, terms=terms, day=start))
        if found and (found[-1].version.id, found[-1].kinds) == (version.id, stay.kinds):
            stay = replace(stay, days=Days(found.pop().days.start, end))
        found.append(stay)
    return tuple(found)


def periods_to_read(*, tariffs: Sequence[TariffLink], days: Days) -> tuple[str, ...]:
    """Return the registers that a bill of `days` needs at both ends: of the tariffs by time of use, else the total."""
    versions = [stay.version for stay in stays(tariffs=tariffs, terms=(), days=days)]
    found = dict.fromkeys(period for one in versions for period in one.periods if period != SINGLE_PERIOD)
    return tuple(found) or (SINGLE_PERIOD,)


def _link_on(tariffs: Sequence[TariffLink], day: date) -> TariffLink:
    links = [one for one in tariffs if holds_on(one, day)]
    if len(links) != 1:
        raise NoTariffError(day, found=len(links))
    return links[0]


def _shared(found: Sequence[Stay], used: Sequence[Drawn]) -> list[dict[str, Decimal]]:
    """Return the kWh a period of each stay."""
    shares = [dict.fromkeys(stay.version.periods, _NOTHING) for stay in found]
    for drawn in used:
        touched = [(number, _overlap(stay.days, drawn.days)) for number, stay in enumerate(found)]
        touched = [(number, count) for number, count in touched if count]
        if sum(count for _, count in touched) != len(drawn.days) or not touched:
            raise DrawnOutsideError(drawn.days)
        for period, kwh in drawn.kwh.items():
            step = found[touched[0][0]].version.quantity.step
            parts = by_days(kwh, days=[count for _, count in touched], step=step)
            for (number, _), part in zip(touched, parts, strict=True):
                version = found[number].version
                _check_periods(version, drawn.kwh)
                shares[number][SINGLE_PERIOD if version.periods == (SINGLE_PERIOD,) else period] += part
    return shares


def _check_periods(version: TariffVersion, given: Mapping[str, Decimal]) -> None:
    single = version.periods == (SINGLE_PERIOD,) and (SINGLE_PERIOD not in given or len(given) == 1)
    if not single and given.keys() != set(version.periods):
        raise PeriodsDifferError(version, given=given)


def _overlap(one: Days, other: Days) -> int:
    return max(0, (min(one.end, other.end) - max(one.start, other.start)).days)


def _piece(
    stay: Stay,
    *,
    period: Days,
    terms: Collection[Term],
    month: int,
    kwh: Mapping[str, Decimal],
    used_before: Decimal,
) -> Piece:
    version, step = stay.version, stay.version.quantity.step
    start, end = ((day - period.start).days for day in (stay.days.start, stay.days.end))

    def share(whole: Decimal) -> Decimal:
        return between(whole, start=start, end=end, days=len(period), step=step)

    tiers = tiers_of(version, kinds=stay.kinds, terms=terms, day=period.start, month=month)
    if version.cycle.every == "month":
        tiers = tuple(replace(one, upto_kwh=None if one.upto_kwh is None else share(one.upto_kwh)) for one in tiers)
    free = share(free_of(version, stay.kinds))
    lines = charge(version, month=month, used=kwh, used_before=used_before, tiers=tiers, free_kwh=free)
    return Piece(
        days=stay.days,
        version=version,
        kinds=stay.kinds,
        kwh=kwh,
        used_before=used_before,
        tiers=tiers,
        free_kwh=free,
        counted=counts(version, kinds=stay.kinds, month=month),
        lines=tuple(replace(line, version=version.id, days=stay.days) for line in lines),
    )


class NoTariffError(LookupError):
    """A day of the period has no tariff, or more than one."""

    def __init__(self, day: date, *, found: int) -> None:
        super().__init__(f"tariffs: {day} has {found} of them; every day of a billing period must have one")


class DrawnOutsideError(ValueError):
    """Energy of days that are not in the billing period."""

    def __init__(self, days: Days) -> None:
        super().__init__(f"used: {days.start} to {days.end} must be at least a day, all within the billing period")

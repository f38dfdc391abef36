"""Days ahead, cut where prices or tiers may change: at the beginning of a month and of a tier cycle. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gridhall.billing.accounts.model import Term
from gridhall.billing.tariffs.cycle import cycle_days
from gridhall.billing.tariffs.engine import charge
from gridhall.billing.tariffs.households import Kinds, counts, free_of, kinds_on, tiers_of
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.tiers import Tier
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of one month and one tier cycle. fresh: whether a cycle begins with it, whose tiers count from zero."""

    days: Days
    fresh: bool

    @property
    def month(self) -> Month:
        """The month of its prices."""
        return Month.of(self.days.start)


def stretches(version: TariffVersion, *, days: Days) -> tuple[Stretch, ...]:
    """Cut `days`, none of which may be before the beginning of its cycle, into stretches; the first is never fresh."""
    found: list[Stretch] = []
    start = days.start
    while start < days.end:
        end = min(days.end, Month.of(start).shift(1).first, cycle_days(version.cycle, on=start).end)
        found.append(Stretch(Days(start, end), fresh=bool(found) and _begins(version, start)))
        start = end
    return tuple(found)


def priced(
    version: TariffVersion,
    *,
    ahead: Sequence[Stretch],
    used: Mapping[str, Decimal],
    used_before: Decimal,
    terms: Collection[Term] = (),
) -> Fen:
    """Return what `used` kWh a period cost, drawn evenly over the stretches.

    used_before: kWh that came before them in the cycle of the first. terms: of the household; what is free of a month
    is shared by days.
    """
    total = 0
    for part in _parts(version, ahead=ahead, used=used, used_before=used_before, terms=terms):
        days, month = part.stretch.days, part.stretch.month
        lines = charge(
            version,
            month=month.number,
            used=part.used,
            used_before=part.used_before,
            tiers=part.tiers,
            free_kwh=free_of(version, part.kinds) * len(days) / len(month.days),
        )
        total += sum(line.amount for line in lines)
    return Fen(total)


def crosses(
    version: TariffVersion,
    *,
    ahead: Sequence[Stretch],
    used: Mapping[str, Decimal],
    used_before: Decimal,
    terms: Collection[Term] = (),
) -> bool:
    """Tell whether `used` kWh a period, drawn evenly, leave a tier in any of the stretches; arguments as `priced`."""
    return any(
        tier.upto_kwh is not None and part.used_before < tier.upto_kwh < part.used_before + part.kwh
        for part in _parts(version, ahead=ahead, used=used, used_before=used_before, terms=terms)
        for tier in part.tiers
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """What is drawn in a stretch, what came before it in its cycle, and what the tariff says to the household."""

    stretch: Stretch
    used: Mapping[str, Decimal]
    used_before: Decimal
    kinds: Kinds
    tiers: tuple[Tier, ...]

    @property
    def kwh(self) -> Decimal:
        return sum(self.used.values(), Decimal(0))


def _parts(
    version: TariffVersion,
    *,
    ahead: Sequence[Stretch],
    used: Mapping[str, Decimal],
    used_before: Decimal,
    terms: Collection[Term],
) -> Iterator[_Part]:
    count = sum(len(one.days) for one in ahead)
    before = used_before
    for one in ahead:
        before = Decimal(0) if one.fresh else before
        month, start = one.month.number, one.days.start
        kinds = kinds_on(version, terms=terms, day=start)
        part = _Part(
            stretch=one,
            used={period: kwh * len(one.days) / count for period, kwh in used.items()},
            used_before=before,
            kinds=kinds,
            tiers=tiers_of(version, kinds=kinds, terms=terms, day=start, month=month),
        )
        yield part
        before += part.kwh if counts(version, kinds=kinds, month=month) else 0


def _begins(version: TariffVersion, day: date) -> bool:
    return cycle_days(version.cycle, on=day).start == day

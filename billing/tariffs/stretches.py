"""Days ahead, cut where prices or tiers may change: at the beginning of a month and of a tier cycle. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gridhall.billing.accounts.model import Term
from gridhall.billing.tariffs.cycle import cycle_days
from gridhall.billing.tariffs.engine import charge
from gridhall.billing.tariffs.households import counts, free_of, kinds_on, tiers_of
from gridhall.billing.tariffs.model import TariffVersion
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
    count = sum(len(one.days) for one in ahead)
    total, before = 0, used_before
    for one in ahead:
        part = {period: kwh * len(one.days) / count for period, kwh in used.items()}
        before = Decimal(0) if one.fresh else before
        month, start = one.month.number, one.days.start
        kinds = kinds_on(version, terms=terms, day=start)
        lines = charge(
            version,
            month=month,
            used=part,
            used_before=before,
            tiers=tiers_of(version, kinds=kinds, terms=terms, day=start, month=month),
            free_kwh=free_of(version, kinds) * len(one.days) / len(one.month.days),
        )
        total += sum(line.amount for line in lines)
        before += sum(part.values(), Decimal(0)) if counts(version, kinds=kinds, month=month) else 0
    return Fen(total)


def _begins(version: TariffVersion, day: date) -> bool:
    return cycle_days(version.cycle, on=day).start == day

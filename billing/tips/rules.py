"""The rules of advice: pure, one idea each; every saving is a difference of two quotes of the billing engine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from gridhall.billing.accounts.model import Term
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.stretches import Stretch, crosses, priced
from gridhall.billing.tips.model import Habits, Tip, TipKind
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen

DAYS_AHEAD: Final = 30
SHIFTED_SHARE: Final = Decimal("0.2")
"""Of what a household uses at peak beyond its base load, a fifth: washing, dishes, hot water, charging."""

SPARED_SHARE: Final = Decimal("0.1")
"""A tenth less keeps many homes from the next tier."""

CUT_BASE_SHARE: Final = Decimal("0.25")
HIGH_BASE_SHARE: Final = Decimal("0.45")
HIGH_BASE_KW: Final = Decimal("0.1")
"""A base load that makes up more than this of all energy, and is more than a fridge and a router draw, is worth a
look: an old freezer, stand-by, a pump. Of 622 real homes one in twelve has both (docs/load.md)."""

LEAST_SAVING: Final = Fen(100)
"""Nobody is told of less than a yuan a month."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """A household's next 30 days by its habits, priced by its tariff, from a point in its tiers.

    stretches: the 30 days, cut where a month or a tier cycle begins; used_before: kWh of the first one's cycle.
    terms: of the household.
    """

    habits: Habits
    version: TariffVersion
    stretches: tuple[Stretch, ...]
    used_before: Decimal
    terms: tuple[Term, ...] = ()

    @property
    def month(self) -> Month:
        """The month in which it begins."""
        return self.stretches[0].month

    @property
    def ahead(self) -> dict[str, Decimal]:
        """The kWh a period of the next 30 days, if the household goes on as before."""
        return self.scaled(self.habits.by_period)

    def scaled(self, kwh: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Return kWh of the observed days for 30 days, in whole kWh, for the tariff's periods."""
        found = {period: kwh.get(period, Decimal(0)) for period in self.version.periods}
        if self.version.periods == ("total",):
            found = {"total": sum(kwh.values(), Decimal(0))}
        return {period: round(value * DAYS_AHEAD / self.habits.days, 0) for period, value in found.items()}

    def saving(self, after: Mapping[str, Decimal]) -> Fen:
        """Return by how much `after` is cheaper than going on as before, in fen."""
        return Fen(self._total(self.ahead) - self._total(after))

    def _total(self, used: Mapping[str, Decimal]) -> Fen:
        return priced(self.version, ahead=self.stretches, used=used, used_before=self.used_before, terms=self.terms)

    def crosses(self) -> bool:
        """Tell whether going on as before leaves a tier."""
        return crosses(
            self.version, ahead=self.stretches, used=self.ahead, used_before=self.used_before, terms=self.terms
        )


Rule = Callable[[Outlook], Tip | None]


def best(outlook: Outlook) -> Tip | None:
    """Return the advice that saves most, or None where none saves a yuan in 30 days."""
    tips = [tip for rule in RULES if (tip := rule(outlook)) is not None and tip.saving >= LEAST_SAVING]
    return max(tips, key=lambda tip: tip.saving, default=None)


def shift_to_valley(outlook: Outlook) -> Tip | None:
    """Move a fifth of what is used at peak, beyond the base load, to the cheapest period."""
    price = {period: outlook.version.price(period, month=outlook.month.number) for period in outlook.version.periods}
    dear, cheap = max(price, key=lambda one: price[one]), min(price, key=lambda one: price[one])
    if price[dear] == price[cheap]:
        return None
    ahead, base = outlook.ahead, outlook.scaled(outlook.habits.base_by_period)
    moved = round(max(Decimal(0), ahead[dear] - base[dear]) * SHIFTED_SHARE, 0)
    after = {**ahead, dear: ahead[dear] - moved, cheap: ahead[cheap] + moved}
    return _tip(outlook, TipKind.SHIFT_TO_VALLEY, kwh=moved, after=after)


def tier_ahead(outlook: Outlook) -> Tip | None:
    """Use a tenth less where the next 30 days would cross into a dearer tier."""
    if not outlook.crosses():
        return None
    ahead = outlook.ahead
    after = {period: round(kwh * (1 - SPARED_SHARE), 0) for period, kwh in ahead.items()}
    spared = sum(ahead.values(), Decimal(0)) - sum(after.values(), Decimal(0))
    return _tip(outlook, TipKind.TIER_AHEAD, kwh=spared, after=after)


def base_load(outlook: Outlook) -> Tip | None:
    """Cut a quarter of a base load that makes up a large part of all energy."""
    ahead, base = outlook.ahead, outlook.scaled(outlook.habits.base_by_period)
    low = sum(base.values(), Decimal(0)) <= HIGH_BASE_SHARE * sum(ahead.values(), Decimal(0))
    if low or outlook.habits.base_kw < HIGH_BASE_KW:
        return None
    after = {period: max(Decimal(0), ahead[period] - round(base[period] * CUT_BASE_SHARE, 0)) for period in ahead}
    spared = sum(ahead.values(), Decimal(0)) - sum(after.values(), Decimal(0))
    return _tip(outlook, TipKind.BASE_LOAD, kwh=spared, after=after)


RULES: Sequence[Rule] = (shift_to_valley, tier_ahead, base_load)


def _tip(outlook: Outlook, kind: TipKind, *, kwh: Decimal, after: Mapping[str, Decimal]) -> Tip | None:
    if not kwh:
        return None
    return Tip(
        kind=kind,
        kwh=kwh,
        saving=outlook.saving(after),
        before=outlook.ahead,
        after=after,
        stretches=outlook.stretches,
        used_before=outlook.used_before,
        terms=outlook.terms,
        base_watts=int(outlook.habits.base_kw * 1000),
    )

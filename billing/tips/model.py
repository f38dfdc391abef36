"""Energy tips: what a household could change, by its own curve, and what that would save by its own tariff."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from gridhall.billing.accounts.model import Term
from gridhall.billing.tariffs.stretches import Stretch
from gridhall.kit.money import Fen


class TipKind(StrEnum):
    """What a tip is about."""

    SHIFT_TO_VALLEY = "shift_to_valley"
    TIER_AHEAD = "tier_ahead"
    BASE_LOAD = "base_load"


@dataclass(frozen=True, slots=True)
class Habits:
    """What the whole days of a curve tell.

    by_period: kWh a period over those days. base_kw: the power that is drawn even when everybody sleeps.
    base_by_period: the kWh of that power in each period. days: how many days the curve has.
    """

    first: date
    days: int
    by_period: Mapping[str, Decimal]
    base_kw: Decimal
    base_by_period: Mapping[str, Decimal]

    @property
    def kwh(self) -> Decimal:
        """The energy of all days."""
        return sum(self.by_period.values(), Decimal(0))


@dataclass(frozen=True, slots=True)
class Tip:
    """One piece of advice. kwh: the energy it is about in 30 days. saving: fen in 30 days, by the billing engine.

    before, after: kWh a period in 30 days, today and with the advice taken, which `stretches` spread over months and
    cycles; used_before: kWh of the first one's cycle until then; terms: of the household. So whoever doubts the saving
    can compute it again.
    """

    kind: TipKind
    kwh: Decimal
    saving: Fen
    before: Mapping[str, Decimal]
    after: Mapping[str, Decimal]
    stretches: tuple[Stretch, ...]
    used_before: Decimal
    terms: tuple[Term, ...]
    base_watts: int

"""A tip for this household, from its own curve."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from gridhall.kit.money import Fen, yuan
from gridhall.kit.words import LANGUAGES
from gridhall.notifications.catalogue.registry import Category, Urgency, Way, notification


@notification(
    "energy_tip",
    category=Category.TIPS,
    urgency=Urgency.ROUTINE,
    ways=(Way.INBOX,),
    chain=(Way.WECHAT, Way.MAIL),
    facts=("account", "spared", "saving", "base"),
)
@dataclass(frozen=True, slots=True)
class EnergyTip:
    """What to change, and what it saves in 30 days by this household's tariff.

    variant: which advice it is. kwh: the energy it is about. saving: fen. base_watts: what is drawn at night.
    """

    variants: ClassVar[tuple[str, ...]] = ("shift_to_valley", "tier_ahead", "base_load")

    variant: str
    account: str
    kwh: str
    saving: int
    base_watts: int

    def params(self, language: str) -> Mapping[str, str]:
        """Return what fills the words."""
        saving = yuan(Fen(self.saving))
        return {
            "account": self.account,
            "kwh": f"{self.kwh} kWh",
            "spared": f"{self.kwh} kWh",
            "saving": f"{saving:,}元" if language == LANGUAGES[0] else f"CNY {saving:,}",
            "base": f"{self.base_watts} W",
        }

    @classmethod
    def example(cls) -> "EnergyTip":
        """Return an example."""
        return cls("shift_to_valley", "330****001", "24", 672, 120)

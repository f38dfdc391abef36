"""The balance of an account that pays ahead has run low, or is used up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final
from uuid import UUID

from gridhall.kit.money import Fen, yuan
from gridhall.kit.words import LANGUAGES
from gridhall.notifications.catalogue.registry import Category, Urgency, Way, notification

LOW: Final = "low"
EMPTY: Final = "empty"


@notification(
    "balance_crossed",
    category=Category.BILLING,
    urgency=Urgency.ROUTINE,
    ways=(Way.INBOX,),
    chain=(Way.WECHAT, Way.SMS, Way.MAIL),
    facts=("account", "balance", "as_of"),
)
@dataclass(frozen=True, slots=True)
class BalanceCrossed:
    """What is left of the money paid ahead, by the readings up to a day; an estimate before the month's bill.

    variant: `low` or `empty`. balance, below: in fen; below: the threshold.
    """

    variants: ClassVar[tuple[str, ...]] = (LOW, EMPTY)

    variant: str
    account_id: UUID
    account: str
    balance: int
    below: int
    as_of: date | None

    def params(self, language: str) -> Mapping[str, str]:
        """Return what fills the words."""
        return {
            "account": self.account,
            "balance": _money(self.balance, language),
            "below": _money(self.below, language),
            "as_of": self.as_of.isoformat() if self.as_of else "–",
        }

    @classmethod
    def example(cls) -> "BalanceCrossed":
        """Return an example."""
        return cls(LOW, UUID(int=2), "330****001", 2620, 3000, date(2026, 11, 20))


def _money(fen: int, language: str) -> str:
    amount = yuan(Fen(fen))
    return f"{amount:,}元" if language == LANGUAGES[0] else f"CNY {amount:,}"

"""The formal notice that a supply may be cut because its balance is used up."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from gridhall.kit.money import Fen, yuan
from gridhall.kit.words import LANGUAGES
from gridhall.notifications.catalogue.registry import Category, Urgency, Way, notification


@notification(
    "balance_notice",
    category=Category.BILLING,
    urgency=Urgency.ROUTINE,
    ways=(Way.INBOX, Way.MAIL),
    chain=(Way.SMS,),
    facts=("account", "balance"),
)
@dataclass(frozen=True, slots=True)
class BalanceNotice:
    """停电通知书 of an account that pays ahead.

    Proof is kept that it arrived; so it goes out by every way that leaves one.
    balance: what is left, in fen. days: between its arrival and a cut.
    """

    account_id: UUID
    notice_id: UUID
    account: str
    balance: int
    days: int

    def params(self, language: str) -> Mapping[str, str]:
        """Return what fills the words."""
        amount = yuan(Fen(self.balance))
        balance = f"{amount:,}元" if language == LANGUAGES[0] else f"CNY {amount:,}"
        return {"account": self.account, "balance": balance, "days": str(self.days)}

    @classmethod
    def example(cls) -> "BalanceNotice":
        """Return an example."""
        return cls(UUID(int=2), UUID(int=3), "330****001", -1280, 7)

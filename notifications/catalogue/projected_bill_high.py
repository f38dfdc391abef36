"""A bill that is still running will likely be above what the customer set as a limit."""

from collections.abc import Mapping
from dataclasses import dataclass

from gridhall.kit.money import Fen, yuan
from gridhall.kit.words import LANGUAGES
from gridhall.notifications.catalogue.registry import Category, Urgency, Way, notification


@notification(
    "projected_bill_high",
    category=Category.BILLING,
    urgency=Urgency.ROUTINE,
    ways=(Way.INBOX,),
    chain=(Way.WECHAT, Way.MAIL),
    facts=("account", "month", "likely", "range", "limit"),
)
@dataclass(frozen=True, slots=True)
class ProjectedBillHigh:
    """What a month's bill will likely come to, and from what to what it may; fen. It costs no SMS: nothing is due."""

    account: str
    month: str
    likely: int
    low: int
    high: int
    limit: int

    def params(self, language: str) -> Mapping[str, str]:
        """Return what fills the words."""
        return {
            "account": self.account,
            "month": self.month,
            "likely": _money(self.likely, language),
            "limit": _money(self.limit, language),
            "range": f"{_money(self.low, language)} – {_money(self.high, language)}",
        }

    @classmethod
    def example(cls) -> "ProjectedBillHigh":
        """Return an example."""
        return cls("330****001", "2026-10", 21640, 19800, 23910, 20000)


def _money(fen: int, language: str) -> str:
    amount = yuan(Fen(fen))
    return f"{amount:,}元" if language == LANGUAGES[0] else f"CNY {amount:,}"

"""Money of a customer arrived."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gridhall.kit.money import Fen, yuan
from gridhall.notifications.catalogue.registry import Category, Urgency, Way, notification


@notification(
    "payment_received",
    category=Category.BILLING,
    urgency=Urgency.ROUTINE,
    ways=(Way.INBOX,),
    facts=("account", "amount", "paid_on", "owed"),
)
@dataclass(frozen=True, slots=True)
class PaymentReceived:
    """Money of a customer arrived, and what the account owes after it."""

    account: str
    amount: int
    paid_on: date
    owed: int

    def params(self, language: str) -> Mapping[str, str]:
        """Return what fills the words."""
        del language
        return {
            "account": self.account,
            "amount": f"¥{yuan(Fen(self.amount)):,}",
            "paid_on": self.paid_on.isoformat(),
            "owed": f"¥{yuan(Fen(self.owed)):,}",
        }

    @classmethod
    def example(cls) -> "PaymentReceived":
        """Return an example."""
        return cls("330******001", 10946, date(2026, 11, 3), 0)

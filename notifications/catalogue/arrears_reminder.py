"""A bill is due soon, or overdue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final
from uuid import UUID

from gridhall.kit.money import Fen, yuan
from gridhall.kit.words import LANGUAGES
from gridhall.notifications.catalogue.registry import Category, Urgency, Way, notification

SOON: Final = "soon"
OVERDUE: Final = "overdue"


@notification(
    "arrears_reminder",
    category=Category.BILLING,
    urgency=Urgency.ROUTINE,
    ways=(Way.INBOX,),
    chain=(Way.WECHAT, Way.SMS, Way.MAIL),
    facts=("account", "amount", "penalty", "bills", "due_on"),
)
@dataclass(frozen=True, slots=True)
class ArrearsReminder:
    """What an account owes, and since when it should have been paid. It threatens nothing.

    variant: `soon` before the due date and on it, `overdue` after it.
    amount: everything that is owed of bills, penalty: beside it, both in fen.
    bill_id: the bill whose step of the ladder this is. due_on: of the oldest of the `bills` that are owed.
    """

    variants: ClassVar[tuple[str, ...]] = (SOON, OVERDUE)

    variant: str
    account_id: UUID
    bill_id: UUID
    account: str
    amount: int
    bills: int
    due_on: date
    penalty: int = 0

    def params(self, language: str) -> Mapping[str, str]:
        """Return what fills the words; the carriers take no currency sign, so the unit is a word."""
        amount, penalty = (
            f"{yuan(Fen(fen)):,}元" if language == LANGUAGES[0] else f"CNY {yuan(Fen(fen)):,}"
            for fen in (self.amount, self.penalty)
        )
        return {
            "account": self.account,
            "amount": amount,
            "penalty": penalty,
            "bills": str(self.bills),
            "due_on": self.due_on.isoformat(),
        }

    @classmethod
    def example(cls) -> "ArrearsReminder":
        """Return an example."""
        return cls("overdue", UUID(int=2), UUID(int=1), "330****001", 10946, 1, date(2026, 11, 21))

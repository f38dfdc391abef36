"""The bill of a period is ready."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from gridhall.kit.money import Fen, yuan
from gridhall.notifications.catalogue.registry import Category, Urgency, Way, notification

SETTLED: Final = "settled"


@notification(
    "bill_issued",
    category=Category.BILLING,
    urgency=Urgency.ROUTINE,
    ways=(Way.INBOX, Way.MAIL),
    facts=("account", "month", "kwh", "total", "to_pay", "due_on"),
)
@dataclass(frozen=True, slots=True)
class BillIssued:
    """The bill of a period is ready.

    account: the account number as it may be shown. month: label of the period, `2026-10`. kwh: billed energy.
    total: of the bill, in fen; to_pay: what is left of it after money that was paid ahead.
    """

    bill_id: UUID
    account: str
    month: str
    kwh: str
    total: int
    to_pay: int
    due_on: date

    @property
    def variant(self) -> str | None:
        """`settled` where nothing is left to pay."""
        return None if self.to_pay > 0 else SETTLED

    def params(self, language: str) -> Mapping[str, str]:
        """Return what fills the words."""
        del language
        return {
            "account": self.account,
            "month": self.month,
            "kwh": f"{self.kwh} kWh",
            "total": f"¥{yuan(Fen(self.total)):,}",
            "to_pay": f"¥{yuan(Fen(self.to_pay)):,}",
            "due_on": self.due_on.isoformat(),
        }

    @classmethod
    def example(cls) -> "BillIssued":
        """Return an example."""
        return cls(UUID(int=1), "330******001", "2026-10", "217", 10946, 10946, date(2026, 11, 21))

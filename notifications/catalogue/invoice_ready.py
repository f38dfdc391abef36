"""A digital invoice was issued, or reversed because its bill was taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import UUID

from gridhall.kit.money import Fen, yuan
from gridhall.kit.words import LANGUAGES
from gridhall.notifications.catalogue.registry import Category, Urgency, Way, notification

ISSUED: Final = "issued"
REVERSED: Final = "reversed"


@notification(
    "invoice_ready",
    category=Category.BILLING,
    urgency=Urgency.ROUTINE,
    ways=(Way.INBOX, Way.MAIL),
    facts=("account", "month", "total", "invoice"),
)
@dataclass(frozen=True, slots=True)
class InvoiceReady:
    """What became of an invoice. variant: `issued` or `reversed`. total: in fen. invoice: its number, or the red one's.

    Whoever had an invoice reversed is offered a new one, of the bill that came in the place of the first.
    """

    variants: ClassVar[tuple[str, ...]] = (ISSUED, REVERSED)

    variant: str
    invoice_id: UUID
    account: str
    month: str
    total: int
    invoice: str

    def params(self, language: str) -> Mapping[str, str]:
        """Return what fills the words."""
        amount = yuan(Fen(self.total))
        total = f"{amount:,}元" if language == LANGUAGES[0] else f"CNY {amount:,}"
        return {"account": self.account, "month": self.month, "total": total, "invoice": self.invoice}

    @classmethod
    def example(cls) -> "InvoiceReady":
        """Return an example."""
        return cls(ISSUED, UUID(int=4), "330****001", "2026-10", 10946, "26000000000000000001")

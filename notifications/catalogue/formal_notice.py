"""Formal notices on unpaid bills: to pay, that the supply may be cut, and the last call right before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import ClassVar, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from gridhall.kit.money import Fen, yuan
from gridhall.kit.words import LANGUAGES
from gridhall.notifications.catalogue.registry import Category, Urgency, Way, notification

PAYMENT: Final = "payment"
DISCONNECTION: Final = "disconnection"


@notification(
    "formal_notice",
    category=Category.BILLING,
    urgency=Urgency.ROUTINE,
    ways=(Way.INBOX, Way.MAIL),
    chain=(Way.SMS,),
    facts=("account", "owed", "penalty", "bills", "due_on"),
)
@dataclass(frozen=True, slots=True)
class FormalNotice:
    """A notice of which proof is kept that it arrived; so it goes out by every way that leaves one.

    variant: `payment` (催交电费通知单) or `disconnection` (停电通知书). owed: of the bills, penalty:
    beside them, in fen. days: between its arrival and a cut. due_on: of the oldest bill.
    """

    variants: ClassVar[tuple[str, ...]] = (PAYMENT, DISCONNECTION)

    variant: str
    account_id: UUID
    notice_id: UUID
    account: str
    owed: int
    penalty: int
    bills: int
    due_on: date
    days: int

    def params(self, language: str) -> Mapping[str, str]:
        """Return what fills the words."""
        return {
            "account": self.account,
            "owed": _money(self.owed, language),
            "penalty": _money(self.penalty, language),
            "bills": str(self.bills),
            "due_on": self.due_on.isoformat(),
            "days": str(self.days),
        }

    @classmethod
    def example(cls) -> "FormalNotice":
        """Return an example."""
        return cls(DISCONNECTION, UUID(int=2), UUID(int=3), "330****001", 10946, 328, 1, date(2026, 9, 21), 7)


@notification(
    "cut_ahead",
    category=Category.BILLING,
    urgency=Urgency.URGENT,
    ways=(Way.INBOX, Way.SMS),
    facts=("account", "owed", "cut_at"),
)
@dataclass(frozen=True, slots=True)
class CutAhead:
    """The last call: the supply is to be cut at an hour of today unless it is paid until then.

    call_at: not sent before. cut_at: not cut before. zone: in which the hour is written.
    """

    account_id: UUID
    account: str
    owed: int
    call_at: datetime
    cut_at: datetime
    zone: str

    def params(self, language: str) -> Mapping[str, str]:
        """Return what fills the words."""
        at = self.cut_at.astimezone(ZoneInfo(self.zone))
        return {"account": self.account, "owed": _money(self.owed, language), "cut_at": f"{at:%Y-%m-%d %H:%M}"}

    @classmethod
    def example(cls) -> "CutAhead":
        """Return an example."""
        at = datetime(2026, 10, 27, 3, tzinfo=UTC)
        return cls(UUID(int=2), "330****001", 10946, at.replace(hour=2), at, "Asia/Shanghai")


def _money(fen: int, language: str) -> str:
    amount = yuan(Fen(fen))
    return f"{amount:,}元" if language == LANGUAGES[0] else f"CNY {amount:,}"

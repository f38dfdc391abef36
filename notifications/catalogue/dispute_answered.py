"""An objection to a bill was answered: the bill was wrong, or it was right."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import UUID

from gridhall.notifications.catalogue.registry import Category, Urgency, Way, notification

UPHELD: Final = "upheld"
REFUSED: Final = "refused"


@notification(
    "dispute_answered",
    category=Category.BILLING,
    urgency=Urgency.ROUTINE,
    ways=(Way.INBOX,),
    chain=(Way.WECHAT, Way.MAIL),
    facts=("account", "month"),
)
@dataclass(frozen=True, slots=True)
class DisputeAnswered:
    """The answer to an objection. variant: `upheld` or `refused`. answer: in the words of whoever answered."""

    variants: ClassVar[tuple[str, ...]] = (UPHELD, REFUSED)

    variant: str
    bill_id: UUID
    account: str
    month: str
    answer: str

    def params(self, language: str) -> Mapping[str, str]:
        """Return what fills the words."""
        del language
        return {"account": self.account, "month": self.month, "answer": self.answer}

    @classmethod
    def example(cls) -> "DisputeAnswered":
        """Return an example."""
        return cls(UPHELD, UUID(int=5), "330****001", "2026-10", "已到现场核对电能表，10 月止示数抄录有误。")

"""A refund is over: the money has gone back, or it did not and is on the account again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from gridhall.kit.money import Fen, yuan
from gridhall.notifications.catalogue.registry import Category, Urgency, Way, notification

DONE: Final = "done"
FAILED: Final = "failed"
REFUSED: Final = "refused"


@notification(
    "refund_over",
    category=Category.BILLING,
    urgency=Urgency.ROUTINE,
    ways=(Way.INBOX,),
    chain=(Way.WECHAT, Way.MAIL),
    facts=("account", "amount", "number"),
)
@dataclass(frozen=True, slots=True)
class RefundOver:
    """A refund of an account is over. variant: `done`, `failed` or `refused`. amount: in fen. number: of the refund."""

    variants: ClassVar[tuple[str, ...]] = (DONE, FAILED, REFUSED)

    variant: str
    account: str
    amount: int
    number: str

    def params(self, language: str) -> Mapping[str, str]:
        """Return what fills the words."""
        del language
        return {"account": self.account, "amount": f"¥{yuan(Fen(self.amount)):,}", "number": self.number}

    @classmethod
    def example(cls) -> "RefundOver":
        """Return an example."""
        return cls(DONE, "330******001", 10000, "8f2c0a51")

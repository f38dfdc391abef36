"""A bank did not collect what an account owes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from gridhall.kit.money import Fen, yuan
from gridhall.notifications.catalogue.registry import Category, Urgency, Way, notification

AGAIN: Final = "again"
LAST: Final = "last"
ENDED: Final = "ended"


@notification(
    "collection_failed",
    category=Category.BILLING,
    urgency=Urgency.ROUTINE,
    ways=(Way.INBOX,),
    chain=(Way.WECHAT, Way.MAIL),
    facts=("account", "amount"),
)
@dataclass(frozen=True, slots=True)
class CollectionFailed:
    """A collection failed. amount: in fen.

    variant: `again` where it is tried again this month, `last` where it was the last try of the month, `ended` where
    the mandate ended with it.
    """

    variants: ClassVar[tuple[str, ...]] = (AGAIN, LAST, ENDED)

    variant: str
    account: str
    amount: int

    def params(self, language: str) -> Mapping[str, str]:
        """Return what fills the words."""
        del language
        return {"account": self.account, "amount": f"¥{yuan(Fen(self.amount)):,}"}

    @classmethod
    def example(cls) -> "CollectionFailed":
        """Return an example."""
        return cls(AGAIN, "330******001", 10946)

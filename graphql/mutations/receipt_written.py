"""What comes of asking for a receipt, or for one to be taken back."""

from datetime import datetime
from typing import Annotated

import strawberry

from gridhall.billing.accounts.model import Account
from gridhall.billing.counter import model
from gridhall.billing.counter.slip import slip
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.refused import Refused
from gridhall.graphql.types.money import Money


@strawberry.type(description="A receipt, with the text to print.")
class Receipt:
    """A receipt, with the text to print."""

    number: str
    amount: Money
    to_bills: Money
    to_penalties: Money
    to_prepaid: Money
    taken_at: datetime
    state: model.ReceiptState
    text: str = strawberry.field(description="As it is printed, in the caller's language; the account is masked.")

    @classmethod
    def of(cls, receipt: model.Receipt, *, account: Account, info: Info) -> "Receipt":
        """Present a receipt to a cashier."""
        hall, language = info.context.hall, info.context.language
        text = slip(receipt=receipt, account=account, words=hall.words, language=language, zone=hall.settings.time_zone)
        return cls(
            number=receipt.number,
            amount=Money(fen=receipt.amount),
            to_bills=Money(fen=receipt.to_bills),
            to_penalties=Money(fen=receipt.to_penalties),
            to_prepaid=Money(fen=receipt.to_prepaid),
            taken_at=receipt.taken_at,
            state=receipt.state,
            text=text,
        )


@strawberry.type(description="The receipt as it is now.")
class ReceiptWritten:
    """The receipt as it is now."""

    receipt: Receipt


ReceiptResult = Annotated[ReceiptWritten | Refused, strawberry.union("ReceiptResult", description="What came of it.")]

"""Credit notes as the desk sees them: with who prepared and approved them, and why."""

from datetime import datetime

import strawberry
from strawberry import relay

from gridhall.billing.credits import model
from gridhall.graphql.types.money import Money


@strawberry.type(description="What took an issued bill back, as the desk sees it.")
class DeskCreditNote:
    """A credit note as the desk sees it."""

    number: str
    cause: model.Cause
    reason: str
    bill_number: str
    amount: Money
    to_prepaid: Money = strawberry.field(description="What had been paid of the bill.")
    prepared_by: str = strawberry.field(description="A person's name, or `bill-run`.")
    approved_by: str = strawberry.field(description="A person's name, or `rule` where one person was enough.")
    issued_at: datetime
    replaced_by: relay.GlobalID | None = strawberry.field(description="The bill in its place.")

    @classmethod
    def of(cls, note: model.CreditNote) -> "DeskCreditNote":
        """Present a credit note to an agent who may see its bill."""
        return cls(
            number=note.number,
            cause=note.cause,
            reason=note.reason,
            bill_number=note.bill_number,
            amount=Money(fen=note.amount),
            to_prepaid=Money(fen=note.to_prepaid),
            prepared_by=note.prepared_by,
            approved_by=note.approved_by,
            issued_at=note.issued_at,
            replaced_by=relay.GlobalID("DeskBill", str(note.replaced_by)) if note.replaced_by else None,
        )

"""Credit notes: what took an issued bill back."""

from datetime import datetime

import strawberry
from strawberry import relay

from gridhall.billing.credits import model
from gridhall.graphql.types.money import Money

strawberry.enum(model.Cause, name="CreditCause", description="Why a bill was taken back.")


@strawberry.type(description="What took an issued bill back (冲红). The bill itself is never changed.")
class CreditNote:
    """What took an issued bill back."""

    number: str
    cause: model.Cause
    amount: Money = strawberry.field(description="The whole of the bill.")
    to_prepaid: Money = strawberry.field(description="What had been paid of it: prepaid balance, to pay the new bill.")
    issued_at: datetime
    replaced_by: relay.GlobalID | None = strawberry.field(description="The bill in its place.")

    @classmethod
    def of(cls, note: model.CreditNote) -> "CreditNote":
        """Present a credit note to somebody who may see its bill."""
        return cls(
            number=note.number,
            cause=note.cause,
            amount=Money(fen=note.amount),
            to_prepaid=Money(fen=note.to_prepaid),
            issued_at=note.issued_at,
            replaced_by=relay.GlobalID("Bill", str(note.replaced_by)) if note.replaced_by else None,
        )

"""The delivery ledger of a customer, as an agent sees it: what was sent by which way, not what it said."""

from datetime import datetime

import strawberry
from strawberry import relay

from gridhall.graphql.types.desk.node import DeskNode
from gridhall.notifications.catalogue import Way
from gridhall.notifications.ledger.model import DeliveryRecord, DeliveryState

strawberry.enum(Way, description="A way to a customer.")
strawberry.enum(DeliveryState, description="Where a delivery stands.")


@strawberry.type(description="One delivery of a message to the customer.")
class Message(DeskNode):
    """One delivery of a message."""

    id: relay.NodeID[str]
    kind: str
    way: Way
    state: DeliveryState
    at: datetime = strawberry.field(description="When what it tells happened.")
    ended_at: datetime | None = strawberry.field(description="When it was sent or given up.")
    reason: str | None = strawberry.field(description="Why it was not sent, as a code.")
    attempts: int

    @classmethod
    def of(cls, record: DeliveryRecord) -> "Message":
        """Present a delivery."""
        return cls(
            id=str(record.id),
            kind=record.kind,
            way=record.way,
            state=record.state,
            at=record.at,
            ended_at=record.ended_at,
            reason=record.reason,
            attempts=record.attempts,
        )


def position_of(record: DeliveryRecord) -> str:
    """Return the key after which the next page begins."""
    return f"{record.at.isoformat()} {record.key}"

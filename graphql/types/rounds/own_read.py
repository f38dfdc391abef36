"""Customers' own reads (自助抄表), as the customer and as an agent sees them."""

from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.graphql.context import Info
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.rounds.judged import ReadFinding, findings_of
from gridhall.metering.rounds.own import model

strawberry.enum(model.OwnState, name="OwnReadState", description="What became of a customer's own read.")


@strawberry.type(description="What a register showed, as it was typed.")
class ShownRegister:
    """What a register showed."""

    name: str
    value: str


@strawberry.type(description="A read by the customer. It is good for a bill once it is confirmed.")
class OwnRead:
    """A read by the customer."""

    read_id: UUID
    taken_at: datetime
    stands_for: date = strawberry.field(description="The local day at whose beginning it counts.")
    registers: list[ShownRegister]
    state: model.OwnState
    findings: list[ReadFinding]
    reason: str | None = strawberry.field(description="Why an agent confirmed or refused it.")

    @classmethod
    def of(cls, read: model.OwnRead, info: Info) -> "OwnRead":
        """Present a read to the customer who brought it."""
        return cls(
            read_id=read.id,
            taken_at=read.taken_at,
            stands_for=read.day,
            registers=[ShownRegister(name=name, value=value) for name, value in read.shown.items()],
            state=read.state,
            findings=findings_of(read.findings, info),
            reason=read.reason,
        )


@strawberry.type(description="A customer's own read that somebody has to decide.")
class ProposedRead(DeskNode):
    """A customer's own read that somebody has to decide."""

    id: relay.NodeID[str]
    read: OwnRead
    point_id: UUID
    meter: str
    photos: list[UUID] = strawberry.field(description="At /v1/photos/{id}.")
    brought_at: datetime

    @classmethod
    def of(cls, read: model.OwnRead, info: Info) -> "ProposedRead":
        """Present a read to an agent in whose district it was taken."""
        return cls(
            id=str(read.id),
            read=OwnRead.of(read, info),
            point_id=read.point_id,
            meter=read.meter,
            photos=list(read.photos),
            brought_at=read.brought_at,
        )

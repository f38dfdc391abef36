"""Hand in an own read (自助抄表)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account, AccountId, holds_on
from gridhall.crm.access.policies import may_read_own
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.brought_input import (
    RegisterInput,
    instant_of,
    number_of,
    photos_of,
    registers_of,
)
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.rounds.own_read import OwnRead
from gridhall.kit.localdays import local_day
from gridhall.kit.subject import Refusal
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.rounds.own import operations
from gridhall.metering.rounds.own.operations import NO_METER, OwnShown


@strawberry.input(description="What the customer's meter shows, with a photo of it.")
class ProposeReadInput:
    """What the customer's meter shows."""

    id: UUID = strawberry.field(description="Made by the app: handing it in again changes nothing.")
    account_id: relay.GlobalID
    meter: str = strawberry.field(description="The number that is on the meter.")
    registers: list[RegisterInput]
    taken_at: datetime
    photo_ids: list[UUID] = strawberry.field(description="1 to 5 photos, brought to /v1/photos before.")


@strawberry.type(description="The read is kept; `state` says whether it is good already.")
class ReadProposed:
    """The read is kept."""

    read: OwnRead


ProposeReadResult = Annotated[
    ReadProposed | Refused, strawberry.union("ProposeReadResult", description="What came of an own read.")
]


@strawberry.mutation(description="Hand in what the meter of an account shows. For its owner and members.")
async def propose_read(info: Info, input: ProposeReadInput) -> ProposeReadResult:
    """Hand in an own read."""
    customer, hall = info.context.signed_in(), info.context.hall
    account_id = AccountId(uuid_of(input.account_id, "Account", field="accountId"))
    require(may_read_own(info.context.subject, account_id))
    shown = OwnShown(
        id=input.id,
        by=customer.id,
        meter=number_of(input.meter),
        values=registers_of(input.registers, field="registers"),
        taken_at=instant_of(input.taken_at, field="takenAt"),
        photos=photos_of(input.photo_ids),
    )
    account = await hall.accounts.load(account_id)
    point = await _point(info, account, shown) if account else None
    if account is None or point is None:
        return refused(NO_METER, info)
    outcome = await operations.propose_read(
        point=point,
        shown=shown,
        read_day=account.read_day,
        rounds=hall.metering.rounds,
        own=hall.metering.own_reads,
        now=hall.clock.now(),
    )
    return refused(outcome, info) if isinstance(outcome, Refusal) else ReadProposed(read=OwnRead.of(outcome, info))


async def _point(info: Info, account: Account, shown: OwnShown) -> ServicePoint | None:
    """Return the account's point at which the meter hung when it was read; else its first one, which judges it."""
    hall = info.context.hall
    found = await hall.metering.points.by_ids([link.point_id for link in account.points])
    day = local_day(shown.taken_at, hall.settings.time_zone)
    held = [found[link.point_id] for link in account.points if link.point_id in found and holds_on(link, day)]
    named = (point for point in held if (at := point.link_on(day)) and at.meter == shown.meter)
    return next(named, held[0] if held else None)

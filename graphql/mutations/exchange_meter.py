"""Enter a meter exchange (换表)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from gridhall.crm.agents.policies import may_lead_rounds
from gridhall.crm.audit.model import Action
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError, require
from gridhall.graphql.mutations.brought_input import (
    RegisterInput,
    audited,
    instant_of,
    number_of,
    photos_of,
    registers_of,
)
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.kit.subject import Refusal
from gridhall.metering.exchanges import operations
from gridhall.metering.exchanges.model import Exchange
from gridhall.metering.exchanges.policies import NO_SUCH_POINT
from gridhall.metering.points.model import MAX_MULTIPLIER, Meter


@strawberry.input(description="The meter that is hung. The same number with another multiplier is no other meter.")
class NewMeterInput:
    """The meter that is hung."""

    number: str
    multiplier: int = 1
    decimals: int = strawberry.field(default=3, description="Of the kWh that it counts, 0 to 6.")
    digits: int | None = strawberry.field(default=None, description="Whole digits before it begins again at 0.")
    interval_minutes: int = 15
    remote: bool = strawberry.field(default=True, description="Whether it sends its reads itself.")


@strawberry.input(description="A meter that takes another's place, with what both showed at that moment.")
class ExchangeMeterInput:
    """A meter that takes another's place."""

    id: UUID = strawberry.field(description="Made by the client: entering it again changes nothing.")
    point_id: UUID
    at: datetime
    old_meter: str
    new_meter: NewMeterInput
    closing: list[RegisterInput] = strawberry.field(description="Registers of the old meter.")
    opening: list[RegisterInput] = strawberry.field(description="Registers of the new one.")
    reason: str = strawberry.field(description="4 to 200 characters.")
    photo_ids: list[UUID] = strawberry.field(default_factory=list)


@strawberry.type(description="The exchange holds from this local day on.")
class MeterExchanged:
    """The exchange holds."""

    exchange_id: UUID
    from_day: date


ExchangeMeterResult = Annotated[
    MeterExchanged | Refused, strawberry.union("ExchangeMeterResult", description="What came of a meter exchange.")
]


@strawberry.mutation(description="Enter a meter exchange. For supervisors of the point's district.")
async def exchange_meter(info: Info, input: ExchangeMeterInput) -> ExchangeMeterResult:
    """Enter a meter exchange."""
    agent, hall = info.context.on_rounds(), info.context.hall
    point = (await hall.metering.points.by_ids([input.point_id])).get(input.point_id)
    if point is None:
        return refused(NO_SUCH_POINT, info)
    require(may_lead_rounds(info.context.subject, region=point.region, org_path=point.org_path))
    reason = good_reason(input.reason)
    if isinstance(reason, Refusal):
        return refused(reason, info)
    exchange = Exchange(
        id=input.id,
        point_id=point.id,
        at=instant_of(input.at, field="at"),
        old=number_of(input.old_meter),
        new=_meter(input.new_meter),
        multiplier=input.new_meter.multiplier,
        closing=registers_of(input.closing, field="closing"),
        opening=registers_of(input.opening, field="opening"),
        by=agent.id,
        reason=reason,
        photos=photos_of(input.photo_ids),
    )
    done = await operations.exchange_meter(exchange=exchange, stores=hall.metering.exchanges, now=hall.clock.now())
    if isinstance(done, Refusal):
        return refused(done, info)
    hall.metering.stores.directory.forget({exchange.old, exchange.new.number})
    await audited(info, Action.EXCHANGED_METER, f"exchange:{exchange.id}", reason=reason)
    return MeterExchanged(exchange_id=exchange.id, from_day=done.day)


def _meter(given: NewMeterInput) -> Meter:
    """Return the meter. Raises RefusedError where one of its figures is out of range."""
    try:
        meter = Meter(
            number_of(given.number),
            scale=given.decimals,
            interval_minutes=given.interval_minutes,
            digits=given.digits,
            remote=given.remote,
        )
    except ValueError:
        meter = None
    if meter is None or not 1 <= given.multiplier <= MAX_MULTIPLIER:
        raise RefusedError("exchange.bad_meter", {"most": MAX_MULTIPLIER})
    return meter

"""A cashier's shift at the desk: open it, close it on counted cash, hand it over."""

from typing import Annotated

import strawberry

from gridhall.billing.counter.model import DENOMINATIONS, BadCountError, ShiftId, good_cash
from gridhall.billing.counter.operations import NoShift, close_shift, hand_over, open_shift
from gridhall.crm.agents.money_policies import may_take_cash
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.ids import uuid_in
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.mutations.start_payment import checked_key
from gridhall.graphql.types.desk.money import Shift
from gridhall.kit.subject import Refusal


@strawberry.input(description="Where the shift is, and the change with which it begins.")
class OpenShiftInput:
    """Where the shift is."""

    region: str
    org_path: str
    float_fen: int = 0
    idempotency_key: str = strawberry.field(description="8 to 64 characters, one a shift.")


@strawberry.input(description="How many pieces of a note or a coin there are.")
class CountedInput:
    """How many pieces there are."""

    denomination: int = strawberry.field(description="In fen: 10000, 5000, 2000, 1000, 500, 100, 50 or 10.")
    pieces: int


@strawberry.type(description="The shift as it is now.")
class ShiftChanged:
    """The shift as it is now."""

    shift: Shift


ShiftResult = Annotated[ShiftChanged | Refused, strawberry.union("ShiftResult", description="What came of it.")]


@strawberry.mutation(description="Open the caller's shift; one that is open is returned. For cashiers and supervisors.")
async def open_counter_shift(info: Info, input: OpenShiftInput) -> ShiftResult:
    """Open a shift."""
    agent, hall = info.context.at_desk(), info.context.hall
    require(may_take_cash(info.context.subject, region=input.region, org_path=input.org_path))
    change = good_cash(input.float_fen, field="floatFen", least=0)
    if isinstance(change, Refusal):
        return refused(change, info)
    opened = await open_shift(
        counter=hall.billing.counter,
        cashier=agent.name,
        region=input.region,
        org_path=input.org_path,
        float_fen=change,
        key=checked_key(input.idempotency_key),
        now=hall.clock.now(),
    )
    return ShiftChanged(shift=Shift.of(opened))


@strawberry.mutation(description="Close the caller's shift on the cash that was counted. A difference becomes a case.")
async def close_counter_shift(info: Info, counted: list[CountedInput]) -> ShiftResult:
    """Close a shift."""
    agent, hall = info.context.at_desk(), info.context.hall
    pieces = {one.denomination: one.pieces for one in counted}
    allowed = {"denominations": ", ".join(map(str, DENOMINATIONS))}
    if len(pieces) != len(counted):
        return refused(Refusal("counter.bad_count", allowed), info)
    try:
        closed = await close_shift(
            counter=hall.billing.counter, cashier=agent.name, counted=pieces, now=hall.clock.now()
        )
    except BadCountError:
        return refused(Refusal("counter.bad_count", allowed), info)
    if isinstance(closed, NoShift):
        return refused(Refusal("counter.no_shift"), info)
    return ShiftChanged(shift=Shift.of(closed))


@strawberry.mutation(description="Take a closed shift's cash over. By another cashier or supervisor than its own.")
async def take_over_shift(info: Info, id: strawberry.ID) -> ShiftResult:
    """Take a shift's cash over."""
    agent, hall = info.context.at_desk(), info.context.hall
    shift_id = ShiftId(uuid_in(id, "Shift", field="id"))
    shift = (await hall.billing.counter.shifts.load([shift_id])).get(shift_id)
    no = Refusal("counter.not_to_hand_over")
    if shift is None:
        return refused(no, info)
    require(may_take_cash(info.context.subject, region=shift.region, org_path=shift.org_path))
    handed = await hand_over(counter=hall.billing.counter, shift_id=shift_id, to=agent.name, now=hall.clock.now())
    return ShiftChanged(shift=Shift.of(handed)) if handed else refused(no, info)

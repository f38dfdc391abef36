"""Close a cashier's shift on counted cash."""

import strawberry

from gridhall.billing.counter.model import DENOMINATIONS, BadCountError
from gridhall.billing.counter.operations import NoShift, close_shift
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.refused import refused
from gridhall.graphql.mutations.shift_changed import ShiftChanged, ShiftResult
from gridhall.graphql.types.desk.money import Shift
from gridhall.kit.subject import Refusal


@strawberry.input(description="How many pieces of a note or a coin there are.")
class CountedInput:
    """How many pieces there are."""

    denomination: int = strawberry.field(description="In fen: 10000, 5000, 2000, 1000, 500, 100, 50, 10, 5, 2 or 1.")
    pieces: int


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

"""Open a cashier's shift at the desk."""

import strawberry

from gridhall.billing.counter.model import good_cash
from gridhall.billing.counter.operations import open_shift
from gridhall.crm.agents.money_policies import may_take_cash
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.mutations.refused import refused
from gridhall.graphql.mutations.shift_changed import ShiftChanged, ShiftResult
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

"""Take a closed shift's cash over."""

import strawberry

from gridhall.billing.counter.model import ShiftId
from gridhall.billing.counter.operations import hand_over
from gridhall.crm.agents.money_policies import may_take_cash
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.ids import uuid_in
from gridhall.graphql.mutations.refused import refused
from gridhall.graphql.mutations.shift_changed import ShiftChanged, ShiftResult
from gridhall.graphql.types.desk.money import Shift
from gridhall.kit.subject import Refusal


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

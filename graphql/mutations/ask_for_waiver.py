"""Ask that a penalty be let off."""

from functools import partial

import strawberry
from strawberry import relay

from gridhall.billing.arrears.giving_up import ask_for_waiver as ask
from gridhall.billing.bills.model import BillId
from gridhall.graphql.context import Info
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.change_arrears import ChangeArrearsResult, asked
from gridhall.kit.money import Fen


@strawberry.input(description="How much of the penalty on a bill of an account is to be let off, and why.")
class AskForWaiverInput:
    """How much of a penalty is to be let off."""

    id: relay.GlobalID
    bill_id: relay.GlobalID
    amount_fen: int = strawberry.field(description="At most what is owed of it by the end of today.")
    reason: str = strawberry.field(description="4 to 200 characters.")


@strawberry.mutation(description="Let a penalty off. Above the limit it waits for another person's approval.")
async def ask_for_waiver(info: Info, input: AskForWaiverInput) -> ChangeArrearsResult:
    """Ask for a waiver."""
    bill_id = BillId(uuid_of(input.bill_id, "DeskBill", field="billId"))
    asking = partial(
        ask, giving_up=info.context.hall.billing.follow_up.giving_up, bill_id=bill_id, amount=Fen(input.amount_fen)
    )
    return await asked(info, input.id, asking, reason=input.reason)

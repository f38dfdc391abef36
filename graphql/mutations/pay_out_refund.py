"""Pay an approved refund out in cash."""

from typing import Annotated

import strawberry

from gridhall.billing.counter.operations import NoShift, pay_refund
from gridhall.billing.refunds.model import RefundNumber
from gridhall.crm.agents.money_policies import may_take_cash
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.money import Money
from gridhall.kit.subject import Refusal


@strawberry.type(description="The refund was paid out of the caller's till.")
class RefundPaidOut:
    """The refund was paid out."""

    amount: Money


PayOutResult = Annotated[RefundPaidOut | Refused, strawberry.union("PayOutResult", description="What came of it.")]


@strawberry.mutation(description="Pay an approved cash refund out of the caller's till.")
async def pay_out_refund(info: Info, number: str) -> PayOutResult:
    """Pay a refund out."""
    agent, hall = info.context.at_desk(), info.context.hall
    refund_number = RefundNumber(number)
    refund = (await hall.billing.refunds.refunds.load([refund_number])).get(refund_number)
    if refund is None:
        return refused(Refusal("payments.no_such_refund"), info)
    require(may_take_cash(info.context.subject, region=refund.region, org_path=refund.org_path))
    paid = await pay_refund(
        counter=hall.billing.counter, cashier=agent.name, number=refund_number, now=hall.clock.now()
    )
    if isinstance(paid, NoShift):
        return refused(Refusal("counter.no_shift"), info)
    if paid is None:
        return refused(Refusal("payments.no_such_refund"), info)
    return RefundPaidOut(amount=Money(fen=paid))

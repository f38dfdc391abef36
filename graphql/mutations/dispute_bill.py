"""Object to a bill."""

from datetime import date
from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.billing.arrears.agreements.operations import CUSTOMER
from gridhall.billing.arrears.disputes.operations import NO_SUCH_BILL, dispute
from gridhall.billing.bills.model import BillId
from gridhall.crm.access.policies import may_pay
from gridhall.graphql.context import Info
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.kit.said import said
from gridhall.kit.subject import Refusal

BAD_REASON = Refusal("arrears.bad_note", {"field": "reason", "least": 4, "most": 500})
_LENGTHS = range(4, 501)


@strawberry.input(description="A bill, and what seems wrong with it.")
class DisputeBillInput:
    """A bill, and what seems wrong with it."""

    bill_id: relay.GlobalID
    reason: str = strawberry.field(description="4 to 500 characters.")


@strawberry.type(description="The objection is open; while it is, nothing harsher than a reminder happens.")
class BillDisputed:
    """The objection is open."""

    answer_by: date = strawberry.field(description="Five working days after it was made.")


DisputeBillResult = Annotated[
    BillDisputed | Refused, strawberry.union("DisputeBillResult", description="What came of objecting to a bill.")
]


@strawberry.mutation(description="Object to a bill that one may pay. The same objection while one is open is that one.")
async def dispute_bill(info: Info, input: DisputeBillInput) -> DisputeBillResult:
    """Object to a bill."""
    hall, _ = info.context.hall, info.context.signed_in()
    bill = await hall.bills.load(BillId(uuid_of(input.bill_id, "Bill", field="billId")))
    if bill is None or may_pay(info.context.subject, bill.account_id) is not True:
        return refused(NO_SUCH_BILL, info)
    reason = said(input.reason, lengths=_LENGTHS)
    if reason is None:
        return refused(BAD_REASON, info)
    outcome = await dispute(
        disputing=hall.billing.follow_up.disputing,
        account_id=bill.account_id,
        bill_id=bill.id,
        reason=reason,
        by=CUSTOMER,
        now=hall.clock.now(),
    )
    return refused(outcome, info) if isinstance(outcome, Refusal) else BillDisputed(answer_by=outcome.due_on)

"""Put a held bill into somebody's care."""

from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.billing.bills.model import BillId
from gridhall.billing.bills.releasing import Assigned, assign
from gridhall.crm.agents.policies import may_review, may_serve
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.decide_bill import NO_SUCH_BILL, BillNotHeld, decided
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.desk.bill import DeskBill
from gridhall.kit.subject import Refusal

NO_SUCH_OWNER = Refusal("desk.bad_owner")


@strawberry.input(description="A held bill, and who is to see to it.")
class AssignBillInput:
    """A held bill, and who is to see to it."""

    id: relay.GlobalID
    owner: str | None = strawberry.field(
        default=None, description="Name of a reviewer or supervisor of the bill's district; the caller where absent."
    )


@strawberry.type(description="The bill is in the owner's care.")
class BillAssigned:
    """The bill is in the owner's care."""

    bill: DeskBill


AssignBillResult = Annotated[
    BillAssigned | BillNotHeld | Refused, strawberry.union("AssignBillResult", description="What came of it.")
]


@strawberry.mutation(
    description="Take a held bill, or hand it over. For reviewers and supervisors of its district, as is its owner."
)
async def assign_bill(info: Info, input: AssignBillInput) -> AssignBillResult:
    """Put a held bill into somebody's care."""
    agent, hall = info.context.at_desk(), info.context.hall
    bill = await hall.bills.load(BillId(uuid_of(input.id, "DeskBill", field="id")))
    account = await hall.accounts.load(bill.account_id) if bill else None
    subject = info.context.subject
    if bill is None or account is None:
        return refused(NO_SUCH_BILL, info)
    if may_serve(subject, region=account.region, org_path=account.org_path) is not True:
        return refused(NO_SUCH_BILL, info)
    require(may_review(subject, account))
    owner = input.owner or agent.name
    found = await hall.people.agents.agents.by_name(owner)
    if not found or may_review(found[0].as_subject(), account) is not True:
        return refused(NO_SUCH_OWNER, info)
    outcome = await assign(
        issuing=hall.billing.issuing, bill_id=bill.id, owner=owner, by=agent.name, now=hall.clock.now()
    )
    shown = await decided(info, bill, account)
    return BillAssigned(bill=shown) if isinstance(outcome, Assigned) else BillNotHeld(bill=shown)

"""What releasing and rejecting a held bill share: the input, the rights, and the answer to a bill not held any more."""

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.model import Bill, BillId
from gridhall.crm.agents.model import Agent
from gridhall.crm.agents.policies import may_review, may_serve
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.types.desk.bill import DeskBill
from gridhall.kit.subject import Refusal

NO_SUCH_BILL = Refusal("desk.no_such_bill")


@strawberry.input(description="A held bill, and why it is decided so.")
class DecideBillInput:
    """A held bill, and why it is decided so."""

    id: relay.GlobalID
    reason: str = strawberry.field(description="4 to 200 characters; kept with the bill.")


@strawberry.type(description="Somebody decided on the bill before, or it was never held; `bill` tells.")
class BillNotHeld:
    """The bill is not held (any more)."""

    bill: DeskBill


async def decidable(info: Info, input: DecideBillInput) -> tuple[Agent, Bill, Account, str] | Refusal:
    """Return who decides on which bill and why. Raises RefusedError for anybody but a reviewer of its district."""
    agent, hall = info.context.at_desk(), info.context.hall
    bill = await hall.bills.load(BillId(uuid_of(input.id, "DeskBill", field="id")))
    account = await hall.accounts.load(bill.account_id) if bill else None
    subject = info.context.subject
    if bill is None or account is None:
        return NO_SUCH_BILL
    if may_serve(subject, region=account.region, org_path=account.org_path) is not True:
        return NO_SUCH_BILL
    require(may_review(subject, account))
    reason = good_reason(input.reason)
    return reason if isinstance(reason, Refusal) else (agent, bill, account, reason)


async def decided(info: Info, bill: Bill, account: Account) -> DeskBill:
    """Return the bill as it is now."""
    now = (await info.context.hall.billing.bills.load([bill.id])).get(bill.id)
    return DeskBill.of(now or bill, account=account)

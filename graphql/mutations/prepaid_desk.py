"""What the desk does about prepayment and invoices: switch a mode, ask for a cut, go on with a failed invoice."""

from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.approvals.operations import Approved, RefusedBefore, Waiting
from gridhall.billing.invoices.model import Invoice, InvoiceId
from gridhall.billing.invoices.operations import retry
from gridhall.billing.prepayment.cutting import ask_for_cut
from gridhall.billing.prepayment.switching import ask_to_switch
from gridhall.crm.agents.arrears_policies import may_collect
from gridhall.crm.agents.billing_policies import may_see_to_cases
from gridhall.crm.agents.money_policies import may_ask_refund
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError, require
from gridhall.graphql.ids import uuid_in, uuid_of
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.desk.approvals import Approval
from gridhall.graphql.types.prepayment import PaymentMode
from gridhall.kit.subject import Refusal


@strawberry.type(description="It waits for a second person, or was decided before.")
class ApprovalAsked:
    """It waits for a second person."""

    approval: Approval


AskApprovalResult = Annotated[
    ApprovalAsked | Refused, strawberry.union("AskApprovalResult", description="What came of asking.")
]


@strawberry.input(description="An account, how it is to pay, and why.")
class SwitchModeInput:
    """An account, how it is to pay, and why."""

    account_id: strawberry.ID = strawberry.field(description="The DeskAccount's id.")
    to: PaymentMode
    reason: str = strawberry.field(description="4 to 200 characters.")


@strawberry.mutation(
    description="Ask that an account pay ahead, or no more, from the day after another person's approval on."
)
async def switch_mode(info: Info, input: SwitchModeInput) -> AskApprovalResult:
    """Ask that an account be switched."""
    agent, hall = info.context.at_desk(), info.context.hall
    account = await _account(info, AccountId(uuid_in(input.account_id, "DeskAccount", field="accountId")))
    require(may_ask_refund(info.context.subject, region=account.region, org_path=account.org_path))
    reason = good_reason(input.reason)
    if isinstance(reason, Refusal):
        return refused(reason, info)
    outcome = await ask_to_switch(
        prepaying=hall.billing.prepaying,
        approvals=hall.billing.approvals,
        account_id=account.id,
        to="prepaid" if input.to is PaymentMode.PREPAID else "post_paid",
        reason=reason,
        by=agent.name,
        now=hall.clock.now(),
    )
    return _asked(outcome, account, info)


@strawberry.mutation(
    description="Ask that a supply proposed for an empty balance be cut. It waits for another person's approval."
)
async def ask_for_balance_cut(info: Info, id: relay.GlobalID, reason: str) -> AskApprovalResult:
    """Ask for a cut."""
    agent, hall = info.context.at_desk(), info.context.hall
    account = await _account(info, AccountId(uuid_of(id, "BalanceCut", field="id")))
    require(may_collect(info.context.subject, region=account.region, org_path=account.org_path))
    why = good_reason(reason)
    if isinstance(why, Refusal):
        return refused(why, info)
    outcome = await ask_for_cut(
        prepaying=hall.billing.prepaying,
        approvals=hall.billing.approvals,
        account_id=account.id,
        reason=why,
        by=agent.name,
        now=hall.clock.now(),
    )
    return _asked(outcome, account, info)


@strawberry.type(description="The invoice is gone on with.")
class InvoiceRetried:
    """The invoice is gone on with."""

    bill_number: str


RetryInvoiceResult = Annotated[
    InvoiceRetried | Refused, strawberry.union("RetryInvoiceResult", description="What came of it.")
]


@strawberry.mutation(description="Go on with an invoice that failed, where it failed.")
async def retry_invoice(info: Info, id: relay.GlobalID) -> RetryInvoiceResult:
    """Go on with a failed invoice."""
    info.context.at_desk()
    hall = info.context.hall
    invoice_id = InvoiceId(uuid_of(id, "FailedInvoice", field="id"))
    invoice = (await hall.billing.invoicing.invoices.load([invoice_id])).get(invoice_id)
    if invoice is None:
        raise RefusedError("access.not_your_district")
    require(may_see_to_cases(info.context.subject, region=invoice.region, org_path=invoice.org_path))
    outcome = await retry(invoicing=hall.billing.invoicing, invoice_id=invoice_id, now=hall.clock.now())
    if isinstance(outcome, Invoice):
        return InvoiceRetried(bill_number=outcome.bill_number)
    return refused(outcome, info)


async def _account(info: Info, account_id: AccountId) -> Account:
    account = await info.context.hall.accounts.load(account_id)
    if account is None:
        raise RefusedError("access.not_your_district")
    return account


def _asked(
    outcome: Approved | Waiting | RefusedBefore | Refusal, account: Account, info: Info
) -> ApprovalAsked | Refused:
    if isinstance(outcome, Refusal):
        return refused(outcome, info)
    return ApprovalAsked(approval=Approval.of(outcome.request, account=account))

"""Ask for a receipt to be taken back."""

import strawberry

from gridhall.billing.counter import model
from gridhall.billing.counter.reversing import NotReversible, reverse
from gridhall.crm.agents.money_policies import may_take_cash
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.mutations.receipt_written import Receipt, ReceiptResult, ReceiptWritten
from gridhall.graphql.mutations.refused import refused
from gridhall.kit.subject import Refusal


@strawberry.mutation(
    description="Ask for a receipt of an open shift to be taken back. Above a limit a second person approves it, who "
    "neither wrote the receipt nor asks."
)
async def reverse_receipt(info: Info, number: str, reason: str) -> ReceiptResult:
    """Ask for a receipt to be taken back."""
    agent, hall = info.context.at_desk(), info.context.hall
    receipt_number = model.ReceiptNumber(number)
    receipt = await hall.billing.counter.receipts.load(receipt_number)
    account = await hall.accounts.load(receipt.account_id) if receipt else None
    if account is None:
        return refused(Refusal("counter.not_reversible"), info)
    require(may_take_cash(info.context.subject, region=account.region, org_path=account.org_path))
    why = good_reason(reason)
    if isinstance(why, Refusal):
        return refused(why, info)
    outcome = await reverse(
        counter=hall.billing.counter,
        approvals=hall.billing.approvals,
        number=receipt_number,
        by=agent.name,
        reason=why,
        now=hall.clock.now(),
    )
    if isinstance(outcome, NotReversible):
        return refused(Refusal("counter.not_reversible"), info)
    return ReceiptWritten(receipt=Receipt.of(outcome, account=account, info=info))

"""Give transferred money of nobody to the account it was found to be of."""

from typing import Annotated

import strawberry

from gridhall.billing.bank.transfers import Assigned, assign
from gridhall.crm.agents.money_policies import may_keep_books
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError, require
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.money import Money
from gridhall.kit.subject import Refusal


@strawberry.input(description="Whose money it is, and how that was found out.")
class AssignTransferInput:
    """Whose money it is."""

    serial: str
    account_number: str
    reason: str = strawberry.field(description="4 to 200 characters.")


@strawberry.type(description="The money is the account's, as if it had been known at once.")
class TransferAssigned:
    """The money is the account's."""

    serial: str
    amount: Money


AssignTransferResult = Annotated[
    TransferAssigned | Refused, strawberry.union("AssignTransferResult", description="What came of it.")
]


@strawberry.mutation(description="Give money of nobody to an account. For accountants and supervisors of its district.")
async def assign_transfer(info: Info, input: AssignTransferInput) -> AssignTransferResult:
    """Give money of nobody to an account."""
    agent, hall = info.context.at_desk(), info.context.hall
    account_id = await hall.billing.accounts.by_number(input.account_number)
    account = await hall.accounts.load(account_id) if account_id else None
    if account is None:
        raise RefusedError("payments.no_such_account")
    subject = info.context.subject
    require(may_keep_books(subject, region=account.region, org_path=account.org_path))
    transfer = await hall.billing.transfers.transfers.load(input.serial)
    if transfer is None:
        return refused(Refusal("bank.not_waiting"), info)
    require(may_keep_books(subject, region=transfer.region, org_path=""))
    reason = good_reason(input.reason)
    if isinstance(reason, Refusal):
        return refused(reason, info)
    outcome = await assign(
        transfers=hall.billing.transfers,
        serial=input.serial,
        account=account,
        by=agent.name,
        reason=reason,
        now=hall.clock.now(),
    )
    if isinstance(outcome, Assigned):
        return TransferAssigned(serial=input.serial, amount=Money(fen=outcome.transfer.row.amount))
    return refused(Refusal("bank.not_waiting"), info)

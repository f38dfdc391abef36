"""Ask for a refund."""

from typing import Annotated

import strawberry

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.refunds.asking import Asked, NotRefundable, NumberUsed, TooMuch, ask
from gridhall.billing.refunds.model import Way, Wish
from gridhall.crm.agents.money_policies import may_ask_refund
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError, require
from gridhall.graphql.ids import uuid_in
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.mutations.start_payment import checked_key
from gridhall.graphql.types.desk.money import DeskRefund
from gridhall.kit.money import Fen
from gridhall.kit.subject import Refusal


@strawberry.input(description="What to give back, how, and why.")
class AskRefundInput:
    """What to give back."""

    account_id: strawberry.ID = strawberry.field(description="The DeskAccount's id.")
    fen: int
    way: Way
    reason: str = strawberry.field(description="4 to 200 characters.")
    provider: str | None = strawberry.field(
        default=None, description="Of the payment, for the way ONLINE: `wechatpay` or `alipay`."
    )
    provider_number: str | None = strawberry.field(
        default=None, description="Of that payment: the provider's number (交易单号) or ours (商户单号)."
    )
    reopen_bills: bool = strawberry.field(
        default=False, description="Whether bills that it paid may be owed again, where it was not meant for them."
    )
    idempotency_key: str = strawberry.field(description="8 to 64 characters, one a refund.")


@strawberry.type(description="The refund is under way; its money is reserved. Its state tells whether it waits.")
class RefundAsked:
    """The refund is under way."""

    refund: DeskRefund


AskRefundResult = Annotated[RefundAsked | Refused, strawberry.union("AskRefundResult", description="What came of it.")]


@strawberry.mutation(
    description="Ask for money to be given back: what is prepaid, or through the payment it came by, within 365 days. "
    "Above a limit another person approves it."
)
async def ask_refund(info: Info, input: AskRefundInput) -> AskRefundResult:
    """Ask for a refund."""
    agent, hall = info.context.at_desk(), info.context.hall
    account = await hall.accounts.load(AccountId(uuid_in(input.account_id, "DeskAccount", field="accountId")))
    if account is None:
        raise RefusedError("access.not_your_district")
    require(may_ask_refund(info.context.subject, region=account.region, org_path=account.org_path))
    reason = good_reason(input.reason)
    if isinstance(reason, Refusal):
        return refused(reason, info)
    named = (input.provider, input.provider_number)
    payment = (named[0], named[1]) if named[0] is not None and named[1] is not None else None
    wish = Wish(account.id, Fen(input.fen), input.way, reason, payment, input.reopen_bills)
    outcome = await ask(
        refunds=hall.billing.refunds,
        approvals=hall.billing.approvals,
        wish=wish,
        by=agent.name,
        key=checked_key(input.idempotency_key),
        now=hall.clock.now(),
    )
    match outcome:
        case Asked(refund):
            return RefundAsked(refund=DeskRefund.of(refund, account=account))
        case TooMuch(most):
            return refused(Refusal("refunds.too_much", {"most": most}), info)
        case NotRefundable():
            return refused(Refusal("refunds.not_refundable"), info)
        case NumberUsed():
            return refused(Refusal("payments.key_reused"), info)

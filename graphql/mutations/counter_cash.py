"""Cash at the counter: take it, take a receipt back, pay a refund out."""

from datetime import datetime
from typing import Annotated

import strawberry

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.counter import model
from gridhall.billing.counter.model import good_cash
from gridhall.billing.counter.operations import KeyUsed, NoShift, NotReversible, Taken, pay_refund, reverse
from gridhall.billing.counter.operations import take_cash as take
from gridhall.billing.counter.slip import slip
from gridhall.billing.refunds.model import RefundNumber
from gridhall.crm.agents.money_policies import may_take_cash
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError, require
from gridhall.graphql.ids import uuid_in
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.mutations.start_payment import checked_key
from gridhall.graphql.types.money import Money
from gridhall.kit.subject import Refusal


@strawberry.input(description="Cash that is taken for an account.")
class TakeCashInput:
    """Cash that is taken for an account."""

    account_id: strawberry.ID = strawberry.field(description="The DeskAccount's id.")
    fen: int
    idempotency_key: str = strawberry.field(description="8 to 64 characters, one a receipt.")


@strawberry.type(description="A receipt, with the text to print.")
class Receipt:
    """A receipt, with the text to print."""

    number: str
    amount: Money
    to_bills: Money
    to_penalties: Money
    to_prepaid: Money
    taken_at: datetime
    state: model.ReceiptState
    text: str = strawberry.field(description="As it is printed, in the caller's language; the account is masked.")

    @classmethod
    def of(cls, receipt: model.Receipt, *, account: Account, info: Info) -> "Receipt":
        """Present a receipt to a cashier."""
        hall, language = info.context.hall, info.context.language
        text = slip(receipt=receipt, account=account, words=hall.words, language=language, zone=hall.settings.time_zone)
        return cls(
            number=receipt.number,
            amount=Money(fen=receipt.amount),
            to_bills=Money(fen=receipt.to_bills),
            to_penalties=Money(fen=receipt.to_penalties),
            to_prepaid=Money(fen=receipt.to_prepaid),
            taken_at=receipt.taken_at,
            state=receipt.state,
            text=text,
        )


@strawberry.type(description="The receipt as it is now.")
class ReceiptWritten:
    """The receipt as it is now."""

    receipt: Receipt


@strawberry.type(description="The refund was paid out of the caller's till.")
class RefundPaidOut:
    """The refund was paid out."""

    amount: Money


ReceiptResult = Annotated[ReceiptWritten | Refused, strawberry.union("ReceiptResult", description="What came of it.")]
PayOutResult = Annotated[RefundPaidOut | Refused, strawberry.union("PayOutResult", description="What came of it.")]


@strawberry.mutation(description="Take cash for an account, in the caller's open shift. For cashiers and supervisors.")
async def take_cash(info: Info, input: TakeCashInput) -> ReceiptResult:
    """Take cash."""
    agent, hall = info.context.at_desk(), info.context.hall
    account = await hall.accounts.load(AccountId(uuid_in(input.account_id, "DeskAccount", field="accountId")))
    if account is None:
        raise RefusedError("access.not_your_district")
    require(may_take_cash(info.context.subject, region=account.region, org_path=account.org_path))
    amount = good_cash(input.fen, field="fen", least=1)
    if isinstance(amount, Refusal):
        return refused(amount, info)
    outcome = await take(
        counter=hall.billing.counter,
        cashier=agent.name,
        account=account,
        amount=amount,
        key=checked_key(input.idempotency_key),
        now=hall.clock.now(),
    )
    match outcome:
        case Taken(receipt):
            return ReceiptWritten(receipt=Receipt.of(receipt, account=account, info=info))
        case KeyUsed():
            return refused(Refusal("payments.key_reused"), info)
        case NoShift():
            return refused(Refusal("counter.no_shift"), info)


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

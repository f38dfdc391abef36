"""Take an issued bill back and bill its month anew."""

from typing import Annotated

import strawberry

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.model import BillId
from gridhall.billing.credits.model import credit_note_id
from gridhall.billing.credits.operations import NothingToRebill, Rebilled, RebillRefused, RebillWaits, rebill
from gridhall.billing.credits.plan import Plan
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.decide_bill import DecideBillInput, decidable, decided
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.desk.approvals import Approval
from gridhall.graphql.types.desk.bill import DeskBill
from gridhall.graphql.types.desk.credit_note import DeskCreditNote
from gridhall.graphql.types.money import Money
from gridhall.kit.subject import Refusal

NOT_REBILLABLE = Refusal("desk.bill_not_rebillable")
CANNOT_REBILL = Refusal("desk.bill_cannot_be_made")
REBILL_REFUSED = Refusal("desk.rebill_refused")


@strawberry.type(
    description="The bills were taken back and billed anew: the one asked for, and those that move with it."
)
class BillRebilled:
    """The bills were taken back and billed anew."""

    credit_notes: list[DeskCreditNote]
    bills: list[DeskBill] = strawberry.field(description="The new bills, oldest month first.")


@strawberry.type(description="A bill as it is, and as it would be.")
class RebillFigures:
    """A bill as it is, and as it would be."""

    month: str
    before: Money
    after: Money


@strawberry.type(description="The amount asks for a second person: the bills are made once another one approves.")
class RebillPrepared:
    """The rebill waits for approval."""

    approval: Approval
    figures: list[RebillFigures]


@strawberry.type(description="The bill is right: by today's readings, tariff and household it would be the same.")
class BillUnchanged:
    """The bill is right as it is."""

    bill: DeskBill


RebillResult = Annotated[
    BillRebilled | RebillPrepared | BillUnchanged | Refused,
    strawberry.union("RebillResult", description="What came of it."),
]


@strawberry.mutation(
    name="rebill",
    description="Take an issued bill back by a credit note and bill its month anew, with the months that move with it, "
    "or prepare that for a second person. For reviewers and supervisors of its district.",
)
async def rebill_bill(info: Info, input: DecideBillInput) -> RebillResult:
    """Rebill an issued bill."""
    found = await decidable(info, input)
    if isinstance(found, Refusal):
        return refused(found, info)
    agent, bill, account, reason = found
    hall = info.context.hall
    outcome = await rebill(
        rebilling=hall.billing.rebilling,
        approvals=hall.billing.approvals,
        bill_id=bill.id,
        reason=reason,
        by=agent.name,
        now=hall.clock.now(),
    )
    match outcome:
        case Rebilled(_, plan):
            return await _rebilled(info, plan, account)
        case RebillWaits(request, plan):
            return RebillPrepared(approval=Approval.of(request, account=account), figures=_figures(plan))
        case NothingToRebill():
            return BillUnchanged(bill=await decided(info, bill, account))
        case RebillRefused():
            return refused(REBILL_REFUSED, info)
    return refused(CANNOT_REBILL if bill.status.shown and bill.status.counts else NOT_REBILLABLE, info)


async def _rebilled(info: Info, plan: Plan, account: Account) -> BillRebilled:
    billing = info.context.hall.billing
    kept = await billing.rebilling.notes.load([credit_note_id(swap.old.id) for swap in plan.swaps])
    notes = sorted(kept.values(), key=lambda note: note.month)
    bills = await billing.bills.load([BillId(note.replaced_by) for note in notes if note.replaced_by])
    return BillRebilled(
        credit_notes=[DeskCreditNote.of(note) for note in notes],
        bills=[DeskBill.of(bills[note.replaced_by], account=account) for note in notes if note.replaced_by in bills],
    )


def _figures(plan: Plan) -> list[RebillFigures]:
    return [
        RebillFigures(month=str(swap.old.month), before=Money(fen=swap.old.total), after=Money(fen=swap.new.total))
        for swap in plan.swaps
    ]

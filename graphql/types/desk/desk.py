"""The desk: what an agent may ask."""

import strawberry
from strawberry import relay

from gridhall.crm.agents.dossiers import Dossier
from gridhall.crm.agents.model import Agent
from gridhall.crm.audit.model import Action, AuditEntry
from gridhall.crm.customers.phone import BadPhoneError
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.paging import checked_first, connection
from gridhall.graphql.types.desk.approvals import Approval, approvals
from gridhall.graphql.types.desk.arrears import ArrearsAccount, ArrearsFigures, arrears_figures, arrears_queue
from gridhall.graphql.types.desk.bill import DeskBill
from gridhall.graphql.types.desk.bill_runs import BillRun, bill_runs
from gridhall.graphql.types.desk.billing_cases import BillingCase, billing_cases
from gridhall.graphql.types.desk.board import (
    BillingBoard,
    BoardEntry,
    billing_board,
    billing_board_stage,
)
from gridhall.graphql.types.desk.corrections import BillCorrection, bill_corrections
from gridhall.graphql.types.desk.customer import DeskCustomer, dossier_of
from gridhall.graphql.types.desk.exceptions import ReadingException, reading_exceptions
from gridhall.graphql.types.desk.held import held_bills
from gridhall.graphql.types.desk.irregular import IrregularCase, irregular_case, irregular_cases
from gridhall.graphql.types.desk.losses import DistrictLoss, district_loss
from gridhall.graphql.types.desk.money import (
    DeskRefund,
    Reconciliation,
    Shift,
    UnmatchedTransfer,
    desk_refunds,
    own_shift,
    reconciliations,
    shifts,
    unmatched_transfers,
)
from gridhall.graphql.types.desk.notices import UnprovenNotice, unproven_notices
from gridhall.graphql.types.desk.prepayment import BalanceCut, FailedInvoice, balance_cuts, failed_invoices
from gridhall.graphql.types.desk.refused_row import RefusedRow, refused_rows
from gridhall.graphql.types.rounds.own_read import ProposedRead
from gridhall.graphql.types.rounds.proposed import proposed_reads
from gridhall.kit.ids import new_id
from gridhall.kit.paging import Page, from_cursor


@strawberry.input(description="By exactly one of the two, whole and exact.")
class CustomerSearch:
    """What customers are searched by."""

    phone: str | None = None
    account_number: str | None = None


@strawberry.type(description="A role of the agent in a district.")
class DeskGrant:
    """A role in a district."""

    role: str
    region: str | None = strawberry.field(description="Null for every region.")
    org_path: str


@strawberry.type(description="The agents' desk. Only what lies in the agent's own districts is there.")
class Desk:
    """The agents' desk."""

    agent: str = strawberry.field(description="The name of the agent who asks.")
    grants: list[DeskGrant]
    proposed_reads: relay.Connection[ProposedRead] = strawberry.field(
        resolver=proposed_reads,
        description="Customers' own reads of a region that somebody has to decide, oldest first.",
    )
    irregular_cases: relay.Connection[IrregularCase] = strawberry.field(
        resolver=irregular_cases, description="Cases of irregular use, the highest score first."
    )
    irregular_case: IrregularCase | None = strawberry.field(
        resolver=irregular_case, description="A case of irregular use, or null where there is none to be seen."
    )
    district_loss: DistrictLoss | None = strawberry.field(
        resolver=district_loss,
        description="Loss of a transformer district from `from` until before `to`; null where it is not to be seen.",
    )

    reading_exceptions: relay.Connection[ReadingException] = strawberry.field(
        resolver=reading_exceptions, description="Days of readings that failed a check, what is due first on top."
    )
    bill_corrections: relay.Connection[BillCorrection] = strawberry.field(
        resolver=bill_corrections, description="Issued bills whose readings were corrected afterwards, newest first."
    )

    bill_runs: relay.Connection[BillRun] = strawberry.field(
        resolver=bill_runs, description="Bill runs of a region, newest first. For agents of the whole region."
    )

    held_bills: relay.Connection[DeskBill] = strawberry.field(
        resolver=held_bills,
        description="The reviewers' queue of a region (as its code), what is due first, so what is overdue, on top.",
    )
    refused_rows: relay.Connection[RefusedRow] = strawberry.field(
        resolver=refused_rows, description="Rows of the meter feed that were refused, the last refused first."
    )

    billing_board: BillingBoard = strawberry.field(
        resolver=billing_board, description="A billing cycle of a region: what waits where, with whom, since when, why."
    )
    billing_board_stage: relay.Connection[BoardEntry] = strawberry.field(
        resolver=billing_board_stage, description="The accounts in a stage of a billing cycle."
    )
    approvals: relay.Connection[Approval] = strawberry.field(
        resolver=approvals, description="What somebody prepared and waits for another person, the longest first."
    )
    refunds: relay.Connection[DeskRefund] = strawberry.field(
        resolver=desk_refunds, description="Refunds of a region in a state, the oldest first."
    )
    unmatched_transfers: relay.Connection[UnmatchedTransfer] = strawberry.field(
        resolver=unmatched_transfers,
        description="Transferred money of nobody, the oldest first. For accountants and supervisors of a whole region.",
    )
    reconciliations: relay.Connection[Reconciliation] = strawberry.field(
        resolver=reconciliations, description="Providers' days, reconciled, the newest first. For accountants."
    )
    shift: Shift | None = strawberry.field(resolver=own_shift, description="The caller's own open shift.")
    shifts: relay.Connection[Shift] = strawberry.field(
        resolver=shifts, description="Counter shifts of a region in a state, the oldest first."
    )
    arrears_queue: relay.Connection[ArrearsAccount] = strawberry.field(
        resolver=arrears_queue, description="Accounts that owe something overdue, the most to be expected first."
    )
    arrears_figures: list[ArrearsFigures] = strawberry.field(
        resolver=arrears_figures, description="How well money comes in, of each unit of a region that the agent serves."
    )
    unproven_notices: relay.Connection[UnprovenNotice] = strawberry.field(
        resolver=unproven_notices,
        description="Formal notices of the last 90 days without proof that they arrived, the oldest first.",
    )
    failed_invoices: relay.Connection[FailedInvoice] = strawberry.field(
        resolver=failed_invoices, description="Digital invoices of a region that failed, the oldest first."
    )
    balance_cuts: relay.Connection[BalanceCut] = strawberry.field(
        resolver=balance_cuts, description="Accounts of a region whose cut for an empty balance is at a stage."
    )
    billing_cases: relay.Connection[BillingCase] = strawberry.field(
        resolver=billing_cases, description="Differences in bills and money to look into, what is due first on top."
    )

    @strawberry.field(description="Customers by a whole phone or account number. Every search is audited.")
    async def customers(
        self, info: Info, search: CustomerSearch, first: int = 20, after: str | None = None
    ) -> relay.Connection[DeskCustomer]:
        """Return a page of the customers that were found."""
        limit, start = checked_first(first), from_cursor(after) if after else ""
        found = sorted(await _found(info, search), key=lambda one: one.customer.id)
        rest = [one for one in found if str(one.customer.id) > start]
        page = Page.cut(rest[: limit + 1], limit=limit, key=lambda one: str(one.customer.id))
        return connection(page.map(DeskCustomer.of), after=after)

    @strawberry.field(description="A customer, or null where there is none in the agent's districts.")
    async def customer(self, info: Info, id: relay.GlobalID) -> DeskCustomer | None:
        """Return a customer."""
        dossier = await dossier_of(info, id, field="id")
        return DeskCustomer.of(dossier) if dossier else None

    @classmethod
    def of(cls, agent: Agent) -> "Desk":
        """Open the desk to an agent."""
        grants = [DeskGrant(role=g.role, region=g.district.region, org_path=g.district.org_path) for g in agent.grants]
        return cls(agent=agent.name, grants=grants)


async def _found(info: Info, search: CustomerSearch) -> list[Dossier]:
    if (search.phone is None) == (search.account_number is None):
        raise RefusedError("desk.bad_search")
    agent, hall, subject = info.context.at_desk(), info.context.hall, info.context.subject
    dossiers = hall.people.dossiers
    if search.phone is not None:
        by = "phone"
        try:
            found = await dossiers.by_phone(subject, search.phone)
        except BadPhoneError:
            raise RefusedError("input.bad_phone") from None
    else:
        by = "account_number"
        found = await dossiers.by_account_number(subject, search.account_number or "")
    whose = found[0].customer.id if len(found) == 1 else None
    entry = AuditEntry(new_id(), hall.clock.now(), Action.SEARCHED, agent.id, agent.name, whose, (by,))
    await hall.people.audit.add(entry)
    return found

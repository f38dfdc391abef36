"""What waits at the desk for people: invoices that failed, and supplies proposed to be cut for an empty balance."""

from datetime import datetime
from typing import Final
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.invoices.model import Invoice, InvoiceId, State
from gridhall.billing.prepayment.model import Cut, Prepayment
from gridhall.crm.agents.policies import units_served
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.paging import Places, connection, instant_of
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.money import Money

strawberry.enum(Cut, name="BalanceCutStage", description="How far cutting a supply for an empty balance came.")


@strawberry.type(description="An invoice that the tax platform refused or was silent about. Its title is not shown.")
class FailedInvoice(DeskNode):
    """An invoice that failed."""

    id: relay.NodeID[str]
    account_number: str
    bill_number: str
    total: Money
    why: str = strawberry.field(description="In the tax platform's words, or `silent`, or `bill_cancelled`.")
    requested_at: datetime

    @classmethod
    def of(cls, one: Invoice, *, account: Account) -> "FailedInvoice":
        """Present an invoice to an agent who may see its account."""
        return cls(
            id=str(one.id),
            account_number=account.number,
            bill_number=one.bill_number,
            total=Money(fen=one.total),
            why=one.why,
            requested_at=one.requested_at,
        )


@strawberry.type(description="A supply that may be cut because its balance is used up; two persons decide.")
class BalanceCut(DeskNode):
    """A supply that may be cut."""

    id: relay.NodeID[str]
    account_number: str
    org_path: str
    balance: Money
    stage: Cut
    since: datetime | None
    fresh_day: str | None = strawberry.field(description="The newest whole day of real readings behind it.")

    @classmethod
    def of(cls, one: Prepayment, *, account: Account) -> "BalanceCut":
        """Present an account to an agent who may see it."""
        firm = [day.day.isoformat() for day in one.days if day.firm]
        return cls(
            id=str(one.account_id),
            account_number=account.number,
            org_path=one.org_path,
            balance=Money(fen=one.balance(account)),
            stage=one.cut,
            since=one.cut_changed_at,
            fresh_day=firm[-1] if firm else None,
        )


_FAILED: Final[Places[Invoice, datetime, InvoiceId]] = Places(
    lambda one: (one.requested_at, one.id), instant_of, lambda text: InvoiceId(UUID(text))
)
_CUTS: Final[Places[Prepayment, datetime, AccountId]] = Places(
    lambda one: (one.cut_changed_at or "", one.account_id), instant_of, lambda text: AccountId(UUID(text))
)


async def failed_invoices(
    info: Info, region: str, first: int = 20, after: str | None = None
) -> relay.Connection[FailedInvoice]:
    """Return a page of the failed invoices that the agent may see, the oldest first."""
    billing, units = info.context.hall.billing, units_served(info.context.subject, region=region)
    invoices = billing.invoicing.invoices
    page = await _FAILED.page(
        lambda place, limit: invoices.page(region=region, units=units, states=[State.FAILED], after=place, limit=limit),
        first=first,
        after=after,
    )
    accounts = await billing.accounts.load({one.account_id for one in page.items})
    return connection(page.map(lambda one: FailedInvoice.of(one, account=accounts[one.account_id])), after=after)


async def balance_cuts(
    info: Info, region: str, stage: Cut = Cut.PROPOSED, first: int = 20, after: str | None = None
) -> relay.Connection[BalanceCut]:
    """Return a page of the accounts at a stage that the agent may see, the longest first."""
    if stage is Cut.NONE:
        raise RefusedError("prepayment.bad_stage")
    billing, units = info.context.hall.billing, units_served(info.context.subject, region=region)
    prepayments = billing.prepaying.following.prepayments
    page = await _CUTS.page(
        lambda place, limit: prepayments.page(region=region, units=units, cut=stage, after=place, limit=limit),
        first=first,
        after=after,
    )
    accounts = await billing.accounts.load({one.account_id for one in page.items})
    return connection(page.map(lambda one: BalanceCut.of(one, account=accounts[one.account_id])), after=after)

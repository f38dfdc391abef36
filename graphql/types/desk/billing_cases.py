"""Differences in bills and money that somebody must look into, as the desk sees them."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.cases import model
from gridhall.billing.cases.repository import Wanted
from gridhall.crm.agents.policies import units_served
from gridhall.graphql.context import Info
from gridhall.graphql.paging import Places, connection
from gridhall.graphql.types.desk.bill import Evidence
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.money import Money

strawberry.enum(model.CaseKind, name="BillingCaseKind", description="What is different.")
strawberry.enum(model.CaseState, name="BillingCaseState", description="Where a case stands.")


@strawberry.type(description="Something that was done about a case.")
class BillingCaseStep:
    """Something that was done about a case."""

    at: datetime
    by: str = strawberry.field(description="An agent's name, or `system`.")
    state: model.CaseState
    note: str = strawberry.field(description="Why, or the new owner.")


@strawberry.type(description="A difference in bills or money that somebody must look into.")
class BillingCase(DeskNode):
    """A difference that somebody must look into."""

    id: relay.NodeID[str]
    kind: model.CaseKind
    region: str
    org_path: str
    account_number: str | None = strawberry.field(description="Null where it is nobody's, or not known whose.")
    amount: Money = strawberry.field(description="How much is in question.")
    evidence: list[Evidence]
    opened_at: datetime
    due_on: date = strawberry.field(description="Five working days after it was opened.")
    owner: str | None
    state: model.CaseState
    closing: str = strawberry.field(description="Why it was closed.")
    steps: list[BillingCaseStep]

    @classmethod
    def of(cls, one: model.Case, *, account: Account | None) -> "BillingCase":
        """Present a case to an agent who may see its district."""
        return cls(
            id=str(one.id),
            kind=one.kind,
            region=one.region,
            org_path=one.org_path,
            account_number=account.number if account else None,
            amount=Money(fen=one.amount),
            evidence=[Evidence(name=name, value=value) for name, value in one.evidence],
            opened_at=one.opened_at,
            due_on=one.due_on,
            owner=one.owner,
            state=one.state,
            closing=one.closing,
            steps=[BillingCaseStep(at=step.at, by=step.by, state=step.state, note=step.note) for step in one.steps],
        )


@strawberry.input(description="Which cases are listed, what is due first on top.")
class BillingCaseFilter:
    """Which cases are listed."""

    region: str
    states: list[model.CaseState] | None = strawberry.field(default=None, description="Open and taken where absent.")
    kinds: list[model.CaseKind] | None = strawberry.field(default=None, description="All where absent.")
    owner: str | None = None


_PLACES: Final[Places[model.Case, date, model.CaseId]] = Places(
    lambda one: (one.due_on, one.id), date.fromisoformat, lambda text: model.CaseId(UUID(text))
)


async def billing_cases(
    info: Info, filter: BillingCaseFilter, first: int = 20, after: str | None = None
) -> relay.Connection[BillingCase]:
    """Return a page of the cases that the agent may see."""
    billing = info.context.hall.billing
    units = units_served(info.context.subject, region=filter.region)
    states = tuple(filter.states or (model.CaseState.OPEN, model.CaseState.TAKEN))
    wanted = Wanted(filter.region, units, states, tuple(filter.kinds or ()), filter.owner)
    page = await _PLACES.page(
        lambda place, limit: billing.cases.cases.page(wanted, after=place, limit=limit), first=first, after=after
    )
    accounts = await billing.accounts.load({one.account_id for one in page.items if one.account_id})

    def presented(one: model.Case) -> BillingCase:
        return BillingCase.of(one, account=accounts.get(one.account_id) if one.account_id else None)

    return connection(page.map(presented), after=after)

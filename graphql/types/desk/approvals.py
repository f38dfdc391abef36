"""What waits for a second person, as the desk sees it."""

from datetime import datetime
from typing import Final
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.approvals import model
from gridhall.billing.approvals.repository import Wanted
from gridhall.crm.agents.policies import units_served
from gridhall.graphql.context import Info
from gridhall.graphql.paging import Places, connection, instant_of
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.money import Money

strawberry.enum(model.Kind, name="ApprovalKind", description="What is asked for.")
strawberry.enum(model.State, name="ApprovalState", description="Where a request stands.")


@strawberry.type(description="Something that one person prepared, and above a limit another approves.")
class Approval(DeskNode):
    """A request for approval."""

    id: relay.NodeID[str]
    kind: model.Kind
    account_number: str
    region: str
    org_path: str
    amount: Money = strawberry.field(description="What is at stake.")
    reason: str
    prepared_by: str
    prepared_at: datetime
    barred: list[str] = strawberry.field(description="Others who had a part in it, and so cannot approve it either.")
    state: model.State
    decided_by: str | None = strawberry.field(description="A person's name, or `rule` where one person was enough.")
    decided_at: datetime | None
    decision: str = strawberry.field(description="Why it was approved or refused.")

    @classmethod
    def of(cls, one: model.Request, *, account: Account) -> "Approval":
        """Present a request to an agent who may see its account."""
        return cls(
            id=str(one.id),
            kind=one.kind,
            account_number=account.number,
            region=one.region,
            org_path=one.org_path,
            amount=Money(fen=one.amount),
            reason=one.reason,
            prepared_by=one.prepared_by,
            prepared_at=one.prepared_at,
            barred=list(one.barred),
            state=one.state,
            decided_by=one.decided_by,
            decided_at=one.decided_at,
            decision=one.decision,
        )


@strawberry.input(description="Which requests are listed, the longest waiting first.")
class ApprovalFilter:
    """Which requests are listed."""

    region: str
    state: model.State = model.State.WAITING
    kinds: list[model.Kind] | None = strawberry.field(default=None, description="All where absent.")


_PLACES: Final[Places[model.Request, datetime, model.RequestId]] = Places(
    lambda one: (one.prepared_at, one.id), instant_of, lambda text: model.RequestId(UUID(text))
)


async def approvals(
    info: Info, filter: ApprovalFilter, first: int = 20, after: str | None = None
) -> relay.Connection[Approval]:
    """Return a page of the requests that the agent may see."""
    billing = info.context.hall.billing
    units = units_served(info.context.subject, region=filter.region)
    wanted = Wanted(filter.region, units, filter.state, tuple(filter.kinds or ()))
    page = await _PLACES.page(
        lambda place, limit: billing.approvals.requests.page(wanted, after=place, limit=limit), first=first, after=after
    )
    accounts = await billing.accounts.load({one.account_id for one in page.items})
    return connection(page.map(lambda one: Approval.of(one, account=accounts[one.account_id])), after=after)

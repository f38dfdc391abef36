"""Formal notices of which nobody knows that they arrived: somebody has to hand them over on paper."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.cutting.model import Notice, NoticeId, NoticeKind
from gridhall.crm.agents.policies import units_served
from gridhall.graphql.context import Info
from gridhall.graphql.paging import Places, connection, instant_of
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.money import Money

LISTED_FOR: Final = timedelta(days=90)
"""What is older was overtaken by another notice, or by payment."""

strawberry.enum(NoticeKind, name="FormalNoticeKind", description="Which paper a formal notice is.")


@strawberry.type(description="A formal notice without proof that it arrived; nothing may follow from it before.")
class UnprovenNotice(DeskNode):
    """A formal notice without proof that it arrived."""

    id: relay.NodeID[str]
    arrears_id: relay.GlobalID = strawberry.field(description="Of its account, as collectors' steps take it.")
    account_number: str
    org_path: str
    kind: NoticeKind
    made_at: datetime
    asked: Money = strawberry.field(description="Of the bills that it names and their penalties.")
    balance: Money | None = strawberry.field(description="That was left, of an account that pays ahead.")
    owed: Money = strawberry.field(description="By the account by now, with the penalties that are posted.")

    @classmethod
    def of(cls, one: Notice, *, account: Account) -> "UnprovenNotice":
        """Present a notice to an agent who may see its account."""
        return cls(
            id=str(one.id),
            arrears_id=relay.GlobalID("ArrearsAccount", str(one.account_id)),
            account_number=account.number,
            org_path=one.org_path,
            kind=one.kind,
            made_at=one.made_at,
            asked=Money(fen=one.total),
            balance=Money(fen=one.balance) if one.balance is not None else None,
            owed=Money(fen=account.balance.owed),
        )


_PLACES: Final[Places[Notice, datetime, NoticeId]] = Places(
    lambda one: (one.made_at, one.id), instant_of, lambda text: NoticeId(UUID(text))
)


async def unproven_notices(
    info: Info, region: str, first: int = 20, after: str | None = None
) -> relay.Connection[UnprovenNotice]:
    """Return a page of the notices that the agent may see, the oldest first."""
    hall, units = info.context.hall, units_served(info.context.subject, region=region)
    notices, since = hall.billing.arrears.notices, hall.clock.now() - LISTED_FOR
    page = await _PLACES.page(
        lambda place, limit: notices.unproven(region=region, units=units, since=since, after=place, limit=limit),
        first=first,
        after=after,
    )
    accounts = await hall.billing.accounts.load({one.account_id for one in page.items})
    return connection(page.map(lambda one: UnprovenNotice.of(one, account=accounts[one.account_id])), after=after)

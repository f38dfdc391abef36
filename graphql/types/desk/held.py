"""The reviewers' queue."""

from datetime import date
from typing import Final
from uuid import UUID

from strawberry import relay

from gridhall.billing.bills.model import Bill, BillId
from gridhall.crm.agents.policies import units_served
from gridhall.graphql.context import Info
from gridhall.graphql.paging import Places, connection
from gridhall.graphql.types.desk.bill import DeskBill

_PLACES: Final[Places[Bill, date | None, BillId]] = Places(
    lambda bill: (bill.hold.due_on if bill.hold else "", bill.id),
    lambda text: date.fromisoformat(text) if text else None,
    lambda text: BillId(UUID(text)),
)


async def held_bills(
    info: Info, region: str, owner: str | None = None, first: int = 20, after: str | None = None
) -> relay.Connection[DeskBill]:
    """Return a page of held bills that the agent may see."""
    billing, units = info.context.hall.billing, units_served(info.context.subject, region=region)
    page = await _PLACES.page(
        lambda place, limit: billing.bills.held(region=region, units=units, after=place, limit=limit, owner=owner),
        first=first,
        after=after,
    )
    accounts = await billing.accounts.load({bill.account_id for bill in page.items})
    return connection(page.map(lambda bill: DeskBill.of(bill, account=accounts[bill.account_id])), after=after)

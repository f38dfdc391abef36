"""The reviewers' queue."""

from datetime import date
from uuid import UUID

from strawberry import relay

from gridhall.billing.bills.model import Bill, BillId
from gridhall.billing.bills.repository import HeldPosition
from gridhall.crm.agents.policies import units_served
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.paging import checked_first, connection
from gridhall.graphql.types.desk.bill import DeskBill
from gridhall.kit.paging import Page, from_cursor


async def held_bills(
    info: Info, region: str, owner: str | None = None, first: int = 20, after: str | None = None
) -> relay.Connection[DeskBill]:
    """Return a page of held bills that the agent may see."""
    limit, billing = checked_first(first), info.context.hall.billing
    units = units_served(info.context.subject, region=region)
    last = _read_place(from_cursor(after)) if after else None
    found = await billing.bills.held(region=region, units=units, after=last, limit=limit + 1, owner=owner)
    page = Page.cut(found, limit=limit, key=_place)
    accounts = await billing.accounts.load({bill.account_id for bill in page.items})
    return connection(page.map(lambda bill: DeskBill.of(bill, account=accounts[bill.account_id])), after=after)


def _place(bill: Bill) -> str:
    return f"{bill.hold.due_on if bill.hold else ''} {bill.id}"


def _read_place(key: str) -> HeldPosition:
    due, _, last = key.partition(" ")
    try:
        return (date.fromisoformat(due) if due else None), BillId(UUID(last))
    except ValueError:
        raise RefusedError("input.bad_cursor") from None

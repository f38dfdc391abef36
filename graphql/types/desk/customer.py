"""Customers as an agent sees them: every personal field masked."""

import strawberry
from strawberry import relay

from gridhall.crm.agents.dossiers import Dossier
from gridhall.crm.customers.mail import masked_mail
from gridhall.crm.customers.model import CustomerId, masked_name
from gridhall.crm.customers.phone import masked_phone
from gridhall.graphql.context import Info
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.paging import checked_first, connection
from gridhall.graphql.types.desk import message, timeline
from gridhall.graphql.types.desk.account import DeskAccount
from gridhall.graphql.types.desk.message import Message
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.desk.timeline import TimelineEntry
from gridhall.kit.paging import Page, from_cursor


@strawberry.type(
    description="A customer of the agent's district. Name, phone and mail are masked; `unmask` tells them."
)
class DeskCustomer(DeskNode):
    """A customer as the desk sees it."""

    id: relay.NodeID[str]
    name: str | None = strawberry.field(description="Masked.")
    phone: str = strawberry.field(description="Masked.")
    mail: str | None = strawberry.field(description="Masked.")
    language: str
    dossier: strawberry.Private[Dossier]

    @strawberry.field(description="The customer's accounts that lie in the agent's district.")
    def accounts(self, info: Info, first: int = 20, after: str | None = None) -> relay.Connection[DeskAccount]:
        """Return a page of accounts."""
        limit, start = checked_first(first), from_cursor(after) if after else ""
        found = [seen for seen in self.dossier.accounts if str(seen.account.id) > start]
        page = Page.cut(found[: limit + 1], limit=limit, key=lambda seen: str(seen.account.id))
        return connection(page.map(lambda seen: DeskAccount.of(seen, language=info.context.language)), after=after)

    @strawberry.field(description="What the customer was sent, newest first: by which way, and how that went.")
    async def messages(self, info: Info, first: int = 20, after: str | None = None) -> relay.Connection[Message]:
        """Return a page of the delivery ledger."""
        limit = checked_first(first)
        place = timeline.read_instant(from_cursor(after), parts=2) if after else None
        deliveries = info.context.hall.post_room.office.deliveries
        before = (place[0], place[2]) if place else None
        accounts = [seen.account.id for seen in self.dossier.accounts]
        found = await deliveries.of_customer(
            self.dossier.customer.id, accounts=accounts, before=before, limit=limit + 1
        )
        page = Page.cut(found, limit=limit, key=message.position_of)
        return connection(page.map(Message.of), after=after)

    @strawberry.field(
        description="Bills issued, payments, messages sent, notes, bindings and unmaskings in one list, newest first."
    )
    async def timeline(self, info: Info, first: int = 20, after: str | None = None) -> relay.Connection[TimelineEntry]:
        """Return a page of the timeline."""
        limit = checked_first(first)
        place = timeline.read_position(from_cursor(after)) if after else None
        found = await info.context.hall.timelines.page(self.dossier, after=place, limit=limit + 1)
        page = Page.cut(found, limit=limit, key=timeline.position_of)
        return connection(page.map(lambda entry: TimelineEntry.of(entry, dossier=self.dossier)), after=after)

    @classmethod
    def of(cls, dossier: Dossier) -> "DeskCustomer":
        """Present a customer to an agent who may see it."""
        customer = dossier.customer
        return cls(
            id=str(customer.id),
            name=masked_name(customer.name) if customer.name else None,
            phone=masked_phone(customer.phone),
            mail=masked_mail(customer.mail) if customer.mail else None,
            language=customer.language,
            dossier=dossier,
        )


async def dossier_of(info: Info, id: relay.GlobalID, *, field: str) -> Dossier | None:
    """Return what the asking agent may see of a customer, or None."""
    customer_id = CustomerId(uuid_of(id, "DeskCustomer", field=field))
    found = await info.context.hall.people.dossiers.of(info.context.subject, [customer_id])
    return found.get(customer_id)

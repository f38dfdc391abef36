"""The signed-in customer, and everything that belongs to the customer."""

import asyncio

import strawberry
from strawberry import relay

from gridhall.crm.customers import model
from gridhall.crm.customers.phone import masked_phone
from gridhall.graphql.context import Info
from gridhall.graphql.paging import checked_first, connection
from gridhall.graphql.types.account import Account
from gridhall.graphql.types.inbox import InboxItem, position_of, read_position
from gridhall.graphql.types.payable import Payable, payable
from gridhall.graphql.types.payment import Payment, own_payments
from gridhall.graphql.types.wechat import WeChat
from gridhall.kit.paging import Page, from_cursor

MOST_UNREAD = 99
"""Unread items are counted up to this many; an app shows 99+ beyond."""


@strawberry.type(description="The signed-in customer.")
class Viewer:
    """The signed-in customer."""

    phone: str = strawberry.field(description="Masked.")
    name: str | None
    language: str
    record: strawberry.Private[model.Customer]

    @strawberry.field(description="Every account that the customer is bound to.")
    async def accounts(self, info: Info) -> list[Account]:
        """Return the accounts of the customer's bindings."""
        bindings, loader = self.record.bindings, info.context.hall.accounts
        found = await asyncio.gather(*(loader.load(binding.account_id) for binding in bindings))
        return [
            Account.of(account, role=binding.role, language=info.context.language)
            for binding, account in zip(bindings, found, strict=True)
            if account is not None
        ]

    @strawberry.field(description="Messages, newest first.")
    async def inbox(self, info: Info, first: int = 20, after: str | None = None) -> relay.Connection[InboxItem]:
        """Return a page of the customer's inbox."""
        position = read_position(from_cursor(after)) if after else None
        limit = checked_first(first)
        found = await info.context.hall.post_room.inbox.page(self.record.id, after=position, limit=limit + 1)
        page = Page.cut(found, limit=limit, key=position_of)
        return connection(page.map(lambda item: InboxItem.of(item, info)), after=after)

    @strawberry.field(description="How many messages are unread, 99 at most.")
    async def unread(self, info: Info) -> int:
        """Return how many messages are unread."""
        return await info.context.hall.post_room.inbox.unread(self.record.id, most=MOST_UNREAD)

    payments: relay.Connection[Payment] = strawberry.field(
        resolver=own_payments, description="Payments that the customer started, for whomever, newest first."
    )
    payable_by_number: Payable | None = strawberry.field(
        resolver=payable,
        description="What is owed on anybody's account, by its whole number, to pay for others; null where there is "
        "none. How often it may be asked is limited.",
    )

    @strawberry.field(description="The link to WeChat.")
    def wechat(self) -> WeChat:
        """Return the customer's link to WeChat."""
        return WeChat.of(self.record)

    @classmethod
    def of(cls, customer: model.Customer) -> "Viewer":
        """Present a customer to himself or herself."""
        return cls(phone=masked_phone(customer.phone), name=customer.name, language=customer.language, record=customer)

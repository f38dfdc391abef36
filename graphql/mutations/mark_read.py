"""Mark a message of the inbox as read."""

import strawberry
from strawberry import relay

from gridhall.graphql.context import Info
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.types.inbox import InboxItem


@strawberry.mutation(description="Mark a message of the caller's inbox as read; null where it has no such message.")
async def mark_read(info: Info, id: relay.GlobalID) -> InboxItem | None:
    """Mark a message as read."""
    customer, hall = info.context.signed_in(), info.context.hall
    item_id = uuid_of(id, "InboxItem", field="id")
    item = await hall.post_room.inbox.mark_read(customer.id, item_id, now=hall.clock.now())
    return InboxItem.of(item, info) if item else None

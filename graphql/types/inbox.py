"""The inbox as a client sees it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.notifications.catalogue import Registry
from gridhall.notifications.inbox import model
from gridhall.notifications.sending.compose import compose


@strawberry.type(description="One fact of a message, as a label and a value.")
class Fact:
    """One fact of a message."""

    label: str
    value: str


@strawberry.type(description="A message in the inbox, in the language of the request.")
class InboxItem(relay.Node):
    """A message in the inbox."""

    id: relay.NodeID[str]
    kind: str
    at: datetime
    read_at: datetime | None
    title: str
    text: str
    facts: list[Fact]
    bill_id: relay.GlobalID | None = strawberry.field(description="The bill that it is about.")

    @classmethod
    def of(cls, item: model.InboxItem, info: Info) -> "InboxItem":
        """Present an item of the caller's own inbox."""
        notification = Registry.keyed(item.kind).unpack(item.data)
        composed = compose(notification, words=info.context.hall.post_room.words, language=info.context.language)
        bill_id = item.data.get("bill_id")
        return cls(
            id=str(item.id),
            kind=item.kind,
            at=item.at,
            read_at=item.read_at,
            title=composed.title,
            text=composed.text,
            facts=[Fact(label=label, value=value) for label, value in composed.facts],
            bill_id=relay.GlobalID("Bill", str(bill_id)) if bill_id else None,
        )

    @classmethod
    async def resolve_nodes(  # type: ignore[override]
        cls, *, info: Info, node_ids: Iterable[str], required: bool = False
    ) -> list["InboxItem | None"]:
        """Return items of the caller's own inbox by id; null for any other."""
        del required
        return [await cls._own(info, node_id) for node_id in node_ids]

    @classmethod
    async def _own(cls, info: Info, node_id: str) -> "InboxItem | None":
        customer = info.context.customer
        try:
            item_id = UUID(node_id)
        except ValueError:
            return None
        if customer is None:
            return None
        item = await info.context.hall.post_room.inbox.one(customer.id, item_id)
        return cls.of(item, info) if item else None


def position_of(item: model.InboxItem) -> str:
    """Return the key after which the next page begins."""
    return f"{item.at.isoformat()} {item.id}"


def read_position(key: str) -> tuple[datetime, UUID]:
    """Read such a key. Raises RefusedError where it is none."""
    try:
        at, item_id = key.split(" ")
        return datetime.fromisoformat(at).astimezone(UTC), UUID(item_id)
    except (ValueError, OverflowError):  # OverflowError: an instant before the year 1
        raise RefusedError("input.bad_cursor") from None

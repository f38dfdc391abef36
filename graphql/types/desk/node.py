"""What all desk types share: they are reached from `desk`, where rights were asked, and by no other way."""

from collections.abc import Iterable
from typing import Self

from strawberry import relay

from gridhall.graphql.context import Info


class DeskNode(relay.Node):
    """An object of the desk. `node(id)` answers null for it, as for anything that is not the caller's."""

    @classmethod
    def resolve_nodes(  # type: ignore[override]
        cls, *, info: Info, node_ids: Iterable[str], required: bool = False
    ) -> list[Self | None]:
        """Return nothing: an id alone opens no desk."""
        del info, required
        return [None for _ in node_ids]

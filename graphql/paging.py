"""Relay connections over keyset pages."""

from typing import TypeVar

from strawberry import relay

from gridhall.graphql.errors import RefusedError
from gridhall.kit.paging import MAX_PAGE, Page, to_cursor

T = TypeVar("T", bound=relay.Node)


def checked_first(first: int) -> int:
    """Return how many items are asked for. Raises RefusedError where it is not 1 to 100."""
    if not 1 <= first <= MAX_PAGE:
        raise RefusedError("input.bad_page", {"most": MAX_PAGE})
    return first


def connection(page: Page[T], *, after: str | None) -> relay.Connection[T]:
    """Present a page as a connection."""
    cursors = [to_cursor(key) for key in page.keys]
    return relay.Connection(
        edges=[relay.Edge(node=node, cursor=cursor) for node, cursor in zip(page.items, cursors, strict=True)],
        page_info=relay.PageInfo(
            has_next_page=page.more,
            has_previous_page=after is not None,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        ),
    )

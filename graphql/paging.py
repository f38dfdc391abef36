"""Relay connections over keyset pages."""

from datetime import UTC, datetime
from typing import Final, TypeVar

from strawberry import relay

from gridhall.graphql.errors import RefusedError
from gridhall.kit.paging import MAX_PAGE, Page, to_cursor

T = TypeVar("T", bound=relay.Node)

_YEARS: Final = range(1970, 2200)
"""Beyond, an instant may have no counterpart in UTC."""


def checked_first(first: int) -> int:
    """Return how many items are asked for. Raises RefusedError where it is not 1 to 100."""
    if not 1 <= first <= MAX_PAGE:
        raise RefusedError("input.bad_page", {"most": MAX_PAGE})
    return first


def instant_of(text: str) -> datetime:
    """Return the instant in the key of a cursor. Raises RefusedError where it is none, or one of no time of ours."""
    try:
        instant = datetime.fromisoformat(text)
        if instant.utcoffset() is not None and instant.astimezone(UTC).year in _YEARS:
            return instant
    except (ValueError, OverflowError):
        pass
    raise RefusedError("input.bad_cursor")


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

"""Relay connections over keyset pages."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Generic, TypeVar

from strawberry import relay

from gridhall.graphql.errors import RefusedError
from gridhall.kit.paging import MAX_PAGE, Page, from_cursor, to_cursor

T = TypeVar("T", bound=relay.Node)
R = TypeVar("R")
V = TypeVar("V")
I = TypeVar("I")  # noqa: E741 - an id

_YEARS: Final = range(1970, 2200)
"""Beyond, an instant may have no counterpart in UTC."""

_NUMBERS: Final = 2**63
"""Beyond, the database cannot compare a whole number."""


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


def number_of(text: str) -> int:
    """Return the whole number in the key of a cursor. Raises ValueError where it is none, or none that a list holds."""
    number = int(text)
    if not -_NUMBERS <= number < _NUMBERS:
        raise ValueError(text)
    return number


@dataclass(frozen=True, slots=True)
class Places(Generic[R, V, I]):
    """The places of a list that is sorted by a value, and by an id where values are equal, and their cursors.

    of: the value, and the id, of a record, as a cursor says them. value, id: read them from a cursor; a ValueError
    says that it is none of this list.
    """

    of: Callable[[R], tuple[object, object]]
    value: Callable[[str], V]
    id: Callable[[str], I]

    async def page(
        self,
        read: Callable[[tuple[V, I] | None, int], Awaitable[Sequence[R]]],
        *,
        first: int,
        after: str | None,
    ) -> Page[R]:
        """Return a page of `first` records behind the cursor `after`.

        read: returns the records behind a place, None for the beginning, so many at most.
        Raises RefusedError where `first` or the cursor is not good.
        """
        limit = checked_first(first)
        found = await read(self._read(after) if after else None, limit + 1)
        return Page.cut(found, limit=limit, key=self._key)

    def _key(self, record: R) -> str:
        value, last = self.of(record)
        return f"{value.isoformat() if isinstance(value, date) else value} {last}"

    def _read(self, after: str) -> tuple[V, I]:
        value, _, last = from_cursor(after).partition(" ")
        try:
            return self.value(value), self.id(last)
        except ValueError:
            raise RefusedError("input.bad_cursor") from None


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

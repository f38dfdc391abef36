"""Pages of a list and the opaque cursors between them."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")

MAX_PAGE = 100
"""No list is answered in pages longer than this."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, each item with the key after which the next page would start."""

    items: tuple[T, ...]
    keys: tuple[str, ...]
    more: bool

    @classmethod
    def cut(cls, found: Sequence[T], *, limit: int, key: Callable[[T], str]) -> "Page[T]":
        """Cut a page out of `found`, which was fetched with one item more than `limit`."""
        items = tuple(found[:limit])
        return cls(items=items, keys=tuple(key(item) for item in items), more=len(found) > limit)

    def map(self, change: Callable[[T], U]) -> "Page[U]":
        """Return the same page with every item changed."""
        return Page(items=tuple(change(item) for item in self.items), keys=self.keys, more=self.more)


def to_cursor(key: str) -> str:
    """Wrap a key as an opaque cursor."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def from_cursor(cursor: str) -> str:
    """Unwrap a cursor. Raises BadCursorError where it is none of ours."""
    try:
        key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        raise BadCursorError from None
    # The decoder skips what it does not know; only what `to_cursor` writes is a cursor.
    if to_cursor(key) != cursor:
        raise BadCursorError
    return key


class BadCursorError(ValueError):
    """A cursor that this service never gave out."""

    def __init__(self) -> None:
        super().__init__("after: not a cursor of this list; use pageInfo.endCursor of an earlier page")

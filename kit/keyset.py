"""Pages by key: what comes behind a place in a sorted list, without counting or skipping what came before."""

from datetime import date, datetime
from typing import Any

Place = tuple[Any, Any]
"""A place in a list: what it is sorted by, and the id that decides where values are equal."""


def beyond(field: str, place: Place | None, *, by: str = "_id", falling: bool = False) -> dict[str, Any]:
    """Return the filter of what comes behind a place in a list sorted by (`field`, `by`), both rising or both falling.

    None is the beginning, behind which everything comes. A day is kept, and so compared, as its text.
    """
    if place is None:
        return {}
    value, last = place
    if type(value) is date:
        value = value.isoformat()
    step = "$lt" if falling else "$gt"
    return {"$or": [{field: {step: value}}, {field: value, by: {step: last}}]}


Before = tuple[datetime, object | None]
"""A place in a list that is newest first: an instant, and the id within it, or None before all ids of it."""


def earlier(field: str, before: Before | None) -> dict[str, Any]:
    """Return the filter of what comes after a place in a list sorted by (-field, -_id)."""
    if before is not None and before[1] is None:
        return {field: {"$lt": before[0]}}
    return beyond(field, before, falling=True)

"""Pages by key: nothing is left out and nothing comes twice, however long the pages are."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis.strategies import booleans, integers, lists, tuples

from gridhall.kit.keyset import beyond

rows = lists(tuples(integers(0, 3), integers(0, 50)), unique_by=lambda row: row[1])


def keeps(document: dict[str, Any], query: dict[str, Any]) -> bool:
    """What MongoDB does with such a filter."""
    for name, wanted in query.items():
        if name == "$or":
            if not any(keeps(document, one) for one in wanted):
                return False
        elif isinstance(wanted, dict):
            ((step, limit),) = wanted.items()
            if not (document[name] > limit if step == "$gt" else document[name] < limit):
                return False
        elif document[name] != wanted:
            return False
    return True


@given(rows=rows, size=integers(1, 4), falling=booleans())
def test_pages_of_any_size_make_up_the_list(rows: list[tuple[int, int]], size: int, *, falling: bool) -> None:
    whole = sorted(rows, reverse=falling)
    place, walked = None, []
    while True:
        query = beyond("score", place, falling=falling)
        page = [row for row in whole if keeps({"score": row[0], "_id": row[1]}, query)][:size]
        if not page:
            break
        walked += page
        place = page[-1]
    assert walked == whole


def test_a_day_is_compared_as_it_is_kept() -> None:
    assert beyond("due", (date(2026, 11, 3), "k"), by="key") == {
        "$or": [{"due": {"$gt": "2026-11-03"}}, {"due": "2026-11-03", "key": {"$gt": "k"}}]
    }

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.kit.paging import BadCursorError, Page, from_cursor, to_cursor


@given(st.text())
def test_a_cursor_gives_back_its_key(key: str) -> None:
    assert from_cursor(to_cursor(key)) == key


@given(st.text(max_size=40))
def test_what_is_no_cursor_is_refused_or_is_one(text: str) -> None:
    try:
        key = from_cursor(text)
    except BadCursorError:
        return
    assert to_cursor(key) == text


@pytest.mark.parametrize("text", ["*", "MjAyNi0x!MA", "MjAyNi0xMA==", "a", "你好", "/w", "MjAyNi0xMA\n"])
def test_a_cursor_that_was_never_given_out_is_refused(text: str) -> None:
    with pytest.raises(BadCursorError, match=r"use pageInfo\.endCursor"):
        from_cursor(text)


@given(st.lists(st.integers(), max_size=20), st.integers(1, 20))
def test_a_page_is_cut_at_its_limit_and_knows_of_more(found: list[int], limit: int) -> None:
    page = Page.cut(found[: limit + 1], limit=limit, key=str)
    assert list(page.items) == found[:limit]
    assert list(page.keys) == [str(item) for item in found[:limit]]
    assert page.more == (len(found) > limit)


def test_a_changed_page_keeps_its_keys() -> None:
    page = Page.cut([1, 2, 3], limit=2, key=str).map(lambda item: -item)
    assert (page.items, page.keys, page.more) == ((-1, -2), ("1", "2"), True)

"""From minutes of calls to the times in which nobody could pay online."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis.strategies import frozensets, lists, sampled_from, tuples

from gridhall.billing.payments.watching.model import ONE_MINUTE, Minute, downs

BEGAN = datetime(2026, 10, 3, 15, 58, tzinfo=UTC)
BOTH = frozenset({"wechatpay", "alipay"})
some = frozensets(sampled_from(sorted(BOTH)))


def minutes(*told: tuple[frozenset[str], frozenset[str]]) -> list[Minute]:
    """Minutes in a row, each told as who answered and who failed; those without a failure are left out."""
    made = [Minute(BEGAN + at * ONE_MINUTE, answered, failed) for at, (answered, failed) in enumerate(told)]
    return [minute for minute in made if minute.failed]


def down(of: str) -> list[int]:
    """When outages of three minutes began. A letter a minute: B both fail, W or A one, x one answers, - silence."""
    said = {
        "B": (frozenset[str](), BOTH),
        "W": (frozenset[str](), frozenset({"wechatpay"})),
        "A": (frozenset[str](), frozenset({"alipay"})),
        "x": (frozenset({"alipay"}), frozenset({"wechatpay"})),
        "-": (frozenset[str](), frozenset[str]()),
    }
    found = downs(minutes(*(said[letter] for letter in of)), providers=BOTH, after=3)
    return [(began - BEGAN) // ONE_MINUTE for began in found]


@pytest.mark.parametrize(
    ("of", "began"),
    [
        ("", []),
        ("BB", []),
        ("BBB", [0]),
        ("BBBBBBB", [0]),
        ("xBBB", [1]),
        ("WBBB", [0]),
        ("WWWWWWWW", []),
        ("WAWAWAWA", []),
        ("BBWBB", []),
        ("BBxBB", []),
        ("BB-BB", []),
        ("WB-BBB", [3]),
        ("BBBxxBBB", [0, 5]),
        ("BBB-BBB", [0, 4]),
        ("BBBWBBB", [0]),
    ],
)
def test_it_is_an_outage_from_its_first_failure_on_once_all_failed_for_so_many_minutes_in_a_row(
    of: str, began: list[int]
) -> None:
    assert down(of) == began


@given(lists(tuples(some, some), max_size=30))
def test_while_one_answers_it_is_no_outage(told: list[tuple[frozenset[str], frozenset[str]]]) -> None:
    for began in downs(minutes(*told), providers=BOTH, after=2):
        at = (began - BEGAN) // ONE_MINUTE
        assert all(failed and not answered for answered, failed in told[at : at + 2])


@given(lists(tuples(some, some), max_size=30))
def test_what_comes_later_does_not_change_when_an_outage_began(
    told: list[tuple[frozenset[str], frozenset[str]]],
) -> None:
    known: list[datetime] = []
    for size in range(len(told) + 1):
        now = downs(minutes(*told[:size]), providers=BOTH, after=2)
        assert now[: len(known)] == known
        known = now


def test_where_no_provider_is_offered_any_more_none_is_down() -> None:
    failed = minutes(*[(frozenset[str](), BOTH)] * 9)
    assert downs(failed, providers=(), after=3) == []
    assert downs(failed, providers={"alipay"}, after=3) == [BEGAN]

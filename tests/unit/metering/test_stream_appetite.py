"""How much a consumer of the stream takes at once."""

from hypothesis import given
from hypothesis import strategies as st

from gridhall.metering.feed.stream.appetite import Appetite


def test_who_is_behind_takes_twice_as_much_each_time_up_to_the_most() -> None:
    appetite, sizes = Appetite(usual=4, most=24), []
    for _ in range(5):
        sizes.append(appetite.size)
        appetite.learn(met=True)
    assert sizes == [4, 8, 16, 24, 24]


def test_who_has_caught_up_takes_the_usual_again() -> None:
    appetite = Appetite(usual=4, most=24)
    for met in (True, True, False):
        appetite.learn(met=met)
    assert appetite.size == 4


def test_small_entries_meet_it_by_their_number_because_each_is_named_to_redis() -> None:
    appetite = Appetite(usual=2**22, most=2**25)
    assert not appetite.is_met(size=75 * 9_999, entries=9_999)
    assert appetite.is_met(size=75 * 10_000, entries=10_000)


@given(usual=st.integers(1, 100), most=st.integers(1, 1000), met=st.lists(st.booleans()))
def test_it_never_leaves_its_bounds(usual: int, most: int, met: list[bool]) -> None:
    appetite = Appetite(usual=usual, most=most)
    for one in met:
        appetite.learn(met=one)
        assert usual <= appetite.size <= max(usual, most)

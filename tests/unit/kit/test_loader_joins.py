"""The loader against a collection that answers only when it is told to."""

import asyncio
from collections.abc import Mapping

import pytest

from gridhall.kit.loader import Loader


class Shelf:
    """Notes what is asked in one go; answers each question when `answer` lets it."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self._answers: list[asyncio.Future[None]] = []

    async def fetch(self, keys: list[int]) -> Mapping[int, str]:
        self.asked.append(keys)
        self._answers.append(asyncio.get_running_loop().create_future())
        await self._answers[-1]
        return {key: f"value {key}" for key in keys if key >= 0}

    def answer(self, question: int) -> None:
        self._answers[question].set_result(None)

    def fail(self, question: int, error: Exception) -> None:
        self._answers[question].set_exception(error)


async def a_while() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def reads(loader: Loader[int, str], *keys: int) -> list[asyncio.Task[str | None]]:
    return [asyncio.create_task(loader.load(key)) for key in keys]


async def test_reads_that_arrive_together_travel_together() -> None:
    shelf = Shelf()
    loader = Loader(shelf.fetch)
    waiting = reads(loader, 1, 2, 3, 2, 1)
    await a_while()
    assert shelf.asked == [[1, 2, 3]]
    shelf.answer(0)
    assert await asyncio.gather(*waiting) == ["value 1", "value 2", "value 3", "value 2", "value 1"]


async def test_what_is_not_there_is_none() -> None:
    shelf = Shelf()
    (waiting,) = reads(Loader(shelf.fetch), -1)
    await a_while()
    shelf.answer(0)
    assert await waiting is None


async def test_no_more_than_two_questions_are_under_way_and_what_comes_meanwhile_is_joined() -> None:
    shelf = Shelf()
    loader = Loader(shelf.fetch)
    waiting = []
    for key in range(6):
        waiting += reads(loader, key)
        await a_while()
    assert shelf.asked == [[0], [1]]
    shelf.answer(1)
    await a_while()
    assert shelf.asked == [[0], [1], [2, 3, 4, 5]]
    shelf.answer(0)
    shelf.answer(2)
    assert await asyncio.gather(*waiting) == [f"value {key}" for key in range(6)]


async def test_more_keys_than_one_question_holds_are_all_answered() -> None:
    async def fetch(keys: list[int]) -> Mapping[int, int]:
        assert len(keys) <= 500
        return {key: key for key in keys}

    loader = Loader(fetch)
    assert await asyncio.gather(*(loader.load(key) for key in range(1700))) == list(range(1700))


async def test_nothing_is_cached() -> None:
    shelf = Shelf()
    loader = Loader(shelf.fetch)
    for question in range(2):
        (waiting,) = reads(loader, 7)
        await a_while()
        shelf.answer(question)
        assert await waiting == "value 7"
    assert shelf.asked == [[7], [7]]


async def test_a_key_that_is_asked_while_it_is_under_way_is_asked_again() -> None:
    """The first answer may be older than what the second asker has just written."""
    shelf = Shelf()
    loader = Loader(shelf.fetch)
    waiting = reads(loader, 7)
    await a_while()
    waiting += reads(loader, 7)
    await a_while()
    assert shelf.asked == [[7], [7]]
    shelf.answer(0)
    shelf.answer(1)
    assert await asyncio.gather(*waiting) == ["value 7", "value 7"]


async def test_an_error_reaches_everybody_who_waits_and_nobody_else() -> None:
    shelf = Shelf()
    loader = Loader(shelf.fetch)
    failing = reads(loader, 1, 2)
    await a_while()
    good = reads(loader, 3)
    await a_while()
    shelf.fail(0, ConnectionError("gone"))
    shelf.answer(1)
    for task in failing:
        with pytest.raises(ConnectionError, match="gone"):
            await task
    assert await good[0] == "value 3"
    again = reads(loader, 1)
    await a_while()
    shelf.answer(2)
    assert await again[0] == "value 1"


async def test_one_who_goes_away_does_not_take_the_answer_from_the_others() -> None:
    shelf = Shelf()
    loader = Loader(shelf.fetch)
    first, second = reads(loader, 1, 1)
    await a_while()
    first.cancel()
    await a_while()
    shelf.answer(0)
    assert await second == "value 1"
    with pytest.raises(asyncio.CancelledError):
        await first

"""Trying an optimistic write again when another writer was faster."""

import asyncio
import random
from typing import Final

_TRIES: Final = 30
_FIRST_PAUSE_SECONDS: Final = 0.005
_LONGEST_PAUSE_SECONDS: Final = 0.2


async def take_turn(attempt: int, *, of: str) -> None:
    """Wait before the attempt numbered from 0; the first comes at once, later ones with full jitter.

    Raises ContendedError, naming the collection `of`, where 30 attempts were not enough.
    """
    if attempt >= _TRIES:
        raise ContendedError(of)
    if attempt:
        longest = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2**attempt)
        await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - jitter


class ContendedError(RuntimeError):
    """Other writers changed the same documents before every one of our attempts."""

    def __init__(self, of: str) -> None:
        super().__init__(f"{of}: written by others at each of {_TRIES} attempts; send the batch again")

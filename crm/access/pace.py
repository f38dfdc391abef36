"""Answers that take the same time whatever they found, where the time would tell what the words do not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

EVEN_SECONDS: Final = 0.1
"""Several times what writing a code takes."""


@asynccontextmanager
async def evenly(seconds: float = EVEN_SECONDS) -> AsyncIterator[None]:
    """Let what is done inside take no less than some seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, end - loop.time()))

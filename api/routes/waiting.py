"""Bodies that are waited for."""

import asyncio
from collections.abc import AsyncIterator


async def in_time(chunks: AsyncIterator[bytes], *, seconds: float) -> AsyncIterator[bytes]:
    """Yield the chunks of a body; raise TooSlowError once they were waited for so long altogether.

    The time in which they are worked on does not count: a sender is not to blame for us.
    """
    loop, left, coming = asyncio.get_running_loop(), seconds, aiter(chunks)
    while True:
        began = loop.time()
        try:
            async with asyncio.timeout(left):
                chunk = await anext(coming)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise TooSlowError(seconds) from None
        left -= loop.time() - began
        yield chunk


class TooSlowError(Exception):
    """A body did not come in time."""

    def __init__(self, seconds: float) -> None:
        super().__init__("the body did not come in time")
        self.seconds = seconds

"""Calls to services outside: bounded as a whole, not only from one byte to the next."""

import asyncio
from typing import Final

import httpx

_WHOLE: Final = 4
"""How many times a client's limit a whole call may take; a day's statement is a file."""


async def send_bounded(http: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Send a request and return the answer, read to its end.

    The limit of httpx is for each wait: a server that lets its answer drip would keep us without end.
    Raises ReadTimeout where it took too long, and whatever else httpx raises.
    """
    limit = http.timeout.read
    try:
        async with asyncio.timeout(None if limit is None else _WHOLE * limit):
            return await http.send(request)
    except TimeoutError:
        raise httpx.ReadTimeout("the answer did not end in time", request=request) from None

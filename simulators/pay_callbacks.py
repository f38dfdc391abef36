"""Tells the merchant of a payment, again and again until it answers 200."""

import asyncio
from collections.abc import Callable, Sequence

import httpx

from gridhall.kit.clock import Clock
from gridhall.simulators.pay_orders import PayOrder
from gridhall.simulators.signatures import pay_headers

PAUSES_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""How long is waited after each refusal; the last one repeats."""

_ANSWER_SECONDS = 5.0


class Callbacks:
    """The callbacks under way, a task each."""

    def __init__(self, *, secret: str, clock: Clock, pauses_seconds: Sequence[float] = PAUSES_SECONDS) -> None:
        self._secret = secret
        self._clock = clock
        self._pauses = tuple(pauses_seconds)
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, order: PayOrder, *, when_done: Callable[[], None]) -> None:
        """Begin to tell the merchant of a paid order; `when_done` is called once it has answered 200."""
        task = asyncio.create_task(self._tell(order, when_done=when_done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _tell(self, order: PayOrder, *, when_done: Callable[[], None]) -> None:
        body = order.callback()
        refusals = 0
        async with httpx.AsyncClient(timeout=_ANSWER_SECONDS, trust_env=False) as client:
            while not await self._is_heard(client, order.notify_url, body):
                await asyncio.sleep(self._pauses[min(refusals, len(self._pauses) - 1)])
                refusals += 1
        when_done()

    async def _is_heard(self, client: httpx.AsyncClient, url: str, body: bytes) -> bool:
        headers = pay_headers(secret=self._secret, body=body, now=self._clock.now())
        try:
            answer = await client.post(url, content=body, headers={**headers, "Content-Type": "application/json"})
        except httpx.HTTPError:
            return False
        return answer.is_success

"""Tells the merchant, again and again on the provider's schedule, and as wrongly as was ordered."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from gridhall.simulators.paying.orders_to_fail import Forgery, PayOrders, Tally
from gridhall.simulators.trouble import Trouble

WECHATPAY_PAUSES: Final = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
ALIPAY_PAUSES: Final = (240, 600, 600, 3600, 7200, 21600, 54000)
"""Seconds between the attempts of the two providers, as they say themselves; after the last one they give up."""

DEMO_SCALE: Final = 1 / 15
"""How much faster a demo goes."""

_ANSWER_SECONDS: Final = 5.0
_GIVE_UP_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Message:
    """One callback as it goes over the wire."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something to be told. make: the message, signed anew at every attempt, or forged; None where it cannot be."""

    make: Callable[[Forgery | None], Message | None]
    is_taken: Callable[[httpx.Response], bool]
    pauses: Sequence[float]
    when_taken: Callable[[], None] = lambda: None


class Deliveries:
    """The callbacks under way, a task each. scale: what the providers' pauses are multiplied with."""

    def __init__(self, *, trouble: Trouble[PayOrders], scale: float) -> None:
        self._trouble = trouble
        self._scale = scale
        self._held: list[Delivery] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self.tally = Tally()

    def start(self, delivery: Delivery) -> None:
        """Begin to tell, unless it was ordered to lose or to hold back."""
        orders = self._trouble.orders
        if orders.lose:
            self._trouble.orders = orders.model_copy(update={"lose": orders.lose - 1})
            self.tally["lost"] += 1
            return
        self._held.append(delivery)
        if len(self._held) >= orders.reorder:
            self.release()

    def release(self) -> None:
        """Send what was held back, the newest first."""
        held, self._held = self._held, []
        self._spawn(self._in_turn(held[::-1]))

    async def close(self) -> None:
        """Give up what is under way, and begin nothing more.

        Cancels again until all have ended: a cancellation that meets the end of an exchange may be lost, and a provider
        goes on for days.
        """
        self._is_closed = True
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks, timeout=_GIVE_UP_SECONDS)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._is_closed:
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _in_turn(self, deliveries: Sequence[Delivery]) -> None:
        """Make the first attempt of each before the first of the next."""
        orders = self._trouble.orders
        for delivery in deliveries:
            await asyncio.sleep(orders.callback_delay_seconds)
            async with httpx.AsyncClient(timeout=_ANSWER_SECONDS, trust_env=False) as client:
                for forgery in orders.forge:
                    await self._forge(client, delivery, forgery)
                taken = await self._attempt(client, delivery)
                for _ in range(orders.repeat):
                    await self._attempt(client, delivery)
            if not taken:
                self._spawn(self._insist(delivery))

    async def _insist(self, delivery: Delivery) -> None:
        async with httpx.AsyncClient(timeout=_ANSWER_SECONDS, trust_env=False) as client:
            for pause in delivery.pauses:
                await asyncio.sleep(pause * self._scale)
                if await self._attempt(client, delivery):
                    return
        self.tally["given_up"] += 1

    async def _attempt(self, client: httpx.AsyncClient, delivery: Delivery) -> bool:
        message = delivery.make(None)
        taken = message is not None and await self._send(client, delivery, message)
        self.tally["sent"] += 1
        self.tally["taken" if taken else "refused"] += 1
        if taken:
            delivery.when_taken()
        return taken

    async def _forge(self, client: httpx.AsyncClient, delivery: Delivery, forgery: Forgery) -> None:
        message = delivery.make(forgery)
        if message is not None:
            taken = await self._send(client, delivery, message)
            self.tally["forged"] += 1
            self.tally["forged_taken"] += taken

    @staticmethod
    async def _send(client: httpx.AsyncClient, delivery: Delivery, message: Message) -> bool:
        try:
            return delivery.is_taken(
                await client.post(message.url, content=message.body, headers=dict(message.headers))
            )
        except httpx.HTTPError:
            return False

"""A field system for the demo and the tests: it polls, takes what is asked, and does it; or, told so, does not."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import httpx


@dataclass(slots=True)
class FieldOrders:
    """How the next requests go, each so many times.

    lose: taken, and never told of. ignore: not even taken. fail: taken, and told as failed. slow_seconds: before each
    is done.
    """

    lose: int = 0
    ignore: int = 0
    fail: int = 0
    slow_seconds: float = 0


@dataclass(slots=True)
class FieldSystem:
    """One region's field system. `supply` is what it did to each meter last: True where it is on.

    tally: requests `done`, `failed`, `lost`, `ignored`, and `refused`, which were withdrawn as it wanted to take them.
    """

    http: httpx.AsyncClient
    token: str
    orders: FieldOrders = field(default_factory=FieldOrders)
    supply: dict[str, bool] = field(default_factory=dict)
    tally: Counter[str] = field(default_factory=Counter)

    async def poll(self) -> int:
        """Go through all that waits, once; return how many requests there were. Raises httpx.HTTPStatusError."""
        seen, after = 0, None
        while True:
            params = {"limit": "20"} | ({"after": after} if after else {})
            page = (await self._call("GET", "/v1/field/requests", params=params)).json()
            for request in page["requests"]:
                seen += 1
                await self._see_to(request)
            after = page["next"]
            if after is None:
                return seen

    async def run(self, *, every_seconds: float) -> None:
        """Poll until cancelled; what cannot be reached now is polled again."""
        while True:
            try:
                await self.poll()
            except httpx.HTTPError:
                self.tally["unreachable"] += 1
            await asyncio.sleep(every_seconds)

    async def _see_to(self, request: dict[str, object]) -> None:
        if self._spend("ignore"):
            self.tally["ignored"] += 1
            return
        path = f"/v1/field/requests/{request['id']}"
        taken = await self._call("POST", f"{path}/acknowledge", json={"reference": f"F-{str(request['id'])[:8]}"})
        if taken.status_code == httpx.codes.CONFLICT:
            self.tally["refused"] += 1
            return
        if self._spend("lose"):
            self.tally["lost"] += 1
            return
        await asyncio.sleep(self.orders.slow_seconds)
        if self._spend("fail"):
            await self._call("POST", f"{path}/failed", json={"note": "the switch does not answer"})
            self.tally["failed"] += 1
            return
        for meter in taken.json()["meters"]:
            self.supply[meter] = request["kind"] == "reconnect"
        await self._call("POST", f"{path}/done", json={"note": "done"})
        self.tally["done"] += 1

    def _spend(self, order: str) -> bool:
        left: int = getattr(self.orders, order)
        if left:
            setattr(self.orders, order, left - 1)
        return bool(left)

    async def _call(self, method: str, path: str, **more: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = await self.http.request(method, path, headers=headers, **more)  # type: ignore[arg-type]
        if answer.status_code != httpx.codes.CONFLICT:
            answer.raise_for_status()
        return answer

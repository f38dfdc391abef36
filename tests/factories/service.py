"""A running service, as a journey holds it."""

from dataclasses import dataclass

import httpx

from gridhall.api.demo.processes import Processes
from gridhall.api.state import State
from gridhall.kit.settings import Settings
from gridhall.simulators.app import Addresses
from tests.factories.paying import tell


@dataclass(frozen=True, slots=True)
class Service:
    """A running service. `state` is another opening of the same rooms, for what a system of record hands over."""

    url: str
    settings: Settings
    state: State
    stands: Addresses
    processes: Processes

    async def tell_stands(self, **orders: object) -> dict[str, int]:
        """Tell the payment stand-ins what to do wrong; return what they did so far."""
        async with httpx.AsyncClient(trust_env=False) as http:
            return await tell(http, self.stands, **orders)

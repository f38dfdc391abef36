"""A running service, as a journey holds it."""

from dataclasses import dataclass

import httpx
import orjson

from gridhall.api.demo.processes import Processes
from gridhall.api.state import State
from gridhall.kit.settings import Settings
from gridhall.simulators.app import Addresses
from gridhall.simulators.signatures import pay_headers

PAY_SECRET = "journey-pay"


@dataclass(frozen=True, slots=True)
class Service:
    """A running service. `state` is another opening of the same rooms, for what a system of record hands over."""

    url: str
    settings: Settings
    state: State
    stands: Addresses
    processes: Processes

    async def callback_again(self, order: str) -> None:
        """Tell the API once more, signed as the provider signs, what it told of a paid order."""
        async with httpx.AsyncClient() as http:
            paid = (await http.get(order)).json()
            body = orjson.dumps(
                {name: paid[name] for name in ("out_trade_no", "transaction_id", "total_fen", "paid_at")}
            )
            headers = pay_headers(secret=PAY_SECRET, body=body, now=self.state.clock.now())
            answer = await http.post(f"{self.url}/v1/webhooks/payments/simulated", content=body, headers=headers)
        assert answer.status_code == 204, answer.text

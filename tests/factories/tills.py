"""An online provider as its port describes it, whose answers a test sets; the real ones have tests too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from gridhall.billing.payments.port import (
    ForgedCallbackError,
    Order,
    Placed,
    ProviderUnavailableError,
    RefundOrder,
    RefundTold,
    StatementLine,
    Trade,
    TradeState,
)


@dataclass
class Till:
    """trades: what it knows of orders. answers: what it says of refunds, one a call; None is no answer."""

    name: str = "wechatpay"
    trades: dict[str, Trade] = field(default_factory=dict)
    answers: list[TradeState | None] = field(default_factory=list)
    lines: list[StatementLine] = field(default_factory=list)
    placed: list[Order] = field(default_factory=list)
    sent: list[RefundOrder] = field(default_factory=list)

    async def place(self, order: Order) -> Placed:
        self.placed.append(order)
        return Placed(pay_url=f"https://pay.example/{order.number}")

    async def query(self, number: str) -> Trade:
        return self.trades.get(number, Trade(number, TradeState.UNKNOWN))

    async def close(self, number: str) -> bool:
        return number not in self.trades

    async def refund(self, refund: RefundOrder) -> RefundTold:
        self.sent.append(refund)
        return self._answer(refund.number)

    async def query_refund(self, number: str, *, trade_number: str) -> RefundTold:
        del trade_number
        return self._answer(number)

    async def statement(self, day: date) -> Sequence[StatementLine]:
        del day
        return self.lines

    async def read_callback(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Trade | RefundTold:
        del headers, body, now
        raise ForgedCallbackError("this provider calls nobody back")

    def _answer(self, number: str) -> RefundTold:
        state = self.answers.pop(0)
        if state is None:
            raise ProviderUnavailableError("away")
        return RefundTold(number, state)

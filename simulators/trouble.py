"""What a stand-in was told to do wrong."""

import asyncio
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field


class Orders(BaseModel):
    """How the next calls go.

    errcode: answered instead of doing the call, `times` times; a number at WeChat, a text at the SMS gateway.
    status: likewise, an HTTP status. call: the path that is meant, all where absent. delay_seconds: before every
    answer. quota: messages that may still be sent today. expire_tokens: end all access tokens now.
    """

    model_config = ConfigDict(extra="forbid")

    call: str | None = None
    errcode: int | str | None = None
    status: int | None = Field(default=None, ge=400, le=599)
    times: int = Field(default=1, ge=1)
    delay_seconds: float = Field(default=0, ge=0, le=60)
    quota: int | None = Field(default=None, ge=0)
    expire_tokens: bool = False


Given = TypeVar("Given", bound=Orders)


@dataclass(slots=True)
class Trouble(Generic[Given]):
    """The orders that are in force; a new order replaces the last."""

    orders: Given

    async def of(self, path: str) -> Given | None:
        """Wait as long as was ordered; return the orders where this call is to fail."""
        if self.orders.call is not None and self.orders.call != path:
            return None
        if self.orders.delay_seconds:
            await asyncio.sleep(self.orders.delay_seconds)
        if (self.orders.errcode is None and self.orders.status is None) or self.orders.times == 0:
            return None
        failing = self.orders
        self.orders = failing.model_copy(update={"times": failing.times - 1})
        return failing

    def take_quota(self) -> bool:
        """Count one message; False where the day's are used up."""
        if self.orders.quota is None:
            return True
        if self.orders.quota == 0:
            return False
        self.orders = self.orders.model_copy(update={"quota": self.orders.quota - 1})
        return True

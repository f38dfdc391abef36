"""The stand-ins' callbacks end with the stand-in."""

import asyncio

from gridhall.simulators.paying.deliveries import WECHATPAY_PAUSES, Deliveries, Delivery, Message
from gridhall.simulators.paying.orders_to_fail import PayOrders
from gridhall.simulators.trouble import Trouble


class LosesOneCancellation(Deliveries):
    """An exchange in which the first cancellation comes to nothing, as one does that meets its last byte."""

    def __init__(self) -> None:
        super().__init__(trouble=Trouble(PayOrders()), scale=1.0)
        self.begun = asyncio.Event()

    async def _send(self, *_: object) -> bool:
        self.begun.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            return False
        return True


def a_delivery() -> Delivery:
    return Delivery(
        make=lambda _: Message("http://127.0.0.1:1/told", {}, b""), is_taken=lambda _: True, pauses=WECHATPAY_PAUSES
    )


async def test_a_delivery_that_a_cancellation_did_not_reach_ends_all_the_same() -> None:
    deliveries = LosesOneCancellation()
    deliveries.start(a_delivery())
    await deliveries.begun.wait()
    async with asyncio.timeout(30):
        await deliveries.close()


async def test_nothing_begins_after_the_end() -> None:
    deliveries = LosesOneCancellation()
    await deliveries.close()
    deliveries.start(a_delivery())
    await asyncio.sleep(0.01)
    assert not deliveries.begun.is_set()

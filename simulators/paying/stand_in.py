"""Both payment stand-ins in one: the providers' own addresses, the page on which a person pays, and orders to fail."""

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from gridhall.kit.clock import Clock
from gridhall.kit.money import yuan
from gridhall.simulators.pages import page
from gridhall.simulators.paying.alipay.gateway import AlipayGateway
from gridhall.simulators.paying.at_hand import AtHand
from gridhall.simulators.paying.deliveries import DEMO_SCALE, Deliveries
from gridhall.simulators.paying.keys import PayKeys
from gridhall.simulators.paying.orders_to_fail import PayOrders
from gridhall.simulators.paying.till import PayOrder, Till
from gridhall.simulators.paying.wechatpay.api import WechatPayApi
from gridhall.simulators.paying.wechatpay.signing import is_signed
from gridhall.simulators.trouble import Trouble


class Paying:
    """The stand-ins of WeChat Pay and Alipay. callback_scale: how much of the providers' pauses is waited."""

    def __init__(self, *, keys: PayKeys, clock: Clock, callback_scale: float = DEMO_SCALE) -> None:
        self._keys = keys
        self._till = Till(clock=clock)
        self._trouble = Trouble(PayOrders())
        self.deliveries = Deliveries(trouble=self._trouble, scale=callback_scale)
        at_hand = AtHand(self._till, self._trouble, self.deliveries, clock)
        self._wechatpay = WechatPayApi(at_hand=at_hand, keys=keys.wechatpay)
        self._alipay = AlipayGateway(at_hand=at_hand, keys=keys.alipay)

    def routes(self) -> list[Route]:
        """Return what is served: the providers' paths, and /pay for people."""
        return [
            *self._wechatpay.routes(),
            *self._alipay.routes(),
            Route("/pay/control", self.control, methods=["POST"]),
            Route("/pay/control", self.count, methods=["GET"]),
            Route("/pay/wechatpay/request", self.request_payment, methods=["POST"]),
            Route("/pay/{provider}/{number}", self.show, methods=["GET"]),
            Route("/pay/{provider}/{number}/confirm", self.confirm, methods=["POST"]),
        ]

    async def control(self, request: Request) -> Response:
        """Take orders, which replace the last; `{}` ends all trouble. Answer what was done so far."""
        try:
            orders = PayOrders.model_validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"error": error.errors(include_url=False, include_input=False)}, status_code=422)
        self._trouble.orders = orders
        if orders.rotate:
            self._wechatpay.rotate()
        if not orders.reorder:
            self.deliveries.release()
        return await self.count(request)

    async def count(self, _request: Request) -> Response:
        """Answer how many callbacks were sent, taken, refused, lost, forged, and forged ones taken."""
        return JSONResponse({"callbacks": self.deliveries.tally})

    async def request_payment(self, request: Request) -> Response:
        """Do what `wx.requestPayment` does when the customer confirms: check the merchant's signature, and pay."""
        said = {name: str(value) for name, value in (await request.json()).items()}
        lines = (self._keys.wechatpay.appid, said.get("timeStamp", ""), said.get("nonceStr", ""))
        prepay_id = said.get("package", "").removeprefix("prepay_id=")
        order = self._till.prepaid(prepay_id)
        key = self._keys.wechatpay.merchant
        if order is None or not is_signed(key, said.get("paySign", ""), *lines, said["package"]):
            return JSONResponse({"errMsg": "requestPayment:fail"}, status_code=400)
        self._pay(order)
        return JSONResponse({"errMsg": "requestPayment:ok"} if order.paid_at else {"errMsg": "requestPayment:fail"})

    async def show(self, request: Request) -> Response:
        """Show the page on which a person pays, or sees that it is paid."""
        order = self._order(request)
        if order is None:
            return page("pay_unknown.html", status=404)
        confirm = f"/pay/{order.provider}/{request.path_params['number']}/confirm"
        return page("pay.html", order=order, amount=f"{yuan(order.total):,}", confirm=confirm)

    async def confirm(self, request: Request) -> Response:
        """Pay an order; once paid, confirming again changes nothing."""
        order = self._order(request)
        if order is None:
            return JSONResponse({"error": "no such order"}, status_code=404)
        self._pay(order)
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(request.url.path.removesuffix("/confirm"), status_code=303)
        state = "paid" if order.paid_at else "closed"
        return JSONResponse({"out_trade_no": order.number, "state": state, "notified": order.is_notified})

    def _order(self, request: Request) -> PayOrder | None:
        """Return an order of Alipay's by its number, one of WeChat Pay's by a prepay_id."""
        number = request.path_params["number"]
        if request.path_params["provider"] == "wechatpay":
            return self._till.prepaid(number)
        return self._till.find("alipay", number)

    def _pay(self, order: PayOrder) -> None:
        if self._till.pay(order):
            told_by = self._wechatpay if order.provider == "wechatpay" else self._alipay
            told_by.tell_paid(order)

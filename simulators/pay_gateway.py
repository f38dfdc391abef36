"""The online payment that moves no money: orders of the merchant, a page to confirm them, a callback that insists."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from gridhall.kit.clock import Clock
from gridhall.kit.money import yuan
from gridhall.simulators.pages import page
from gridhall.simulators.pay_callbacks import PAUSES_SECONDS, Callbacks
from gridhall.simulators.pay_orders import BadOrderError, PayOrder
from gridhall.simulators.signatures import is_pay_signature


class PayGateway:
    """Takes signed orders, shows the page on which a person confirms one, and calls the merchant back.

    public_url: how people reach the stand-ins; what the caller used where it is None.
    """

    def __init__(
        self,
        *,
        secret: str,
        clock: Clock,
        public_url: str | None = None,
        pauses_seconds: Sequence[float] = PAUSES_SECONDS,
    ) -> None:
        self._secret = secret
        self._clock = clock
        self._public_url = public_url
        self._orders: dict[str, PayOrder] = {}
        self.callbacks = Callbacks(secret=secret, clock=clock, pauses_seconds=pauses_seconds)

    def routes(self) -> list[Route]:
        """Return what is served, under /pay."""
        return [
            Route("/pay/orders", self.order, methods=["POST"]),
            Route("/pay/orders/{number}", self.state, methods=["GET"]),
            Route("/pay/orders/{number}/confirm", self.confirm, methods=["POST"]),
            Route("/pay/confirm/{number}", self.show, methods=["GET"]),
        ]

    async def order(self, request: Request) -> Response:
        """Take an order of the merchant; the identical order again is the same order."""
        body = await request.body()
        if not is_pay_signature(secret=self._secret, body=body, headers=request.headers, now=self._clock.now()):
            return JSONResponse({"error": "signature"}, status_code=401)
        try:
            order = PayOrder.parse(body, now=self._clock.now())
        except BadOrderError as bad:
            return JSONResponse({"error": str(bad)}, status_code=422)
        known = self._orders.setdefault(order.out_trade_no, order)
        if known.total != order.total:
            return JSONResponse({"error": "out_trade_no: known with another total_fen"}, status_code=409)
        base = self._public_url or str(request.base_url).rstrip("/")
        return JSONResponse({"pay_url": f"{base}/pay/confirm/{order.out_trade_no}"})

    async def state(self, request: Request) -> Response:
        """Answer how an order stands."""
        order = self._orders.get(request.path_params["number"])
        return _no_such_order() if order is None else JSONResponse(order.state())

    async def confirm(self, request: Request) -> Response:
        """Pay an order; once paid, confirming again changes nothing."""
        order = self._orders.get(request.path_params["number"])
        if order is None:
            return _no_such_order()
        if order.paid_at is None:
            order = order.pay(now=self._clock.now())
            self._orders[order.out_trade_no] = order
            self.callbacks.start(order, when_done=lambda: self._heard(order.out_trade_no))
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"/pay/confirm/{order.out_trade_no}", status_code=303)
        return JSONResponse(order.state())

    async def show(self, request: Request) -> Response:
        """Show the page on which a person pays, or sees that it is paid."""
        order = self._orders.get(request.path_params["number"])
        if order is None:
            return page("pay_unknown.html", status=404)
        return page("pay.html", order=order, amount=f"{yuan(order.total):,}")

    def _heard(self, number: str) -> None:
        self._orders[number] = replace(self._orders[number], is_notified=True)


def _no_such_order() -> Response:
    return JSONResponse({"error": "no such order"}, status_code=404)

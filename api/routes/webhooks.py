"""Callbacks of payment providers."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from gridhall.api.problems import ProblemError
from gridhall.api.state import state_of
from gridhall.billing.payments.online import AmountDiffers, UnknownTrade, settle_trade
from gridhall.billing.payments.operations import NumberTakenError
from gridhall.billing.payments.port import Trade, TradeState
from gridhall.billing.payments.simulated import ForgedCallbackError, read_callback
from gridhall.kit.log import logger

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

_log = logger("api.webhooks")


@router.post("/payments/simulated", status_code=204)
async def simulated_payment(request: Request) -> Response:
    """Settle a payment that the simulated provider tells of. Idempotent: a repetition changes nothing."""
    state = state_of(request)
    secret = state.settings.pay_secret.get_secret_value().encode()
    try:
        told = read_callback(headers=request.headers, body=await request.body(), secret=secret, now=state.clock.now())
    except ForgedCallbackError as error:
        _log.warning("callback refused", provider="simulated", reason=str(error))
        raise ProblemError("callback.forged") from None
    trade = Trade(told.trade_number, TradeState.PAID, told.total, told.provider_number, told.paid_at)
    try:
        outcome = await settle_trade(
            payments=state.hall.billing.payments, provider="simulated", trade=trade, now=state.clock.now()
        )
    except NumberTakenError as error:
        _log.error("callback under a number of other money", trade_number=trade.number, reason=str(error))
        raise ProblemError("callback.number_taken") from None
    if isinstance(outcome, UnknownTrade | AmountDiffers):
        _log.error("callback matches no payment", provider="simulated", trade_number=trade.number)
        raise ProblemError("callback.unknown")
    return Response(status_code=204)

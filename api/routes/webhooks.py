"""Callbacks of payment providers."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from gridhall.api.problems import ProblemError
from gridhall.api.state import state_of
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived, TradeNumber
from gridhall.billing.payments.operations import NumberTakenError, settle
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
    payments = state.hall.billing.payments
    intent = await payments.intents.load(TradeNumber(told.trade_number))
    if intent is None or intent.amount != told.total:
        _log.error("callback matches no payment", provider="simulated", trade_number=told.trade_number)
        raise ProblemError("callback.unknown")
    payment = PaymentReceived(
        provider=intent.provider,
        provider_number=told.provider_number,
        account_id=intent.account_id,
        amount=told.total,
        paid_at=told.paid_at,
        bill_ids=intent.bill_ids,
        trade_number=intent.number,
    )
    try:
        await settle(payments=payments, payment=payment, cash=Book.CASH_ONLINE, now=state.clock.now())
    except NumberTakenError as error:
        _log.error("callback under a number of other money", trade_number=intent.number, reason=str(error))
        raise ProblemError("callback.number_taken") from None
    return Response(status_code=204)

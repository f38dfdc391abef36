"""Callbacks of payment providers: verified, kept as evidence, settled or made a case, and answered within 5 seconds."""

import asyncio
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from gridhall.api.problems import ProblemError
from gridhall.api.state import state_of
from gridhall.billing.payments.port import ForgedCallbackError, ProviderUnavailableError, RefundTold
from gridhall.billing.payments.told.operations import read_callback, take_refund, take_trade
from gridhall.kit.log import logger

router = APIRouter(prefix="/v1/webhooks/payments", tags=["webhooks"])

_LIMIT_SECONDS: Final = 4.5
"""Providers wait 5 seconds and tell again; whoever is slower says so in time."""

_log = logger("api.webhooks")


@router.post("/wechatpay", status_code=204)
@router.post("/wechatpay/refunds", status_code=204)
async def wechatpay(request: Request) -> Response:
    """Take a payment or a refund that WeChat Pay tells of. Idempotent: a repetition changes nothing."""
    await _take(request, "wechatpay")
    return Response(status_code=204)


@router.post("/alipay")
async def alipay(request: Request) -> Response:
    """Take a payment or a refund that Alipay tells of; only the word `success` ends its repetitions. Idempotent."""
    await _take(request, "alipay")
    return PlainTextResponse("success")


async def _take(request: Request, name: str) -> None:
    """Take a callback; one that fits no payment is kept and opens a case, so it need not be told again either."""
    state = state_of(request)
    provider = state.hall.providers.get(name)
    if provider is None:
        raise ProblemError("not_found")
    telling, now = state.hall.billing.telling, state.clock.now()
    try:
        async with asyncio.timeout(_LIMIT_SECONDS):
            body = await request.body()
            told = await read_callback(telling=telling, provider=provider, headers=request.headers, body=body, now=now)
            if isinstance(told, RefundTold):
                taken = await take_refund(telling=telling, provider=name, told=told, by="callback", now=now)
            else:
                taken = await take_trade(telling=telling, provider=name, trade=told, by="callback", now=now)
    except ForgedCallbackError as error:
        _log.warning("callback refused", provider=name, reason=str(error))
        raise ProblemError("callback.forged") from None
    except (ProviderUnavailableError, TimeoutError) as error:
        _log.warning("callback put off", provider=name, reason=str(error))
        raise ProblemError("unavailable") from None
    _log.info("callback taken", provider=name, number=told.number, outcome=taken)

"""What WeChat pushes to us."""

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from gridhall.api.problems import ProblemError
from gridhall.api.state import State, state_of
from gridhall.crm.wechat.metrics import PUSHES
from gridhall.crm.wechat.operations import take_push
from gridhall.crm.wechat.push import is_from_wechat
from gridhall.kit.log import logger

router = APIRouter(prefix="/v1/webhooks/wechat", tags=["webhooks"])

_log = logger("api.webhooks")


@router.get("")
async def prove_address(request: Request) -> Response:
    """Answer WeChat's question whether this address is ours: its `echostr`, as it came."""
    _require_wechat(state_of(request), request)
    return PlainTextResponse(request.query_params.get("echostr", ""))


@router.post("")
async def take(request: Request) -> Response:
    """Take an event; what we have no use for is counted and forgotten. Idempotent: WeChat repeats."""
    state = state_of(request)
    _require_wechat(state, request)
    event, did = await take_push(door=state.hall.people.wechat, body=await request.body(), now=state.clock.now())
    PUSHES.labels(event, did).inc()
    return PlainTextResponse("success")


def _require_wechat(state: State, request: Request) -> None:
    token = state.settings.wechat_push_token.get_secret_value()
    if not is_from_wechat(token=token, query=request.query_params, now=state.clock.now()):
        _log.warning("callback refused", provider="wechat")
        raise ProblemError("callback.forged")

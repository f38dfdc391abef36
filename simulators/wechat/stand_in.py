"""WeChat as the demo and the tests hold it: its server API, the user's taps, and orders to go wrong."""

import re
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gridhall.kit.clock import Clock
from gridhall.simulators.mailbox import Mailbox
from gridhall.simulators.trouble import Orders, Trouble
from gridhall.simulators.wechat.api import WeChatApi
from gridhall.simulators.wechat.templates import approved_templates
from gridhall.simulators.wechat.world import World, openid_of

_PHONE = re.compile(r"1[3-9]\d{9}", re.ASCII)

M = TypeVar("M", bound=BaseModel)


class Whose(BaseModel):
    """Whose phone taps."""

    model_config = ConfigDict(extra="forbid")

    phone: str


class Allowing(Whose):
    """Whose phone taps 允许一次, and for which template."""

    template_id: str


class WeChat:
    """The stand-in under /wechat."""

    def __init__(self, *, mailbox: Mailbox, clock: Clock, appid: str, secret: str) -> None:
        self._world = World()
        self._trouble = Trouble(Orders())
        self._templates = approved_templates()
        self._clock = clock
        self._appid = appid
        self._api = WeChatApi(
            world=self._world,
            trouble=self._trouble,
            templates=self._templates,
            mailbox=mailbox,
            clock=clock,
            appid=appid,
            secret=secret,
        )

    def routes(self) -> list[Route]:
        """Return what is served."""
        return [
            *self._api.routes(),
            Route("/wechat/control", self.control, methods=["POST"]),
            Route("/wechat/demo/login", self.login, methods=["POST"]),
            Route("/wechat/demo/phone", self.show_phone, methods=["POST"]),
            Route("/wechat/demo/allow", self.allow, methods=["POST"]),
            Route("/wechat/demo/templates", self.list_templates, methods=["GET"]),
        ]

    async def control(self, request: Request) -> Response:
        """Take orders for the next calls, which replace the last; `{}` ends all trouble. Answer the calls so far."""
        orders = await _read(request, Orders)
        if isinstance(orders, Response):
            return orders
        self._trouble.orders = orders
        if orders.expire_tokens:
            self._world.end_tokens(now=self._clock.now())
        return JSONResponse({"calls": self._world.calls})

    async def login(self, request: Request) -> Response:
        """Do what `wx.login` does on a phone: give a login code."""
        whose = await _read(request, Whose)
        if isinstance(whose, Response):
            return whose
        code = self._world.give_code(self._world.login_codes, whose.phone, now=self._clock.now())
        return JSONResponse({"js_code": code, "openid": openid_of(whose.phone, appid=self._appid)})

    async def show_phone(self, request: Request) -> Response:
        """Do what the phone-number button does: give a code that stands for the number."""
        whose = await _read(request, Whose)
        if isinstance(whose, Response):
            return whose
        code = self._world.give_code(self._world.phone_codes, whose.phone, now=self._clock.now())
        return JSONResponse({"code": code})

    async def allow(self, request: Request) -> Response:
        """Do what 允许一次 does, and answer what `wx.requestSubscribeMessage` tells the client."""
        allowing = await _read(request, Allowing)
        if isinstance(allowing, Response):
            return allowing
        if allowing.template_id not in self._templates:
            return JSONResponse({"error": "template_id: no such template"}, status_code=422)
        self._world.allowed[openid_of(allowing.phone, appid=self._appid), allowing.template_id] += 1
        return JSONResponse({"errMsg": "requestSubscribeMessage:ok", allowing.template_id: "accept"})

    async def list_templates(self, request: Request) -> Response:
        """Answer the templates, and how many messages of each the user `of` still allows."""
        openid = openid_of(request.query_params.get("of", ""), appid=self._appid)
        return JSONResponse(
            {
                "templates": [
                    {"id": one.id, "title": one.title, "allowed": self._world.allowed.get((openid, one.id), 0)}
                    for one in self._templates.values()
                ]
            }
        )


async def _read(request: Request, kind: type[M]) -> M | Response:
    try:
        read = kind.model_validate_json(await request.body())
    except ValidationError as error:
        return JSONResponse({"error": error.errors(include_url=False, include_input=False)}, status_code=422)
    if isinstance(read, Whose) and not _PHONE.fullmatch(read.phone):
        return JSONResponse(
            {"error": "phone: only a mobile number of 11 digits has a WeChat user here"}, status_code=422
        )
    return read

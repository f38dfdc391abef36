"""The server API of the mini-program that no WeChat stands behind: real paths, fields and error numbers."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gridhall.kit.clock import Clock
from gridhall.kit.ids import new_id
from gridhall.simulators.mailbox import Kind, Mailbox, Received
from gridhall.simulators.trouble import Orders, Trouble
from gridhall.simulators.wechat.templates import Template
from gridhall.simulators.wechat.world import Code, World, openid_of, phone_of

PROGRAM = "格里营业厅"
"""The name of the mini-program, as a message shows it."""

_SESSION_KEY = "c2Vzc2lvbi1rZXktc3RheXM="
Body = Mapping[str, Any]


class WeChatApi:
    """Answers the calls of one mini-program."""

    def __init__(
        self,
        *,
        world: World,
        trouble: Trouble[Orders],
        templates: Mapping[str, Template],
        mailbox: Mailbox,
        clock: Clock,
        appid: str,
        secret: str,
    ) -> None:
        self._world = world
        self._trouble = trouble
        self._templates = templates
        self._mailbox = mailbox
        self._clock = clock
        self._appid, self._secret = appid, secret

    def routes(self) -> list[Route]:
        """Return what is served, under /wechat."""
        return [
            self._route("/sns/jscode2session", "GET", self._session),
            self._route("/cgi-bin/stable_token", "POST", self._token),
            self._route("/wxa/business/getuserphonenumber", "POST", self._authorized(self._phone)),
            self._route("/cgi-bin/message/subscribe/send", "POST", self._authorized(self._send)),
        ]

    def _route(self, path: str, method: str, answer: Callable[[Request], Awaitable[Body]]) -> Route:
        async def call(request: Request) -> Response:
            self._world.calls[path] += 1
            ordered = await self._trouble.of(path)
            if ordered is not None and ordered.status is not None:
                return Response(status_code=ordered.status)
            if ordered is not None and ordered.errcode is not None:
                return _error(int(ordered.errcode), "as ordered")
            try:
                return JSONResponse(dict(await answer(request)))
            except _RefusedError as refused:
                return _error(refused.errcode, str(refused))

        return Route(f"/wechat{path}", call, methods=[method])

    async def _session(self, request: Request) -> Body:
        query = request.query_params
        self._check_app(query.get("appid"), query.get("secret"))
        if query.get("grant_type") != "authorization_code":
            raise _RefusedError(40002, "invalid grant_type")
        phone = self._use(self._world.login_codes, query.get("js_code"))
        openid = openid_of(phone, appid=self._appid)
        return {"openid": openid, "session_key": _SESSION_KEY, "unionid": f"u{openid[1:]}"}

    async def _token(self, request: Request) -> Body:
        body = await _json(request)
        self._check_app(body.get("appid"), body.get("secret"))
        if body.get("grant_type") != "client_credential":
            raise _RefusedError(40002, "invalid grant_type")
        now = self._clock.now()
        token = self._world.stable_token(now=now, forced=body.get("force_refresh") is True)
        return {"access_token": token.text, "expires_in": int((token.ends_at - now).total_seconds())}

    async def _phone(self, body: Body) -> Body:
        phone = self._use(self._world.phone_codes, body.get("code"))
        shown = {"phoneNumber": phone, "purePhoneNumber": phone, "countryCode": "86"}
        watermark = {"timestamp": int(self._clock.now().timestamp()), "appid": self._appid}
        return {"errcode": 0, "errmsg": "ok", "phone_info": {**shown, "watermark": watermark}}

    async def _send(self, body: Body) -> Body:
        phone = phone_of(str(body.get("touser")), appid=self._appid)
        if phone is None:
            raise _RefusedError(40003, "invalid openid")
        template = self._templates.get(str(body.get("template_id")))
        if template is None:
            raise _RefusedError(40037, "invalid template_id")
        broken = template.broken(body.get("data"))
        if broken is not None:
            raise _RefusedError(47003, f"argument invalid! data.{broken}.value invalid")
        allowed = (str(body["touser"]), template.id)
        if self._world.allowed[allowed] < 1:
            raise _RefusedError(43101, "user refuse to accept the msg")
        if not self._trouble.take_quota():
            raise _RefusedError(45009, "reach max api daily quota limit")
        if not template.long_term:
            self._world.allowed[allowed] -= 1
        self._show(phone, template, body)
        return {"errcode": 0, "errmsg": "ok", "msgid": new_id().int % 10**18}

    def _show(self, phone: str, template: Template, body: Body) -> None:
        facts = tuple((label, str(body["data"][keyword]["value"])) for keyword, label in template.keywords.items())
        self._mailbox.put(
            Received(
                id=new_id(),
                kind=Kind.WECHAT,
                recipient=phone,
                sender=PROGRAM,
                subject=template.title,
                text="\n".join(f"{label}：{value}" for label, value in facts),
                facts=facts,
                received_at=self._clock.now(),
                reference=str(body.get("page", "")),
                raw=orjson.dumps(body, option=orjson.OPT_INDENT_2),
            )
        )

    def _authorized(self, answer: Callable[[Body], Awaitable[Body]]) -> Callable[[Request], Awaitable[Body]]:
        async def call(request: Request) -> Body:
            token = request.query_params.get("access_token", "")
            if not self._world.is_good(token, now=self._clock.now()):
                ended = self._world.is_token(token)
                raise _RefusedError(*((42001, "access_token expired") if ended else (40001, "invalid credential")))
            return await answer(await _json(request))

        return call

    def _check_app(self, appid: object, secret: object) -> None:
        if appid != self._appid:
            raise _RefusedError(40013, "invalid appid")
        if not hmac.compare_digest(str(secret).encode(), self._secret.encode()):
            raise _RefusedError(40125, "invalid appsecret")

    def _use(self, codes: Mapping[str, Code], text: object) -> str:
        code = codes.get(str(text))
        if code is None or code.ends_at <= self._clock.now():
            raise _RefusedError(40029, "invalid code")
        if code.used:
            raise _RefusedError(40163, "code been used")
        code.used = True
        return code.phone


def _error(errcode: int, text: str) -> JSONResponse:
    return JSONResponse({"errcode": errcode, "errmsg": f"{text} rid: {new_id()}"})


async def _json(request: Request) -> Body:
    try:
        body = orjson.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise _RefusedError(47001, "data format error")
    return body


class _RefusedError(Exception):
    """WeChat does not do this; `errcode` says why."""

    def __init__(self, errcode: int, text: str) -> None:
        super().__init__(text)
        self.errcode = errcode

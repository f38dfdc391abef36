"""The SMS gateway that no carrier stands behind: SendSms of Alibaba Cloud's API 2017-05-25, into the mailbox."""

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from string import Template

from pydantic import ValidationError
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.routing import Route

from gridhall.kit.clock import Clock
from gridhall.kit.ids import new_id
from gridhall.simulators.mailbox import Kind, Mailbox, Received
from gridhall.simulators.sms_authority import Request, SmsAuthority
from gridhall.simulators.trouble import Orders, Trouble

_NUMBER = re.compile(r"(?:\+?86)?(1[3-9]\d{9})", re.ASCII)
_MOST_NUMBERS = 1000
_OK = 200
_LONGEST_OUT_ID = 256
LIMITS = ((timedelta(minutes=1), 1), (timedelta(hours=1), 5), (timedelta(days=1), 10))
"""Verification codes that one number may get: 1 a minute, 5 an hour, 10 a day."""


def approved_templates() -> dict[str, str]:
    """Return the templates that the stand-in knows, by their code."""
    with (Path(__file__).parent / "sms_templates.toml").open("rb") as file:
        return {code: str(text) for code, text in tomllib.load(file).items()}


class SmsGateway:
    """Checks a request as the real gateway does, and keeps what a phone would show.

    is_limited: whether a number gets no more than `LIMITS` allows; off in the demo, where people try things.
    """

    def __init__(
        self,
        *,
        mailbox: Mailbox,
        clock: Clock,
        authority: SmsAuthority,
        templates: Mapping[str, str],
        is_limited: bool = False,
    ) -> None:
        self._mailbox = mailbox
        self._clock = clock
        self._authority = authority
        self._templates = templates
        self._is_limited = is_limited
        self._trouble = Trouble(Orders())
        self._sent: defaultdict[str, list[datetime]] = defaultdict(list)

    def routes(self) -> list[Route]:
        """Return what is served, under /sms."""
        return [
            Route("/sms", self.call, methods=["POST"]),
            Route("/sms/control", self.control, methods=["POST"]),
        ]

    async def control(self, http: HttpRequest) -> JSONResponse:
        """Take orders for the next calls, which replace the last; `{}` ends all trouble."""
        try:
            self._trouble.orders = Orders.model_validate_json(await http.body())
        except ValidationError as error:
            return JSONResponse({"error": error.errors(include_url=False, include_input=False)}, status_code=422)
        return JSONResponse({})

    async def call(self, http: HttpRequest) -> JSONResponse:
        """Answer one call of the API."""
        denied = self._authority.check(
            Request(
                method=http.method,
                path=http.scope["raw_path"].decode(),
                query=http.url.query,
                headers=dict(http.headers),
                body=await http.body(),
            ),
            now=self._clock.now(),
        )
        if denied is not None:
            return _answer(denied.code, status=denied.status)
        if http.headers["x-acs-action"] != "SendSms" or http.headers.get("x-acs-version") != "2017-05-25":
            return _answer("InvalidAction.NotFound", status=404)
        failing = await self._trouble.of("/sms")
        if failing is not None:
            status = failing.status or _OK
            return _answer(str(failing.errcode), status=status) if failing.errcode else JSONResponse(None, status)
        if not self._trouble.take_quota():
            return _answer("isv.DAY_LIMIT_CONTROL")
        return self._send(http.query_params)

    def _send(self, query: Mapping[str, str]) -> JSONResponse:
        try:
            text = self._text(query)
            phones = self._phones(query.get("PhoneNumbers", ""))
        except _RefusedError as refused:
            return _answer(refused.code)
        return self._keep(phones, query=query, text=text)

    def _text(self, query: Mapping[str, str]) -> str:
        """Return what the phone shows."""
        if not query.get("SignName"):
            raise _RefusedError("isv.SMS_SIGNATURE_ILLEGAL")
        if len(query.get("OutId", "")) > _LONGEST_OUT_ID:
            raise _RefusedError("isv.INVALID_PARAMETERS")
        template = self._templates.get(query.get("TemplateCode", ""))
        if template is None:
            raise _RefusedError("isv.SMS_TEMPLATE_ILLEGAL")
        try:
            filled = Template(template).substitute(_params(query.get("TemplateParam", "{}")))
        except KeyError:
            raise _RefusedError("isv.TEMPLATE_MISSING_PARAMETERS") from None
        return f"【{query['SignName']}】{filled}"

    def _phones(self, text: str) -> list[str]:
        found = [_NUMBER.fullmatch(number) for number in text.split(",")]
        if len(found) > _MOST_NUMBERS:
            raise _RefusedError("isv.MOBILE_COUNT_OVER_LIMIT")
        phones = [number[1] for number in found if number]
        if len(phones) < len(found):
            raise _RefusedError("isv.MOBILE_NUMBER_ILLEGAL")
        if any(self._is_too_often(phone) for phone in phones):
            raise _RefusedError("isv.BUSINESS_LIMIT_CONTROL")
        return phones

    def _keep(self, phones: list[str], *, query: Mapping[str, str], text: str) -> JSONResponse:
        now = self._clock.now()
        for phone in phones:
            self._sent[phone].append(now)
            self._mailbox.put(
                Received(
                    id=new_id(),
                    kind=Kind.SMS,
                    recipient=phone,
                    sender=query["SignName"],
                    text=text,
                    received_at=now,
                    reference=query.get("OutId", ""),
                    raw=json.dumps(dict(query), ensure_ascii=False, indent=2).encode(),
                )
            )
        return _answer("OK", biz_id=str(new_id()))

    def _is_too_often(self, phone: str) -> bool:
        now = self._clock.now()
        return self._is_limited and any(
            sum(1 for at in self._sent[phone] if now - at < window) >= most for window, most in LIMITS
        )


def _params(text: str) -> dict[str, str]:
    """Read TemplateParam: an object of strings, as the real gateway demands."""
    try:
        params = json.loads(text)
    except ValueError:
        params = None
    if not isinstance(params, dict) or not all(isinstance(value, str) for value in params.values()):
        raise _RefusedError("isv.INVALID_JSON_PARAM")
    return params


def _answer(code: str, *, status: int = 200, biz_id: str | None = None) -> JSONResponse:
    body = {"RequestId": str(new_id()).upper(), "Code": code, "Message": code}
    return JSONResponse({**body, "BizId": biz_id} if biz_id else body, status_code=status)


class _RefusedError(Exception):
    """The gateway does not send this; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

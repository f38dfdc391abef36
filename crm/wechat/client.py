"""Our client of the WeChat mini-program's server API: sign-in, phone number, subscribe messages."""

import asyncio
import random
import ssl
from collections.abc import Mapping
from typing import Any, Final

import httpx
import orjson

from gridhall.crm.wechat.metrics import CALLS, SECONDS
from gridhall.crm.wechat.model import Outcome, WeChatRefusal, WeChatUnavailableError, WeChatUser, refusal_of
from gridhall.crm.wechat.tokens import AccessTokenStore

Answer = Mapping[str, Any]

_PAUSE_SECONDS: Final = 0.2


class WeChatClient:
    """Speaks for one mini-program. Expected refusals are returned; what cannot be reached is raised.

    A call is tried twice where the first try certainly did nothing: no connection came about, or WeChat said that it
    is busy. A call whose token was refused is tried once more with another token. Nothing else is repeated: codes are
    good once, and a message could go out twice.

    url: `https://api.weixin.qq.com` in production. timeout_seconds: limit of one try.
    """

    def __init__(self, *, url: str, appid: str, secret: str, timeout_seconds: float, tokens: AccessTokenStore) -> None:
        self._url = url.rstrip("/")
        self._appid, self._secret = appid, secret
        self._timeout_seconds = timeout_seconds
        self._tokens = tokens
        self._tls = ssl.create_default_context()
        self._http: httpx.AsyncClient | None = None

    async def user_of(self, code: str) -> WeChatUser | WeChatRefusal:
        """Exchange a login code (`wx.login`), good once and for five minutes. Raises WeChatUnavailableError."""
        query = {"appid": self._appid, "secret": self._secret, "js_code": code, "grant_type": "authorization_code"}
        answer = await self._call("jscode2session", "GET", "/sns/jscode2session", query=query)
        if isinstance(answer, WeChatRefusal):
            return answer
        try:
            return WeChatUser(openid=str(answer["openid"]), unionid=answer.get("unionid"))
        except KeyError:
            raise WeChatUnavailableError("unreadable-answer", in_doubt=True) from None

    async def phone_of(self, code: str) -> str | WeChatRefusal:
        """Exchange a phone code (`getPhoneNumber` button) for the number the user showed us, with its country code.

        Raises WeChatUnavailableError.
        """
        answer = await self._with_token("getuserphonenumber", "/wxa/business/getuserphonenumber", {"code": code})
        if isinstance(answer, WeChatRefusal):
            return answer
        try:
            shown = answer["phone_info"]
            return f"+{shown['countryCode']}{shown['purePhoneNumber']}"
        except (KeyError, TypeError):
            raise WeChatUnavailableError("unreadable-answer", in_doubt=True) from None

    async def send(
        self, *, openid: str, template_id: str, page: str, data: Mapping[str, str]
    ) -> str | WeChatRefusal | None:
        """Send one subscribe message and return its number, if WeChat gives one. Raises WeChatUnavailableError.

        Not idempotent: after an error that is `in_doubt`, the message may have gone out.
        """
        message = {
            "touser": openid,
            "template_id": template_id,
            "page": page,
            "data": {keyword: {"value": value} for keyword, value in data.items()},
            "lang": "zh_CN",
        }
        answer = await self._with_token("subscribe/send", "/cgi-bin/message/subscribe/send", message)
        if isinstance(answer, WeChatRefusal):
            return answer
        number = answer.get("msgid")
        return str(number) if number else None

    async def close(self) -> None:
        """Close the connections to WeChat and to the store of its tokens."""
        await self._tokens.close()
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _with_token(self, call: str, path: str, body: Mapping[str, object]) -> Answer | WeChatRefusal:
        token = await self._tokens.current(self._fetch_token)
        answer = await self._call(call, "POST", path, query={"access_token": token}, body=body)
        if isinstance(answer, WeChatRefusal) and answer.outcome is Outcome.TOKEN_ENDED:
            token = await self._tokens.instead_of(token, self._fetch_token)
            answer = await self._call(call, "POST", path, query={"access_token": token}, body=body)
        return answer

    async def _fetch_token(self) -> tuple[str, int]:
        body = {
            "grant_type": "client_credential",
            "appid": self._appid,
            "secret": self._secret,
            "force_refresh": False,
        }
        answer = await self._call("stable_token", "POST", "/cgi-bin/stable_token", body=body)
        if isinstance(answer, WeChatRefusal):
            raise WeChatUnavailableError(f"no-token-{answer.errcode}")
        try:
            return str(answer["access_token"]), int(answer["expires_in"])
        except (KeyError, ValueError):
            raise WeChatUnavailableError("unreadable-answer") from None

    async def _call(
        self,
        call: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Answer | WeChatRefusal:
        """Make a call, with its second try where the first did nothing."""
        request = self._client().build_request(
            method, f"{self._url}{path}", params=query, content=orjson.dumps(body) if body is not None else None
        )
        try:
            first = await self._try(call, request)
            if not (isinstance(first, WeChatRefusal) and first.outcome is Outcome.BUSY):
                return first
        except WeChatUnavailableError as error:
            if error.in_doubt:
                raise
        await asyncio.sleep(random.uniform(_PAUSE_SECONDS / 2, _PAUSE_SECONDS))  # noqa: S311 - jitter
        return await self._try(call, request)

    async def _try(self, call: str, request: httpx.Request) -> Answer | WeChatRefusal:
        outcome = "broke"
        with SECONDS.labels(call).time():
            try:
                answer = await self._sent(request)
                outcome = answer.outcome.value if isinstance(answer, WeChatRefusal) else "done"
            except WeChatUnavailableError as error:
                outcome = error.reason
                raise
            finally:
                CALLS.labels(call, outcome).inc()
        return answer

    async def _sent(self, request: httpx.Request) -> Answer | WeChatRefusal:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._client().send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise WeChatUnavailableError("no-connection") from None
        except (httpx.TimeoutException, TimeoutError):
            raise WeChatUnavailableError("timeout", in_doubt=True) from None
        except httpx.TransportError:
            # The errors are not chained: their request holds the secret, or the token, in its address.
            raise WeChatUnavailableError("connection-lost", in_doubt=True) from None
        return _read(response)

    def _client(self) -> httpx.AsyncClient:
        # Made at the first call, in the loop that it will live in.
        if self._http is None:
            # Connecting ends first, so that a server that is not there is told from one that does not answer.
            timeout = httpx.Timeout(self._timeout_seconds, connect=self._timeout_seconds / 2)
            self._http = httpx.AsyncClient(timeout=timeout, verify=self._tls)
        return self._http


def _read(response: httpx.Response) -> Answer | WeChatRefusal:
    try:
        said = orjson.loads(response.content)
        errcode = int(said.get("errcode", 0))
    except (ValueError, TypeError, AttributeError):
        # Not WeChat itself, but something before it, that may have passed the request on.
        raise WeChatUnavailableError(f"http-{response.status_code}", in_doubt=True) from None
    if errcode:
        return refusal_of(errcode)
    if not response.is_success:
        raise WeChatUnavailableError(f"http-{response.status_code}", in_doubt=True)
    answer: Answer = said
    return answer

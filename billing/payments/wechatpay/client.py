"""Speaking with WeChat Pay: every request signed, every answer on which something stands verified."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

import httpx
import orjson

from gridhall.billing.payments.answers import Answer, Body
from gridhall.billing.payments.calls import Noted, call, noting
from gridhall.billing.payments.port import ProviderRefusedError, ProviderUnavailableError
from gridhall.billing.payments.wechatpay.merchant import Merchant
from gridhall.billing.payments.wechatpay.platform import PlatformKeys, read_certificates
from gridhall.billing.payments.wechatpay.signed import NotSignedError, Stamp
from gridhall.kit.clock import Clock

NAME: Final = "wechatpay"

_CERTIFICATES: Final = "/v3/certificates"


class WechatPayClient:
    """One merchant's line to WeChat Pay.

    url: `https://api.mch.weixin.qq.com` in production. noted: is told whether what we ask is answered.
    """

    def __init__(
        self, *, http: httpx.AsyncClient, url: str, merchant: Merchant, keys: PlatformKeys, clock: Clock, noted: Noted
    ) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._keys = keys
        self._clock = clock
        self._noted = noted
        self._fetching = asyncio.Lock()
        self.merchant = merchant

    async def ask(
        self, name: str, method: str, target: str, body: Body | None = None, *, expected: Collection[str] = ()
    ) -> Answer:
        """Make a call; name: how it is counted.

        Raises ProviderRefusedError where WeChat Pay says no with a code that is not `expected`, and
        ProviderUnavailableError where it is silent or its answer is not its own.
        """
        async with noting(self._noted, NAME, clock=self._clock):
            answer = await self._send(name, method, self._url + target, body)
            code = None if answer.is_success else _code(answer)
            if code is not None and code not in expected:
                raise ProviderRefusedError(code)
            try:
                await self.verify(headers=answer.headers, body=answer.content, now=self._clock.now())
                return Answer(orjson.loads(answer.content or b"{}"), code)
            except NotSignedError as error:
                raise ProviderUnavailableError(f"the answer is not WeChat Pay's: {error}") from None
            except orjson.JSONDecodeError:
                raise ProviderUnavailableError("unreadable answer") from None

    async def fetch(self, url: str) -> bytes:
        """Fetch a file, of which the caller knows the hash. Raises ProviderUnavailableError."""
        answer = await self._send("download", "GET", url, None)
        if not answer.is_success:
            raise ProviderRefusedError(_code(answer))
        return answer.content

    async def verify(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Require that WeChat Pay sent this, within five minutes.

        Raises NotSignedError, and ProviderUnavailableError where the certificate of a new serial cannot be fetched.
        """
        stamp = Stamp.read(headers, now=now)
        known = self._keys.find(stamp.serial, now=now) is not None
        if self._keys.should_fetch(stamp.serial, now=now) or (not known and self._fetching.locked()):
            try:
                await self._fetch_certificates(stamp.serial, now=now)
            except ProviderUnavailableError:
                if not known:
                    raise
        self._require(stamp, body, now=now)

    def _require(self, stamp: Stamp, body: bytes, *, now: datetime) -> None:
        key = self._keys.find(stamp.serial, now=now)
        if key is None:
            raise NotSignedError("the serial names no key of WeChat Pay")
        stamp.require(key, body)

    async def _fetch_certificates(self, serial: str, *, now: datetime) -> None:
        """Fetch the certificates, or wait for whoever does.

        They are sealed with our v3 key, and one of them proves the answer they came in.
        """
        async with self._fetching:
            if not self._keys.should_fetch(serial, now=now):
                return
            self._keys.asked(now=now)
            answer = await self._send("certificates", "GET", self._url + _CERTIFICATES, None)
            if not answer.is_success:
                raise ProviderRefusedError(_code(answer))
            try:
                fetched = read_certificates(orjson.loads(answer.content), v3_key=self.merchant.v3_key)
                stamp = Stamp.read(answer.headers, now=self._clock.now())
                self._keys.keep(fetched)
                self._require(stamp, answer.content, now=now)
            except ValueError as error:
                raise ProviderUnavailableError(f"certificates: {error}") from None

    async def _send(self, name: str, method: str, url: str, body: Body | None) -> httpx.Response:
        content = "" if body is None else orjson.dumps(body).decode()
        wanted = {"Wechatpay-Serial": self._keys.wanted} if self._keys.wanted else {}

        def request() -> httpx.Request:
            made = self._http.build_request(method, url, content=content or None)
            authorization = self.merchant.authorization(
                method=method, target=made.url.raw_path.decode(), body=content, now=self._clock.now()
            )
            made.headers.update(
                {
                    "Authorization": authorization,
                    "Accept": "application/json",
                    "Content-Type": "application/json",
                    "User-Agent": "gridhall",
                    **wanted,
                }
            )
            return made

        return await call(http=self._http, provider=NAME, name=name, request=request)


def _code(answer: httpx.Response) -> str:
    """Return WeChat Pay's word for a no."""
    try:
        return str(orjson.loads(answer.content)["code"])[:64]
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"

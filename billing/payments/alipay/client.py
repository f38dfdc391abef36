"""Speaking with Alipay's gateway: forms signed by us, answers signed by it over the raw text of a node."""

from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlencode

import httpx
import orjson

from gridhall.billing.payments.alipay.merchant import SIGN_TYPE, Merchant, NotSignedError
from gridhall.billing.payments.alipay.nodes import NoNodesError, nodes
from gridhall.billing.payments.answers import ZONE, Answer, Body
from gridhall.billing.payments.calls import Noted, call, noting
from gridhall.billing.payments.port import ProviderRefusedError, ProviderUnavailableError
from gridhall.kit.clock import Clock

NAME: Final = "alipay"

_DONE: Final = "10000"
_BUSY: Final = frozenset({"20000"})
"""The gateway could not do it just now."""

_BUSY_BECAUSE: Final = frozenset({"ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR"})


class AlipayClient:
    """One application's line to Alipay.

    url: `https://openapi.alipay.com/gateway.do` in production. noted: is told whether what we ask is answered.
    """

    def __init__(self, *, http: httpx.AsyncClient, url: str, merchant: Merchant, clock: Clock, noted: Noted) -> None:
        self._http = http
        self._url = url
        self._clock = clock
        self._noted = noted
        self.merchant = merchant

    def page(self, method: str, content: Body, *, notify_url: str, return_url: str | None) -> str:
        """Return the address at which the customer's browser asks the gateway itself; we call nobody."""
        extra = {"notify_url": notify_url, **({"return_url": return_url} if return_url else {})}
        return f"{self._url}?{urlencode(self._signed(method, content, extra))}"

    async def ask(self, name: str, method: str, content: Body, *, expected: Collection[str] = ()) -> Answer:
        """Make a call; name: how it is counted.

        Raises ProviderRefusedError where Alipay says no with a code that is not `expected`, and
        ProviderUnavailableError where it is silent, busy, or its answer is not its own.
        """
        async with noting(self._noted, NAME, clock=self._clock):
            answer = await call(
                http=self._http,
                provider=NAME,
                name=name,
                request=lambda: self._http.build_request(
                    "POST", self._url, params={"charset": "utf-8"}, data=self._signed(method, content, {})
                ),
            )
            node = f"{method.replace('.', '_')}_response"
            try:
                return self._read(answer.content.decode(), node=node, expected=expected)
            except (NoNodesError, NotSignedError, UnicodeDecodeError) as error:
                raise ProviderUnavailableError(f"the answer is not Alipay's: {error}") from None

    async def fetch(self, url: str) -> bytes:
        """Fetch a file from an address that the gateway gave. Raises ProviderUnavailableError."""
        answer = await call(
            http=self._http, provider=NAME, name="download", request=lambda: self._http.build_request("GET", url)
        )
        if not answer.is_success:
            raise ProviderRefusedError(f"status {answer.status_code}")
        return answer.content

    def _read(self, text: str, *, node: str, expected: Collection[str]) -> Answer:
        found = nodes(text)
        told = found.get(node) or found.get("error_response")
        if told is None or not isinstance(told.value, dict):
            raise NoNodesError("the node of the call is missing")
        code = None if told.value.get("code") == _DONE else str(told.value.get("sub_code") or told.value.get("code"))
        if code is not None and (told.value.get("code") in _BUSY or code in _BUSY_BECAUSE):
            raise ProviderUnavailableError(code)
        if code is not None and code not in expected:
            raise ProviderRefusedError(code)
        signature = found.get("sign")
        self.merchant.require(told.text.encode(), str(signature.value) if signature else "")
        return Answer(told.value, code)

    def _signed(self, method: str, content: Body, extra: Mapping[str, str]) -> dict[str, str]:
        return self.merchant.signed(
            {
                "app_id": self.merchant.app_id,
                "method": method,
                "format": "JSON",
                "charset": "utf-8",
                "sign_type": SIGN_TYPE,
                "timestamp": self._clock.now().astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S"),
                "version": "1.0",
                "biz_content": orjson.dumps(content).decode(),
                **extra,
            }
        )

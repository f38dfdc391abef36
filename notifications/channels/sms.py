"""Text messages over the SMS service of Alibaba Cloud (Dysms, API version 2017-05-25).

SendSms is not idempotent: after a timeout the outcome is unknown and only a receipt, found by our delivery id
(OutId), settles it.
"""

import asyncio
import json
import re
import ssl
from typing import Final
from uuid import uuid4

import httpx

from gridhall.kit.clock import Clock
from gridhall.notifications.channels.metrics import measured
from gridhall.notifications.channels.port import OutgoingMessage, SendResult, SendState, SmsContent, WrongContentError
from gridhall.notifications.channels.sms_codes import outcome
from gridhall.notifications.channels.sms_signature import canonical_query, signed_headers

_NUMBER = re.compile(r"(\+?86)?1[3-9]\d{9}", re.ASCII)
_CURRENCY_SIGNS: Final = frozenset("¥￥")
_SERVER_TROUBLE: Final = 500
API_VERSION: Final = "2017-05-25"


class SmsChannel:
    """Sends one text message a call.

    url: base URL of the service, `https://dysmsapi.aliyuncs.com` in production. timeout_seconds: limit of a call.
    """

    name: Final = "sms"

    def __init__(
        self,
        *,
        url: str,
        access_key_id: str,
        access_key_secret: str,
        sign_name: str,
        timeout_seconds: float,
        clock: Clock,
    ) -> None:
        self._url = httpx.URL(url)
        self._access_key_id, self._access_key_secret = access_key_id, access_key_secret
        self._sign_name = sign_name
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        # Loaded once, it takes longer than a call does; a client is made a call, because tasks come with loops of
        # their own and a pool must not outlive its loop.
        self._tls = ssl.create_default_context()

    async def send(self, message: OutgoingMessage) -> SendResult:
        """Hand the message to the gateway; see `Channel.send`. The reference is the gateway's BizId."""
        if not isinstance(message.content, SmsContent):
            raise WrongContentError(channel=self.name, content=message.content)
        return await measured(self._attempt(message, message.content), channel=self.name)

    async def _attempt(self, message: OutgoingMessage, content: SmsContent) -> SendResult:
        if _NUMBER.fullmatch(message.recipient) is None:
            return SendResult(SendState.FAILED, reason="not-a-mobile-number", suppress_recipient=True)
        if any(_CURRENCY_SIGNS.intersection(value) for value in content.params.values()):
            return SendResult(SendState.FAILED, reason="currency-sign-in-params")
        query = {
            "OutId": str(message.delivery_id),
            "PhoneNumbers": message.recipient,
            "SignName": self._sign_name,
            "TemplateCode": content.template_code,
            "TemplateParam": json.dumps(dict(content.params), ensure_ascii=False, separators=(",", ":")),
        }
        return await self._call(query)

    async def _call(self, query: dict[str, str]) -> SendResult:
        url = self._url.copy_with(query=canonical_query(query).encode())
        headers = signed_headers(
            method="POST",
            host=url.netloc.decode(),
            path=self._url.raw_path.decode(),
            query=query,
            body=b"",
            action="SendSms",
            version=API_VERSION,
            access_key_id=self._access_key_id,
            access_key_secret=self._access_key_secret,
            nonce=uuid4().hex,
            now=self._clock.now(),
        )
        try:
            async with (
                asyncio.timeout(self._timeout_seconds),
                httpx.AsyncClient(timeout=self._timeout_seconds, verify=self._tls) as client,
            ):
                answer = await client.post(url, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return SendResult(SendState.RETRY, reason="no-connection")
        except (httpx.TimeoutException, TimeoutError):
            return SendResult(SendState.UNKNOWN, reason="timeout")
        except httpx.TransportError:
            return SendResult(SendState.UNKNOWN, reason="connection-lost")
        return _read(answer)


def _read(answer: httpx.Response) -> SendResult:
    try:
        said = answer.json()
        return outcome(str(said["Code"]), reference=said.get("BizId"))
    except (ValueError, KeyError, TypeError, AttributeError):
        # No answer of the service itself. A proxy that failed may have passed the request on.
        state = SendState.UNKNOWN if answer.is_success or answer.status_code >= _SERVER_TROUBLE else SendState.RETRY
        return SendResult(state, reason=f"http-{answer.status_code}")

"""Subscribe messages of the WeChat mini-program."""

from typing import Final

from gridhall.crm.wechat.client import WeChatClient
from gridhall.crm.wechat.model import Outcome, WeChatRefusal, WeChatUnavailableError
from gridhall.notifications.channels.metrics import measured
from gridhall.notifications.channels.port import (
    OutgoingMessage,
    SendResult,
    SendState,
    WeChatContent,
    WrongContentError,
)

NO_CONSENT: Final = Outcome.NO_CONSENT.value
"""The reason of a message that the user has not allowed."""

_LATER: Final = frozenset({Outcome.BUSY, Outcome.QUOTA, Outcome.TOO_OFTEN, Outcome.TOKEN_ENDED})


class WeChatChannel:
    """Sends one subscribe message a call, to an openid. Consent is asked before (`sending/consent.py`)."""

    name: Final = "wechat"

    def __init__(self, client: WeChatClient) -> None:
        self._client = client

    async def send(self, message: OutgoingMessage) -> SendResult:
        """Hand the message to WeChat; see `Channel.send`. The reference is WeChat's msgid."""
        if not isinstance(message.content, WeChatContent):
            raise WrongContentError(channel=self.name, content=message.content)
        return await measured(self._attempt(message.recipient, message.content), channel=self.name)

    async def _attempt(self, openid: str, content: WeChatContent) -> SendResult:
        try:
            answer = await self._client.send(
                openid=openid, template_id=content.template_id, page=content.page, data=content.data
            )
        except WeChatUnavailableError as trouble:
            state = SendState.UNKNOWN if trouble.in_doubt else SendState.RETRY
            return SendResult(state, reason=trouble.reason)
        if isinstance(answer, WeChatRefusal):
            return refused(answer)
        return SendResult(SendState.SENT, provider_reference=answer)


def refused(refusal: WeChatRefusal) -> SendResult:
    """Translate a refusal; each means that nothing was sent. What is not known is not tried again."""
    outcome = refusal.outcome
    reason = f"errcode-{refusal.errcode}" if outcome is Outcome.REFUSED else outcome.value
    state = SendState.RETRY if outcome in _LATER else SendState.FAILED
    return SendResult(state, reason=reason, suppress_recipient=outcome is Outcome.BAD_OPENID)

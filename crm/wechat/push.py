"""What WeChat pushes to us: proof that it is WeChat, and what it tells. Plain mode, JSON format."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1
from typing import Any, Final

import orjson

_CHANGED: Final = "subscribe_msg_change_event"

EVENTS: Final = frozenset({_CHANGED, "subscribe_msg_popup_event", "subscribe_msg_sent_event"})
"""The events about subscriptions, which are counted by name."""

_SKEW_SECONDS: Final = 300


def signature(*, token: str, timestamp: str, nonce: str) -> str:
    """Return the signature of a push: SHA-1 of the three, sorted and joined. SHA-1 is WeChat's choice, not ours."""
    return sha1("".join(sorted((token, timestamp, nonce))).encode()).hexdigest()  # noqa: S324 - see above


def is_from_wechat(*, token: str, query: Mapping[str, str], now: datetime) -> bool:
    """Say whether the query of a push carries a signature made with our token, within five minutes of now."""
    timestamp, given = query.get("timestamp", ""), query.get("signature", "")
    expected = signature(token=token, timestamp=timestamp, nonce=query.get("nonce", ""))
    if not hmac.compare_digest(expected.encode(), given.encode()):
        return False
    return timestamp.isdecimal() and abs(now.timestamp() - int(timestamp)) <= _SKEW_SECONDS


@dataclass(frozen=True, slots=True)
class Pushed:
    """An event about one user. rejected: template ids that the user switched off."""

    event: str
    openid: str
    rejected: tuple[str, ...] = ()


def read_push(body: bytes) -> Pushed | None:
    """Return the event in a body; None where it is none that we can read.

    Of subscriptions only rejections are read: what is allowed in the client is reported by the client, and would be
    counted twice. Source of the shape: WeChat's description of `subscribe_msg_change_event`, not tried on the real one.
    """
    try:
        told = orjson.loads(body)
        if told.get("MsgType") != "event":
            return None
        listed = told.get("List") or []
        entries = [listed] if isinstance(listed, dict) else listed
        return Pushed(
            event=str(told["Event"]),
            openid=str(told["FromUserName"]),
            rejected=tuple(_template(entry) for entry in entries if _is_rejection(told["Event"], entry)),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _is_rejection(event: str, entry: Mapping[str, Any]) -> bool:
    return event == _CHANGED and entry["SubscribeStatusString"] == "reject"


def _template(entry: Mapping[str, Any]) -> str:
    return str(entry["TemplateId"])

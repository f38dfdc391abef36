"""What WeChat answers, in our words."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """Why WeChat did not do what it was asked; `CODES` says which of its numbers mean which."""

    BAD_CODE = "bad-code"
    """A login or phone code that is none, or has ended."""
    CODE_USED = "code-used"
    TOO_OFTEN = "too-often"
    """This user calls too often: wait a minute."""
    BLOCKED = "blocked"
    """WeChat holds the user for a risk."""
    BUSY = "busy"
    TOKEN_ENDED = "token-ended"  # noqa: S105 - says what happened
    NO_CONSENT = "no-consent"
    """The user allowed no (further) message of the template."""
    BAD_FIELD = "bad-field"
    """A field of a message breaks the rule of its kind."""
    BAD_TEMPLATE = "bad-template"
    BAD_OPENID = "bad-openid"
    QUOTA = "quota"
    """Our mini-program has used its calls of the day up."""
    REFUSED = "refused"
    """Anything else; the number is in `WeChatRefusal.errcode`."""


CODES = {
    -1: Outcome.BUSY,
    40001: Outcome.TOKEN_ENDED,
    40003: Outcome.BAD_OPENID,
    40014: Outcome.TOKEN_ENDED,
    40029: Outcome.BAD_CODE,
    40037: Outcome.BAD_TEMPLATE,
    40163: Outcome.CODE_USED,
    40226: Outcome.BLOCKED,
    42001: Outcome.TOKEN_ENDED,
    43101: Outcome.NO_CONSENT,
    45009: Outcome.QUOTA,
    45011: Outcome.TOO_OFTEN,
    47003: Outcome.BAD_FIELD,
}
"""What WeChat's error numbers mean. Source: the error tables of the calls that `client.py` makes."""


@dataclass(frozen=True, slots=True)
class WeChatRefusal:
    """WeChat understood, and did not do it."""

    outcome: Outcome
    errcode: int


def refusal_of(errcode: int) -> WeChatRefusal:
    """Return what an error number means; one that is not known here is a plain refusal."""
    return WeChatRefusal(CODES.get(errcode, Outcome.REFUSED), errcode)


@dataclass(frozen=True, slots=True)
class WeChatUser:
    """Who a login code stood for.

    openid: names the user to our mini-program alone. unionid: the same over all programs of one owner, if it has any.
    The session_key that comes with them is not kept: nothing of ours needs it, and it must never leave the server.
    """

    openid: str
    unionid: str | None = None


class WeChatUnavailableError(Exception):
    """WeChat, or what we need to speak with it, cannot be reached.

    in_doubt: whether WeChat may have done what it was asked all the same.
    """

    def __init__(self, reason: str, *, in_doubt: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.in_doubt = in_doubt

"""What WeChat knows in this small world: users, codes that were given out, access tokens, and who allowed what."""

import secrets
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

CODE_LIFE: Final = timedelta(minutes=5)
TOKEN_LIFE: Final = timedelta(seconds=7200)
_RENEWED_BEFORE_END: Final = timedelta(minutes=5)
_TOKEN_BYTES: Final = 390
"""Which makes a text of 520 characters, to catch who keeps too few."""


@dataclass(slots=True)
class Code:
    """A code that was given to a client. Good once."""

    phone: str
    ends_at: datetime
    used: bool = False


@dataclass(slots=True)
class Token:
    """An access token, and until when it is good."""

    text: str
    ends_at: datetime


def openid_of(phone: str, *, appid: str) -> str:
    """Return the openid of the user who has a phone: the phone is in it, so that a restart forgets nobody."""
    return _prefix(appid) + phone


def phone_of(openid: str, *, appid: str) -> str | None:
    """Return the phone of a user; None where the openid is none of this mini-program's."""
    phone = openid.removeprefix(_prefix(appid))
    return phone if phone != openid and phone.isdecimal() else None


def _prefix(appid: str) -> str:
    return "o" + sha256(appid.encode()).hexdigest()[:16]


@dataclass(slots=True)
class World:
    """Everything that the stand-in remembers; gone when it stops.

    allowed: messages left by user and template. calls: how many came, by path.
    """

    login_codes: dict[str, Code] = field(default_factory=dict)
    phone_codes: dict[str, Code] = field(default_factory=dict)
    tokens: list[Token] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    allowed: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def give_code(self, codes: dict[str, Code], phone: str, *, now: datetime) -> str:
        """Give out a code, as the client's call of WeChat would."""
        text = f"0{secrets.token_hex(15)}"
        codes[text] = Code(phone, now + CODE_LIFE)
        return text

    def stable_token(self, *, now: datetime, forced: bool) -> Token:
        """Return the token of now; a new one in the last five minutes of the old, or at once where it is forced."""
        newest = self.tokens[-1] if self.tokens else None
        if newest is not None and not forced and now < newest.ends_at - _RENEWED_BEFORE_END:
            return newest
        if forced:
            self.end_tokens(now=now)
        self.tokens = [token for token in self.tokens if token.ends_at > now]
        made = Token(secrets.token_urlsafe(_TOKEN_BYTES), now + TOKEN_LIFE)
        self.tokens.append(made)
        return made

    def is_token(self, text: str) -> bool:
        """Say whether this was ever a token, as far as is remembered."""
        return any(token.text == text for token in self.tokens)

    def is_good(self, text: str, *, now: datetime) -> bool:
        """Say whether a token is good now."""
        return any(token.text == text and token.ends_at > now for token in self.tokens)

    def end_tokens(self, *, now: datetime) -> None:
        """End every token now."""
        for token in self.tokens:
            token.ends_at = min(token.ends_at, now)

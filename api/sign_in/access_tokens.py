"""Access tokens: short-lived JWTs signed with Ed25519.

Customers' and agents' tokens differ in type and audience, so that one never passes as the other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gridhall.kit.keys import token_seed
from gridhall.kit.settings import Settings

_ALGORITHM: Final = "EdDSA"
_CUSTOMER_TYPE: Final = "at+jwt"
_AGENT_TYPE: Final = "desk-at+jwt"
_LEEWAY: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and when it ends."""

    text: str
    expires_at: datetime


class AccessTokens:
    """Signs and reads access tokens. Only our algorithm, type, issuer and audience are taken."""

    def __init__(self, *, key: Ed25519PrivateKey, issuer: str, audience: str, type: str, life: timedelta) -> None:
        self._key = key
        self._public = key.public_key()
        raw = self._public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._key_id = sha256(raw).hexdigest()[:16]
        self._issuer = issuer
        self._audience = audience
        self._type = type
        self._life = life

    @classmethod
    def of(cls, settings: Settings) -> "AccessTokens":
        """Return the customers' tokens of a deployment, signed with its key."""
        return cls._made(settings, audience=settings.token_audience, type=_CUSTOMER_TYPE)

    @classmethod
    def of_desk(cls, settings: Settings) -> "AccessTokens":
        """Return the agents' tokens of a deployment."""
        return cls._made(settings, audience=settings.desk_audience, type=_AGENT_TYPE)

    @classmethod
    def _made(cls, settings: Settings, *, audience: str, type: str) -> "AccessTokens":
        return cls(
            key=Ed25519PrivateKey.from_private_bytes(token_seed(settings)),
            issuer=settings.token_issuer,
            audience=audience,
            type=type,
            life=timedelta(minutes=settings.access_token_minutes),
        )

    def sign(self, subject_id: UUID, *, now: datetime) -> AccessToken:
        """Return a token that says who the customer or agent is, and nothing else."""
        expires_at = now + self._life
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(subject_id),
            "iat": now,
            "exp": expires_at,
        }
        text = jwt.encode(claims, self._key, algorithm=_ALGORITHM, headers={"kid": self._key_id, "typ": self._type})
        return AccessToken(text, expires_at)

    def read(self, text: str, *, now: datetime) -> UUID | None:
        """Return whose token it is; None where it is none of ours, or has ended at `now`."""
        try:
            header = jwt.get_unverified_header(text)
            if header.get("typ") != self._type or header.get("kid") != self._key_id:
                return None
            claims = jwt.decode(
                text,
                self._public,
                algorithms=[_ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                # The clock is ours to hand in, so the end is compared here.
                options={"require": ["iss", "aud", "sub", "iat", "exp"], "verify_exp": False, "verify_iat": False},
            )
            subject_id = UUID(claims["sub"])
        except (jwt.InvalidTokenError, ValueError, RecursionError):  # RecursionError: JSON nested without end
            return None
        return subject_id if now.timestamp() < claims["exp"] + _LEEWAY.total_seconds() else None

"""Access tokens: short-lived JWTs signed with Ed25519."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gridhall.crm.customers.model import CustomerId
from gridhall.kit.keys import token_seed
from gridhall.kit.settings import Settings

_ALGORITHM: Final = "EdDSA"
_TYPE: Final = "at+jwt"
_LEEWAY: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and when it ends."""

    text: str
    expires_at: datetime


class AccessTokens:
    """Signs and reads access tokens. Only our algorithm, type, issuer and audience are taken."""

    def __init__(self, *, key: Ed25519PrivateKey, issuer: str, audience: str, life: timedelta) -> None:
        self._key = key
        self._public = key.public_key()
        raw = self._public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._key_id = sha256(raw).hexdigest()[:16]
        self._issuer = issuer
        self._audience = audience
        self._life = life

    @classmethod
    def of(cls, settings: Settings) -> "AccessTokens":
        """Return the tokens of a deployment, signed with its key."""
        return cls(
            key=Ed25519PrivateKey.from_private_bytes(token_seed(settings)),
            issuer=settings.token_issuer,
            audience=settings.token_audience,
            life=timedelta(minutes=settings.access_token_minutes),
        )

    def sign(self, customer_id: CustomerId, *, now: datetime) -> AccessToken:
        """Return a token that says who the customer is, and nothing else."""
        expires_at = now + self._life
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(customer_id),
            "iat": now,
            "exp": expires_at,
        }
        text = jwt.encode(claims, self._key, algorithm=_ALGORITHM, headers={"kid": self._key_id, "typ": _TYPE})
        return AccessToken(text, expires_at)

    def read(self, text: str, *, now: datetime) -> CustomerId | None:
        """Return whose token it is; None where it is none of ours, or has ended at `now`."""
        try:
            header = jwt.get_unverified_header(text)
            if header.get("typ") != _TYPE or header.get("kid") != self._key_id:
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
            customer_id = CustomerId(UUID(claims["sub"]))
        except (jwt.InvalidTokenError, ValueError, RecursionError):  # RecursionError: JSON nested without end
            return None
        return customer_id if now.timestamp() < claims["exp"] + _LEEWAY.total_seconds() else None

"""Refresh tokens: used once, replaced at every use; one that comes twice was stolen, and ends the sign-in."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from gridhall.api.sign_in.repository import SignedIn, SignInRepository
from gridhall.kit.ids import new_id

_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class RefreshTokens:
    """Gives out and exchanges refresh tokens that live for `life` after their last use."""

    sign_ins: SignInRepository
    life: timedelta

    async def first(self, subject_id: UUID, *, now: datetime) -> str:
        """Return the first token of a new sign-in."""
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        signed_in = SignedIn(new_id(), subject_id, _hash(secret), now + self.life)
        await self.sign_ins.add(signed_in)
        return f"{signed_in.id.hex}.{secret}"

    async def exchange(self, token: str, *, now: datetime) -> tuple[UUID, str] | None:
        """Return whose token it is and the next one; None where it is not good.

        A token that was exchanged before is in two hands: the sign-in is ended for both of them.
        """
        parts = _parts(token)
        if parts is None:
            return None
        sign_in_id, secret = parts
        fresh = secrets.token_urlsafe(_SECRET_BYTES)
        subject_id = await self.sign_ins.rotate(
            sign_in_id, old=_hash(secret), new=_hash(fresh), now=now, expires_at=now + self.life
        )
        if subject_id is None:
            await self.sign_ins.end(sign_in_id)
            return None
        return subject_id, f"{sign_in_id.hex}.{fresh}"

    async def end(self, token: str) -> None:
        """Sign out. Whoever has any token of a sign-in may end it."""
        parts = _parts(token)
        if parts is not None:
            await self.sign_ins.end(parts[0])

    async def end_all(self, subject_id: UUID) -> None:
        """Sign one customer or agent out everywhere."""
        await self.sign_ins.end_all(subject_id)


def _parts(token: str) -> tuple[UUID, str] | None:
    sign_in_id, _, secret = token.partition(".")
    try:
        return (UUID(hex=sign_in_id), secret) if secret else None
    except ValueError:
        return None


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()

"""Passwords of agents, hashed by Argon2id (RFC 9106) in a thread, so that no request waits for somebody's sign-in."""

import asyncio
import base64
import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LENGTHS: Final = range(12, 129)
"""Long rather than of many kinds of characters; the upper end bounds the work of hashing."""

_AT_ONCE: Final = 2
"""Hashes at a time: each takes its memory, and many at once would take the machine's."""


class Passwords:
    """Hashes and verifies passwords. `memory_kib` and `passes` are what one hash costs."""

    def __init__(self, *, memory_kib: int, passes: int) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        # Nobody's: verifying against it costs what verifying against somebody's costs, and always fails.
        salt, tag = (_unpadded(secrets.token_bytes(size)) for size in (16, 32))
        self._nobody = f"$argon2id$v=19$m={memory_kib},t={passes},p=1${salt}${tag}"
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        """Return the hash to keep."""
        async with self._gate:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, *, kept: str | None) -> bool:
        """Say whether a password is the one that was hashed; None costs as much and is always False."""
        async with self._gate:
            matches = await asyncio.to_thread(self._matches, kept or self._nobody, password)
        return matches and kept is not None

    def is_old(self, kept: str) -> bool:
        """Say whether a hash was made by other parameters than those of today."""
        return self._hasher.check_needs_rehash(kept)

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def one_time_password() -> str:
    """Return a fresh password that is to be changed at first sign-in."""
    return secrets.token_urlsafe(15)


def _unpadded(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")

"""A batch that a feed client named by an `Idempotency-Key`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gridhall.metering.feed.model import IntakeReport

LEASE: Final = timedelta(seconds=30)
"""How long a batch belongs to whoever takes it, unless renewed: a process that died is waited for no longer."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch and what became of it.

    id: client and key. owner: who takes it, or took it. digest, report: None while it is under way.
    """

    id: str
    owner: UUID
    leased_until: datetime
    digest: bytes | None = None
    report: IntakeReport | None = None


def batch_id(*, client: str, key: str) -> str:
    """Return the id of a client's batch; a client's name has no colon."""
    return f"{client}:{key}"

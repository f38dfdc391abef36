"""The delivery ledger: what was to be told, by which way, and proof that it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.crm.customers.model import CustomerId
from gridhall.notifications.catalogue import Way


class DeliveryState(StrEnum):
    """Where a delivery stands.

    UNKNOWN may or may not have arrived, and is not sent again: a receipt settles it. SUPPRESSED was never sent,
    for the reason that stands beside it.
    """

    PENDING = "pending"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification to one recipient.

    key: unique for ever, so that an event told twice is one notice: `bill_issued:<bill>:<customer>`.
    customer_id: None where the recipient is a phone that belongs to no customer yet.
    data: the packed notification. account_id: the account that it is about, None where it is about none.
    """

    key: str
    kind: str
    customer_id: CustomerId | None
    at: datetime
    data: Mapping[str, object]
    account_id: AccountId | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One way by which a notice goes out. `key` is the notice's and the way's; `id` is what providers see."""

    key: str
    id: UUID
    notice: Notice
    way: Way
    state: DeliveryState
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """How a delivery went, without what it said. at: when what it tells happened. ended_at: when it was closed."""

    key: str
    id: UUID
    kind: str
    way: Way
    state: DeliveryState
    at: datetime
    ended_at: datetime | None
    reason: str | None
    attempts: int

"""The inbox: what a customer was told, kept for reading in the app."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gridhall.crm.customers.model import CustomerId


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One entry. Its words are made when it is read, in the language of the reader."""

    id: UUID
    customer_id: CustomerId
    notice: str
    kind: str
    at: datetime
    data: Mapping[str, object]
    read_at: datetime | None = None

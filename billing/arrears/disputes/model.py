"""An objection to a bill (电费异议): the customer pays in time and is adjusted afterwards, or is in the right."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import BillId

DisputeId = NewType("DisputeId", UUID)

WORKDAYS: Final = 5
"""Working days in which an objection is answered. Source: service clock for bill objections (Shanghai)."""


class DisputeState(StrEnum):
    """What became of an objection."""

    OPEN = "open"
    UPHELD = "upheld"
    """The bill was wrong: it is to be corrected by a credit note and a new bill, or money goes back."""
    REFUSED = "refused"
    """The bill was right."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """An objection to one bill. due_on: the last day for an answer. by: an agent's name, or `customer`."""

    id: DisputeId
    account_id: AccountId
    bill_id: BillId
    region: str
    org_path: str
    reason: str
    by: str
    opened_at: datetime
    due_on: date
    state: DisputeState = DisputeState.OPEN
    resolution: str = ""
    closed_by: str = ""
    closed_at: datetime | None = None

    def closed(self, state: DisputeState, *, resolution: str, by: str, now: datetime) -> "Dispute":
        """Return it answered."""
        return replace(self, state=state, resolution=resolution, closed_by=by, closed_at=now)

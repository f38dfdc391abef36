"""The audit trail: who did what to whose data, when and why. Written once, never changed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gridhall.crm.customers.model import CustomerId


class Action(StrEnum):
    """What is audited."""

    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - names an action
    PASSWORD_RESET = "password_reset"  # noqa: S105 - likewise
    SEARCHED = "searched"
    UNMASKED = "unmasked"
    READS_BROUGHT = "reads_brought"
    MARKED_NO_ACCESS = "marked_no_access"
    ASKED_REREAD = "asked_reread"
    GAVE_ROUTE = "gave_route"
    DECIDED_READ = "decided_read"
    EXCHANGED_METER = "exchanged_meter"
    EXPORTED = "exported"
    FEED_CORRECTED = "feed_corrected"
    FEED_REPLAYED = "feed_replayed"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry.

    agent_id: None where an unknown name was tried. customer_id: whose data it was about. fields: the names of the
    fields that were shown or searched by, never their values. reason: sealed at rest.
    """

    id: UUID
    at: datetime
    action: Action
    agent_id: UUID | None
    agent: str
    customer_id: CustomerId | None = None
    fields: tuple[str, ...] = ()
    reason: str = ""

"""An event: something that happened, told once and kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from gridhall.kit.ids import new_id
from gridhall.kit.log import current_request_id


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the object `about`.

    kind: `<room>.<what happened>`, for example `billing.bill_issued`.
    payload: plain data; ids rather than texts, and never personal data in the clear.
    version: of the payload's shape; a consumer accepts the previous one too.
    request_id: of the request or job in which it happened; the jobs that consume it log under the same.
    """

    kind: str
    about: UUID
    at: datetime
    payload: Mapping[str, object] = field(default_factory=dict)
    version: int = 1
    id: UUID = field(default_factory=new_id)
    request_id: str | None = field(default_factory=current_request_id)

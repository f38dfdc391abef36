"""Notes: what an agent wants the next one to know about a customer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from gridhall.crm.agents.model import AgentId
from gridhall.crm.customers.model import CustomerId

TEXT_LENGTHS: Final = range(1, 2001)


@dataclass(frozen=True, slots=True)
class Note:
    """One note. The text is personal data, sealed at rest. asked_by: the request that wrote it, once."""

    id: UUID
    customer_id: CustomerId
    agent_id: AgentId
    agent: str
    text: str
    at: datetime
    asked_by: str

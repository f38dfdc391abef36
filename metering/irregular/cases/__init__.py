"""Cases: what becomes of a suspicion, by people."""

from gridhall.metering.irregular.cases.model import Case, CaseId, Closing, State
from gridhall.metering.irregular.cases.repository import CaseRepository

__all__ = ["Case", "CaseId", "CaseRepository", "Closing", "State"]

"""Who approves what others prepared, and who looks into differences of bills and money: True, or why not."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from gridhall.billing.approvals.model import Kind
from gridhall.crm.agents.model import AgentRole
from gridhall.crm.agents.policies import holds_role, may_serve
from gridhall.kit.subject import Refusal, Subject

NOT_YOURS_TO_APPROVE: Final = Refusal("access.not_yours_to_approve")
NOT_YOURS_TO_SEE_TO: Final = Refusal("access.not_yours_to_see_to")

_BILLS = frozenset({AgentRole.REVIEWER, AgentRole.SUPERVISOR})
_MONEY = frozenset({AgentRole.ACCOUNTANT, AgentRole.SUPERVISOR})
_SUPPLY = frozenset({AgentRole.SUPERVISOR})
_SEE_TO_CASES = frozenset(AgentRole) - {AgentRole.AGENT, AgentRole.READER}

_OF_BILLS = (Kind.RELEASE, Kind.REBILL)
_OF_MONEY = (Kind.REFUND, Kind.WAIVER, Kind.WRITE_OFF, Kind.PLAN, Kind.CASH_REVERSAL)

_APPROVES: Final[Mapping[Kind, frozenset[AgentRole]]] = MappingProxyType(
    {**dict.fromkeys(Kind, _SUPPLY), **dict.fromkeys(_OF_BILLS, _BILLS), **dict.fromkeys(_OF_MONEY, _MONEY)}
)
"""Whose role fits which kind; what is neither of bills nor of money is for supervisors.

That nobody approves what he prepared himself is the rule of approvals, not of roles.
"""


def may_approve(subject: Subject, *, kind: Kind, region: str, org_path: str) -> Literal[True] | Refusal:
    """Reviewers approve releases and rebills, accountants what moves money, and supervisors all, in their district."""
    served = may_serve(subject, region=region, org_path=org_path)
    if served is not True:
        return served
    held = holds_role(subject, _APPROVES[kind], region=region, org_path=org_path)
    return True if held else NOT_YOURS_TO_APPROVE


def may_see_to_cases(subject: Subject, *, region: str, org_path: str) -> Literal[True] | Refusal:
    """Everybody at the desk but agents who only answer takes and closes the cases of the own district."""
    served = may_serve(subject, region=region, org_path=org_path)
    if served is not True:
        return served
    held = holds_role(subject, _SEE_TO_CASES, region=region, org_path=org_path)
    return True if held else NOT_YOURS_TO_SEE_TO

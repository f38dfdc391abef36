"""Who follows arrears up: True, or why not."""

from typing import Final, Literal

from gridhall.crm.agents.model import AgentRole
from gridhall.crm.agents.policies import holds_role, may_serve
from gridhall.kit.subject import Refusal, Subject

NOT_A_COLLECTOR: Final = Refusal("access.not_a_collector")

_COLLECTS = frozenset({AgentRole.COLLECTOR, AgentRole.SUPERVISOR})


def may_collect(subject: Subject, *, region: str, org_path: str) -> Literal[True] | Refusal:
    """Collectors and supervisors see the queue of their district, note contacts, serve notices and ask for cuts."""
    served = may_serve(subject, region=region, org_path=org_path)
    if served is not True:
        return served
    held = holds_role(subject, _COLLECTS, region=region, org_path=org_path)
    return True if held else NOT_A_COLLECTOR

"""Who may do what at the desk: True, or why not. Asked once an object, by where the object lies."""

from typing import Literal

from gridhall.billing.accounts.model import Account
from gridhall.crm.access.policies import SIGN_IN
from gridhall.crm.agents.model import DISTRICT, AgentRole, District
from gridhall.kit.subject import Refusal, Subject, SubjectKind

NOT_AT_THE_DESK = Refusal("access.not_at_the_desk")
NOT_YOUR_DISTRICT = Refusal("access.not_your_district")
NOT_A_REVIEWER = Refusal("access.not_a_reviewer")
NOT_AN_INSPECTOR = Refusal("access.not_an_inspector")

_SERVES = frozenset(AgentRole)
_REVIEWS = frozenset({AgentRole.REVIEWER, AgentRole.SUPERVISOR})
_INSPECTS = frozenset({AgentRole.INSPECTOR, AgentRole.SUPERVISOR})


def may_use_desk(subject: Subject) -> Literal[True] | Refusal:
    """Agents with any grant use the desk; nobody else does."""
    if subject.kind is SubjectKind.STRANGER:
        return SIGN_IN
    if subject.kind is not SubjectKind.AGENT or not _districts(subject, _SERVES):
        return NOT_AT_THE_DESK
    return True


def may_serve(subject: Subject, *, region: str, org_path: str) -> Literal[True] | Refusal:
    """Whoever has any role where an account lies sees it, and its bills and people, masked."""
    desk = may_use_desk(subject)
    if desk is not True:
        return desk
    served = any(one.holds(region=region, org_path=org_path) for one in _districts(subject, _SERVES))
    return True if served else NOT_YOUR_DISTRICT


def may_serve_everywhere(subject: Subject) -> bool:
    """Whether the agent also serves people who have no account anywhere."""
    return any(one == District(None) for one in _districts(subject, _SERVES))


def may_unmask(subject: Subject, account: Account) -> Literal[True] | Refusal:
    """Every role unmasks in its own district; the reason and the audit trail are asked for by the operation."""
    return may_serve(subject, region=account.region, org_path=account.org_path)


def may_note(subject: Subject, account: Account) -> Literal[True] | Refusal:
    """Every role writes notes on customers of its own district."""
    return may_serve(subject, region=account.region, org_path=account.org_path)


def may_review(subject: Subject, account: Account) -> Literal[True] | Refusal:
    """Reviewers and supervisors decide on the held bills of their district."""
    served = may_serve(subject, region=account.region, org_path=account.org_path)
    if served is not True:
        return served
    where = _districts(subject, _REVIEWS)
    held = any(one.holds(region=account.region, org_path=account.org_path) for one in where)
    return True if held else NOT_A_REVIEWER


def may_inspect(subject: Subject, *, region: str, org_path: str) -> Literal[True] | Refusal:
    """Inspectors and supervisors see and decide on cases of irregular use, and losses, of their district.

    Nobody else does: a suspicion is no finding, and it is never shown to the customer.
    """
    desk = may_use_desk(subject)
    if desk is not True:
        return desk
    held = any(one.holds(region=region, org_path=org_path) for one in _districts(subject, _INSPECTS))
    return True if held else NOT_AN_INSPECTOR


def _districts(subject: Subject, roles: frozenset[AgentRole]) -> list[District]:
    return [District.read(one.id) for one in subject.grants if one.kind == DISTRICT and one.role in roles]

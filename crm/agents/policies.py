"""Who may do what at the desk: True, or why not. Asked once an object, by where the object lies."""

from typing import Literal

from gridhall.billing.accounts.model import Account
from gridhall.crm.access.policies import SIGN_IN
from gridhall.crm.agents.model import DISTRICT, AgentRole, District
from gridhall.kit.subject import Refusal, Subject, SubjectKind
from gridhall.kit.units import lies_in

NOT_AT_THE_DESK = Refusal("access.not_at_the_desk")
NOT_YOUR_DISTRICT = Refusal("access.not_your_district")
NOT_A_REVIEWER = Refusal("access.not_a_reviewer")
NOT_AN_INSPECTOR = Refusal("access.not_an_inspector")

NOT_A_READER = Refusal("access.not_a_reader")
NOT_A_SUPERVISOR = Refusal("access.not_a_supervisor")

_SERVES = frozenset(AgentRole) - {AgentRole.READER}
_REVIEWS = frozenset({AgentRole.REVIEWER, AgentRole.SUPERVISOR})
_INSPECTS = frozenset({AgentRole.INSPECTOR, AgentRole.SUPERVISOR})
_READS = frozenset({AgentRole.READER, AgentRole.SUPERVISOR})
_LEADS = frozenset({AgentRole.SUPERVISOR})
_MENDS = frozenset({AgentRole.REVIEWER, AgentRole.SUPERVISOR})


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


def may_decide_readings(subject: Subject, *, region: str, org_path: str) -> Literal[True] | Refusal:
    """Reviewers and supervisors decide on days of readings that failed a check, in their district."""
    served = may_serve(subject, region=region, org_path=org_path)
    if served is not True:
        return served
    held = any(one.holds(region=region, org_path=org_path) for one in _districts(subject, _REVIEWS))
    return True if held else NOT_A_REVIEWER


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
    served = may_serve(subject, region=region, org_path=org_path)
    if served is not True:
        return served
    held = any(one.holds(region=region, org_path=org_path) for one in _districts(subject, _INSPECTS))
    return True if held else NOT_AN_INSPECTOR


def may_mend_feed(subject: Subject, *, region: str | None, org_path: str) -> Literal[True] | Refusal:
    """Reviewers and supervisors see and mend the refused readings of their district.

    region: None for rows that nobody can place; those are for whoever serves every region.
    """
    desk = may_use_desk(subject)
    if desk is not True:
        return desk
    where = _districts(subject, _MENDS)
    if region is None:
        held = any(one == District(None) for one in where)
    else:
        held = any(one.holds(region=region, org_path=org_path) for one in where)
    return True if held else NOT_YOUR_DISTRICT


def mended_regions(subject: Subject) -> frozenset[str] | None:
    """Return the regions in which a subject mends readings at all, None for every region."""
    regions = {one.region for one in _districts(subject, _MENDS)}
    return None if None in regions else frozenset(region for region in regions if region is not None)


def may_go_rounds(subject: Subject) -> Literal[True] | Refusal:
    """Readers and supervisors go on rounds; which lists they see depends on their districts."""
    if subject.kind is SubjectKind.STRANGER:
        return SIGN_IN
    return True if subject.kind is SubjectKind.AGENT and _districts(subject, _READS) else NOT_A_READER


def may_read_meters(subject: Subject, *, region: str, org_path: str) -> Literal[True] | Refusal:
    """Readers and supervisors take the worklists of their district along and bring reads back.

    A list that was given to somebody else may be taken too (替班); whose reads then stand is the rule of conflicts.
    """
    goes = may_go_rounds(subject)
    if goes is not True:
        return goes
    held = any(one.holds(region=region, org_path=org_path) for one in _districts(subject, _READS))
    return True if held else NOT_YOUR_DISTRICT


def may_lead_rounds(subject: Subject, *, region: str, org_path: str) -> Literal[True] | Refusal:
    """Supervisors give routes away, ask for re-reads, exchange meters and see the rates of their district."""
    reads = may_read_meters(subject, region=region, org_path=org_path)
    if reads is not True:
        return reads
    held = any(one.holds(region=region, org_path=org_path) for one in _districts(subject, _LEADS))
    return True if held else NOT_A_SUPERVISOR


def may_confirm_read(subject: Subject, *, region: str, org_path: str) -> Literal[True] | Refusal:
    """Readers, and every agent at the desk, decide on customers' own reads of their district."""
    if may_read_meters(subject, region=region, org_path=org_path) is True:
        return True
    return may_serve(subject, region=region, org_path=org_path)


def units_read(subject: Subject, *, region: str) -> tuple[str, ...]:
    """Return the units of a region whose rounds a subject sees."""
    return _units(subject, _READS, region)


def units_served(subject: Subject, *, region: str) -> tuple[str, ...]:
    """Return the units of a region that a subject may serve."""
    return _units(subject, _SERVES, region)


def units_inspected(subject: Subject, *, region: str) -> tuple[str, ...]:
    """Return the units of a region in which a subject may inspect."""
    return _units(subject, _INSPECTS, region)


def units_confirmed(subject: Subject, *, region: str) -> tuple[str, ...]:
    """Return the units of a region in which a subject may confirm customers' own reads."""
    return _units(subject, _READS | _SERVES, region)


def holds_role(subject: Subject, roles: frozenset[AgentRole], *, region: str, org_path: str) -> bool:
    """Return whether a subject holds one of the roles where something lies."""
    return any(one.holds(region=region, org_path=org_path) for one in _districts(subject, roles))


def _units(subject: Subject, roles: frozenset[AgentRole], region: str) -> tuple[str, ...]:
    """Return the widest units only, so that nothing lies in two of them; '' is all of a region, none is no unit."""
    paths = {one.org_path for one in _districts(subject, roles) if one.region in {None, region}}
    return tuple(sorted(path for path in paths if not any(lies_in(path, other) for other in paths - {path})))


def _districts(subject: Subject, roles: frozenset[AgentRole]) -> list[District]:
    return [District.read(one.id) for one in subject.grants if one.kind == DISTRICT and one.role in roles]

"""Agents: the supplier's people at the desk, each with a role in a district."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from gridhall.kit.subject import Grant, Subject, SubjectKind
from gridhall.kit.units import lies_in

AgentId = NewType("AgentId", UUID)

DISTRICT: Final = "district"
"""The kind of the grants that agents hold; their ids are `District.text`."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}", re.ASCII)


class AgentRole(StrEnum):
    """What an agent does."""

    AGENT = "agent"
    """Answers customers (坐席): sees, notes, unmasks with a reason."""
    REVIEWER = "reviewer"
    """Also decides on held bills (复核)."""
    INSPECTOR = "inspector"
    """Looks into cases of irregular use on site (用电检查员)."""
    READER = "reader"
    """Reads meters on rounds (抄表员); sees worklists, and neither customers nor bills."""
    CASHIER = "cashier"
    """Takes money at the counter (收费员), in a shift of her own."""
    ACCOUNTANT = "accountant"
    """Keeps the books (账务): reconciles statements, finds whose money came, lets banks collect, approves refunds."""
    COLLECTOR = "collector"
    """Follows arrears up (催费员): calls, visits, serves notices, asks for cuts."""
    SUPERVISOR = "supervisor"
    """Likewise, and may be given every region at once."""


@dataclass(frozen=True, slots=True)
class District:
    """Where a grant holds: a region, or every region where it is None, and in it an organisation and all below it.

    org_path: like `gridhall/zhejiang`; empty for the whole region.
    """

    region: str | None
    org_path: str = ""

    @property
    def text(self) -> str:
        """The district as the id of a grant."""
        return f"{self.region or '*'}:{self.org_path}"

    @classmethod
    def read(cls, text: str) -> "District":
        """Return the district that `text` was made of."""
        region, _, org_path = text.partition(":")
        return cls(None if region == "*" else region, org_path)

    def holds(self, *, region: str, org_path: str) -> bool:
        """Say whether an account, a point or a bill of this region and organisation lies in the district."""
        if self.region not in {None, region}:
            return False
        return lies_in(org_path, self.org_path)


@dataclass(frozen=True, slots=True)
class AgentGrant:
    """A role in a district."""

    role: AgentRole
    district: District


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody at the desk. name: what is typed at sign-in; given once and never to another person.

    must_change: the password is a one-time one, good for nothing but choosing another.
    """

    id: AgentId
    name: str
    grants: tuple[AgentGrant, ...]
    must_change: bool = False

    def as_subject(self) -> Subject:
        """Return the agent as one who asks."""
        grants = (Grant(DISTRICT, grant.district.text, grant.role) for grant in self.grants)
        return Subject(SubjectKind.AGENT, id=self.id, grants=frozenset(grants))


def checked_grant(role: AgentRole, region: str | None, org_path: str = "") -> AgentGrant:
    """Return a grant. Raises BadAgentError where anybody but a supervisor would get every region."""
    if region is None and role is not AgentRole.SUPERVISOR:
        raise BadAgentError("region: only a supervisor may be given every region")
    return AgentGrant(role, District(region, org_path))


def checked_name(text: str) -> str:
    """Return a name in its one form. Raises BadAgentError where it is none."""
    name = text.strip().lower()
    if not _NAME.fullmatch(name):
        raise BadAgentError("name: must be 3 to 32 of a-z, 0-9 and .-_, beginning with a letter or a digit")
    return name


class BadAgentError(ValueError):
    """An agent that cannot be added as asked; the message names the field and what is allowed."""

"""Who asks. A subject carries opaque grants; the rooms' policies read them and answer True or a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class SubjectKind(StrEnum):
    """What sort of caller stands at the desk."""

    STRANGER = "stranger"
    CUSTOMER = "customer"
    AGENT = "agent"
    FEED = "feed"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Grant:
    """One thing that a subject was given: a role on an object of a kind."""

    kind: str
    id: str
    role: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The caller of an operation or a query."""

    kind: SubjectKind
    id: UUID | None = None
    grants: frozenset[Grant] = frozenset()

    def roles_on(self, kind: str, object_id: object) -> frozenset[str]:
        """Return the roles that the subject holds on one object."""
        wanted = str(object_id)
        return frozenset(grant.role for grant in self.grants if grant.kind == kind and grant.id == wanted)


STRANGER = Subject(SubjectKind.STRANGER)
SYSTEM = Subject(SubjectKind.SYSTEM)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A policy's or an operation's expected no: a code of the catalogue and what its words need."""

    code: str
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

"""Customers: the people and firms who sign in, and the accounts that each may see."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.kit.subject import Grant, Subject, SubjectKind

CustomerId = NewType("CustomerId", UUID)

ACCOUNT = "account"
"""The kind of the grants that bindings give."""


class Role(StrEnum):
    """What a customer is on an account."""

    OWNER = "owner"
    """Holds the contract (户主)."""
    MEMBER = "member"
    """Lives or works there (家人, 租户): sees everything and pays."""
    VIEWER = "viewer"
    """Sees and does not pay."""


@dataclass(frozen=True, slots=True)
class Binding:
    """An account that a customer proved to belong to."""

    account_id: AccountId
    role: Role
    since: datetime


@dataclass(frozen=True, slots=True)
class Customer:
    """A person or a firm. Name, phone, mail and openid are personal data, sealed at rest.

    language: in which messages are written, one of `gridhall.kit.words.LANGUAGES`. openid: names the person to our
    WeChat mini-program, where the two are linked.
    """

    id: CustomerId
    phone: str
    name: str | None = None
    mail: str | None = None
    language: str = "zh-CN"
    bindings: tuple[Binding, ...] = ()
    openid: str | None = None

    def as_subject(self) -> Subject:
        """Return the customer as one who asks, with a grant for each binding."""
        grants = (Grant(ACCOUNT, str(binding.account_id), binding.role) for binding in self.bindings)
        return Subject(SubjectKind.CUSTOMER, id=self.id, grants=frozenset(grants))


def masked_name(name: str) -> str:
    """Return a name of which the given part is hidden: 王小明 becomes 王**."""
    return name[:1] + "*" * (len(name) - 1)

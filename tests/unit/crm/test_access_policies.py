"""Who may do what with an account: every kind of caller in every role."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

import pytest

from gridhall.billing.accounts.model import AccountId
from gridhall.crm.access.policies import NOT_YOURS, SIGN_IN, may_ask_binding, may_pay, may_see_account
from gridhall.crm.customers.model import ACCOUNT, Binding, Role
from gridhall.kit.ids import new_id
from gridhall.kit.subject import STRANGER, SYSTEM, Grant, Refusal, Subject, SubjectKind
from tests.factories.people import a_customer

MINE, FOREIGN = AccountId(new_id()), AccountId(new_id())

Policy = Callable[[Subject, AccountId], Literal[True] | Refusal]


def customer(*roles: Role, of: AccountId = MINE) -> Subject:
    since = datetime(2026, 11, 1, tzinfo=UTC)
    return a_customer(bindings=tuple(Binding(of, role, since) for role in roles)).as_subject()


def holding_a_grant(kind: SubjectKind) -> Subject:
    return Subject(kind, id=new_id(), grants=frozenset({Grant(ACCOUNT, str(MINE), Role.OWNER)}))


WHO = {
    "stranger": STRANGER,
    "agent": holding_a_grant(SubjectKind.AGENT),
    "feed client": holding_a_grant(SubjectKind.FEED),
    "the service itself": SYSTEM,
    "customer": customer(),
    "owner": customer(Role.OWNER),
    "member": customer(Role.MEMBER),
    "viewer": customer(Role.VIEWER),
    "owner of another": customer(Role.OWNER, of=FOREIGN),
}

SEES: dict[str, Literal[True] | Refusal] = {
    "stranger": SIGN_IN,
    "agent": SIGN_IN,
    "feed client": SIGN_IN,
    "the service itself": True,
    "customer": NOT_YOURS,
    "owner": True,
    "member": True,
    "viewer": True,
    "owner of another": NOT_YOURS,
}
PAYS = {**SEES, "viewer": NOT_YOURS}
BINDS = dict.fromkeys(WHO, SIGN_IN) | dict.fromkeys(["customer", "owner", "member", "viewer", "owner of another"], True)


def test_every_kind_of_caller_and_every_role_is_in_the_table() -> None:
    assert {subject.kind for subject in WHO.values()} == set(SubjectKind)
    assert {grant.role for subject in WHO.values() for grant in subject.grants} == set(Role)


@pytest.mark.parametrize("who", WHO)
def test_who_sees_an_account(who: str) -> None:
    assert may_see_account(WHO[who], MINE) == SEES[who]


@pytest.mark.parametrize("who", WHO)
def test_who_pays_for_an_account(who: str) -> None:
    assert may_pay(WHO[who], MINE) == PAYS[who]


@pytest.mark.parametrize("who", WHO)
def test_who_may_ask_to_be_bound(who: str) -> None:
    assert may_ask_binding(WHO[who]) == BINDS[who]


@pytest.mark.parametrize("policy", [may_see_account, may_pay])
def test_an_account_that_does_not_exist_looks_like_a_foreign_one(policy: Policy) -> None:
    assert policy(WHO["owner"], AccountId(new_id())) == policy(WHO["owner"], FOREIGN) == NOT_YOURS


@pytest.mark.parametrize("policy", [may_see_account, may_pay])
def test_a_grant_of_another_kind_or_an_unknown_role_opens_nothing(policy: Policy) -> None:
    grants = frozenset({Grant("meter", str(MINE), Role.OWNER), Grant(ACCOUNT, str(MINE), "auditor")})
    assert policy(Subject(SubjectKind.CUSTOMER, id=new_id(), grants=grants), MINE) == NOT_YOURS

"""Who may do what at the desk: every role, every action, in and out of the own district."""

from collections.abc import Callable, Mapping
from typing import Literal

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.crm.access.policies import SIGN_IN
from gridhall.crm.agents.model import (
    DISTRICT,
    Agent,
    AgentGrant,
    AgentId,
    AgentRole,
    BadAgentError,
    District,
    checked_grant,
    checked_name,
)
from gridhall.crm.agents.policies import (
    NOT_A_REVIEWER,
    NOT_AN_INSPECTOR,
    NOT_AT_THE_DESK,
    NOT_YOUR_DISTRICT,
    may_inspect,
    may_note,
    may_review,
    may_serve,
    may_serve_everywhere,
    may_unmask,
    may_use_desk,
)
from gridhall.kit.ids import new_id
from gridhall.kit.subject import STRANGER, SYSTEM, Grant, Refusal, Subject, SubjectKind
from tests.factories.accounts import an_account
from tests.factories.people import a_customer

ACCOUNT = an_account(region="zhejiang", org_path="grid/hangzhou/xihu")

Answer = Literal[True] | Refusal
Policy = Callable[[Subject, Account], Answer]


def serve(subject: Subject, account: Account) -> Answer:
    return may_serve(subject, region=account.region, org_path=account.org_path)


def inspect(subject: Subject, account: Account) -> Answer:
    return may_inspect(subject, region=account.region, org_path=account.org_path)


ACTIONS: Mapping[str, Policy] = {
    "see": serve,
    "unmask": may_unmask,
    "note": may_note,
    "review": may_review,
    "inspect": inspect,
}
RESERVED: Mapping[str, tuple[frozenset[AgentRole], Refusal]] = {
    "review": (frozenset({AgentRole.REVIEWER, AgentRole.SUPERVISOR}), NOT_A_REVIEWER),
    "inspect": (frozenset({AgentRole.INSPECTOR, AgentRole.SUPERVISOR}), NOT_AN_INSPECTOR),
}
"""Actions of some roles only, with what the others are told."""

AT_THE_DESK = [role for role in AgentRole if role is not AgentRole.READER]

HOLDS = ((None, ""), ("zhejiang", ""), ("zhejiang", "grid"), ("zhejiang", "grid/hangzhou"), (None, "grid"))
HOLDS_NOT = (
    ("shaanxi", ""),
    ("zhejiang", "grid/ningbo"),
    ("zhejiang", "grid/hang"),
    ("zhejiang", "grid/hangzhou/xihu/west"),
    (None, "other"),
)


def agent(*grants: tuple[AgentRole, tuple[str | None, str]]) -> Subject:
    made = tuple(AgentGrant(role, District(*where)) for role, where in grants)
    return Agent(AgentId(new_id()), "zhou.min", made).as_subject()


@pytest.mark.parametrize("role", AT_THE_DESK)
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("where", HOLDS)
def test_in_the_own_district(role: AgentRole, action: str, where: tuple[str | None, str]) -> None:
    roles, refusal = RESERVED.get(action, (frozenset(AgentRole), NOT_YOUR_DISTRICT))
    assert ACTIONS[action](agent((role, where)), ACCOUNT) == (True if role in roles else refusal)


@pytest.mark.parametrize("role", AT_THE_DESK)
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("where", HOLDS_NOT)
def test_outside_of_it(role: AgentRole, action: str, where: tuple[str | None, str]) -> None:
    assert ACTIONS[action](agent((role, where)), ACCOUNT) == NOT_YOUR_DISTRICT


@pytest.mark.parametrize("action", ACTIONS)
def test_a_meter_reader_is_not_at_the_desk(action: str) -> None:
    assert ACTIONS[action](agent((AgentRole.READER, ("zhejiang", ""))), ACCOUNT) == NOT_AT_THE_DESK


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        (STRANGER, SIGN_IN),
        (SYSTEM, NOT_AT_THE_DESK),
        (a_customer().as_subject(), NOT_AT_THE_DESK),
        (Subject(SubjectKind.FEED, id=new_id()), NOT_AT_THE_DESK),
        (agent(), NOT_AT_THE_DESK),
        (Subject(SubjectKind.CUSTOMER, grants=frozenset({Grant(DISTRICT, "*:", "supervisor")})), NOT_AT_THE_DESK),
        (Subject(SubjectKind.AGENT, grants=frozenset({Grant(DISTRICT, "*:", "owner")})), NOT_AT_THE_DESK),
        (Subject(SubjectKind.AGENT, grants=frozenset({Grant("account", "*:", "agent")})), NOT_AT_THE_DESK),
    ],
)
def test_nobody_but_an_agent_with_a_grant_does_anything(action: str, subject: Subject, answer: Refusal) -> None:
    assert ACTIONS[action](subject, ACCOUNT) == may_use_desk(subject) == answer


def test_a_reviewer_of_one_region_is_only_an_agent_in_another() -> None:
    both = agent((AgentRole.AGENT, ("zhejiang", "")), (AgentRole.REVIEWER, ("shaanxi", "")))
    assert serve(both, ACCOUNT) is True
    assert may_review(both, ACCOUNT) == NOT_A_REVIEWER


@pytest.mark.parametrize("where", [*HOLDS[1:], *HOLDS_NOT])
def test_only_every_region_whole_serves_everywhere(where: tuple[str | None, str]) -> None:
    assert may_serve_everywhere(agent((AgentRole.SUPERVISOR, (None, ""))))
    assert not may_serve_everywhere(agent((AgentRole.SUPERVISOR, where)))


@pytest.mark.parametrize("where", [*HOLDS, *HOLDS_NOT])
def test_a_district_survives_being_a_grant(where: tuple[str | None, str]) -> None:
    assert District.read(District(*where).text) == District(*where)


@pytest.mark.parametrize("role", AgentRole)
def test_only_a_supervisor_gets_every_region(role: AgentRole) -> None:
    if role is AgentRole.SUPERVISOR:
        assert checked_grant(role, None).district == District(None)
    else:
        with pytest.raises(BadAgentError):
            checked_grant(role, None)


@pytest.mark.parametrize("name", ["", "ab", "a b c", "周敏敏", ".abc", "a" * 33, "abc\n\ndef"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(BadAgentError):
        checked_name(name)


def test_names_have_one_form() -> None:
    assert checked_name(" Zhou.Min ") == "zhou.min"

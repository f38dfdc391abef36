"""Whose role fits which request, and who sees to differences."""

import pytest

from gridhall.billing.approvals.model import Kind
from gridhall.crm.agents.billing_policies import (
    NOT_YOURS_TO_APPROVE,
    NOT_YOURS_TO_SEE_TO,
    may_approve,
    may_see_to_cases,
)
from gridhall.crm.agents.model import Agent, AgentGrant, AgentId, AgentRole, District
from gridhall.crm.agents.policies import NOT_YOUR_DISTRICT
from gridhall.kit.ids import new_id
from gridhall.kit.subject import Subject


def holder(role: AgentRole, region: str = "zhejiang", org_path: str = "grid") -> Subject:
    return Agent(AgentId(new_id()), "x", (AgentGrant(role, District(region, org_path)),)).as_subject()


def approved(role: AgentRole) -> set[Kind]:
    subject = holder(role)
    return {kind for kind in Kind if may_approve(subject, kind=kind, region="zhejiang", org_path="grid/city") is True}


def test_reviewers_approve_bills_and_accountants_money() -> None:
    assert approved(AgentRole.REVIEWER) == {Kind.RELEASE, Kind.REBILL}
    assert approved(AgentRole.ACCOUNTANT) == {Kind.REFUND, Kind.WAIVER, Kind.WRITE_OFF, Kind.PLAN, Kind.CASH_REVERSAL}


def test_supervisors_approve_everything_and_cuts_are_theirs_alone() -> None:
    assert approved(AgentRole.SUPERVISOR) == set(Kind)
    assert not any(Kind.DISCONNECT in approved(role) for role in AgentRole if role is not AgentRole.SUPERVISOR)


@pytest.mark.parametrize("role", [AgentRole.AGENT, AgentRole.INSPECTOR, AgentRole.CASHIER])
def test_whoever_answers_inspects_or_takes_cash_approves_nothing(role: AgentRole) -> None:
    assert approved(role) == set()


def test_another_district_is_none_of_ones_business() -> None:
    far = holder(AgentRole.SUPERVISOR, org_path="grid/village")
    place = {"region": "zhejiang", "org_path": "grid/city"}
    assert may_approve(far, kind=Kind.RELEASE, **place) == NOT_YOUR_DISTRICT
    assert may_see_to_cases(far, **place) == NOT_YOUR_DISTRICT


def test_differences_are_for_those_who_do_more_than_answer() -> None:
    place = {"region": "zhejiang", "org_path": "grid/city"}
    assert may_see_to_cases(holder(AgentRole.ACCOUNTANT), **place) is True
    assert may_see_to_cases(holder(AgentRole.AGENT), **place) == NOT_YOURS_TO_SEE_TO
    assert may_approve(holder(AgentRole.AGENT), kind=Kind.REFUND, **place) == NOT_YOURS_TO_APPROVE

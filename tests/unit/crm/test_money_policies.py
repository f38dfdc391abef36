"""Who takes cash, keeps books and asks for refunds: every role, in its district and outside of it."""

from collections.abc import Callable
from typing import Literal

import pytest

from gridhall.billing.approvals.model import Kind
from gridhall.crm.access.policies import SIGN_IN
from gridhall.crm.agents.billing_policies import may_approve
from gridhall.crm.agents.model import Agent, AgentGrant, AgentId, AgentRole, District
from gridhall.crm.agents.money_policies import may_ask_refund, may_keep_books, may_see_books, may_take_cash
from gridhall.crm.agents.policies import NOT_AT_THE_DESK, NOT_YOUR_DISTRICT
from gridhall.kit.ids import new_id
from gridhall.kit.subject import STRANGER, Refusal, Subject
from tests.factories.people import a_customer

R = AgentRole
ALLOWED: dict[Callable[..., Literal[True] | Refusal], set[AgentRole]] = {
    may_take_cash: {R.CASHIER, R.SUPERVISOR},
    may_keep_books: {R.ACCOUNTANT, R.SUPERVISOR},
    may_ask_refund: {R.AGENT, R.CASHIER, R.ACCOUNTANT, R.SUPERVISOR},
}
HERE = {"region": "zhejiang", "org_path": "grid/city/west"}


def in_role(role: AgentRole, region: str = "zhejiang", org_path: str = "grid/city") -> Subject:
    return Agent(AgentId(new_id()), "zhou", (AgentGrant(role, District(region, org_path)),)).as_subject()


@pytest.mark.parametrize("role", AgentRole)
@pytest.mark.parametrize("policy", ALLOWED)
def test_each_role_may_what_it_is_for_and_nothing_else(
    policy: Callable[..., Literal[True] | Refusal], role: AgentRole
) -> None:
    assert (policy(in_role(role), **HERE) is True) == (role in ALLOWED[policy])
    elsewhere = policy(in_role(role, "shaanxi"), **HERE)
    assert elsewhere == (NOT_AT_THE_DESK if role is R.READER else NOT_YOUR_DISTRICT)
    assert policy(in_role(role, org_path="grid/other"), **HERE) == elsewhere


@pytest.mark.parametrize("policy", ALLOWED)
def test_nobody_but_agents_touches_money(policy: Callable[..., Literal[True] | Refusal]) -> None:
    assert policy(STRANGER, **HERE) == SIGN_IN
    assert policy(a_customer().as_subject(), **HERE) == NOT_AT_THE_DESK


@pytest.mark.parametrize("role", AgentRole)
def test_who_sees_reconciled_days(role: AgentRole) -> None:
    assert (may_see_books(in_role(role)) is True) == (role in {R.ACCOUNTANT, R.SUPERVISOR})


@pytest.mark.parametrize("kind", [Kind.REFUND, Kind.CASH_REVERSAL])
@pytest.mark.parametrize("role", AgentRole)
def test_who_approves_what_moves_money(role: AgentRole, kind: Kind) -> None:
    allowed = may_approve(in_role(role), kind=kind, **HERE) is True
    assert allowed == (role in {R.ACCOUNTANT, R.SUPERVISOR})

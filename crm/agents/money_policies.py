"""Who takes money, who keeps the books and who asks for refunds: True, or why not. Asked by where the money lies."""

from typing import Final, Literal

from gridhall.crm.agents.model import AgentRole
from gridhall.crm.agents.policies import holds_role, may_serve, may_use_desk
from gridhall.kit.subject import Refusal, Subject

NOT_A_CASHIER: Final = Refusal("access.not_a_cashier")
NOT_AN_ACCOUNTANT: Final = Refusal("access.not_an_accountant")
NOT_YOURS_TO_REFUND: Final = Refusal("access.not_yours_to_refund")

_TAKE_CASH = frozenset({AgentRole.CASHIER, AgentRole.SUPERVISOR})
_KEEP_BOOKS = frozenset({AgentRole.ACCOUNTANT, AgentRole.SUPERVISOR})
_ASK_REFUNDS = frozenset({AgentRole.AGENT, AgentRole.CASHIER, AgentRole.ACCOUNTANT, AgentRole.SUPERVISOR})


def may_take_cash(subject: Subject, *, region: str, org_path: str) -> Literal[True] | Refusal:
    """Cashiers and supervisors have shifts, take cash and pay it out, in their district."""
    return _holding(subject, _TAKE_CASH, NOT_A_CASHIER, region=region, org_path=org_path)


def may_keep_books(subject: Subject, *, region: str, org_path: str) -> Literal[True] | Refusal:
    """Accountants and supervisors see statements and money of nobody, and keep mandates, in their district."""
    return _holding(subject, _KEEP_BOOKS, NOT_AN_ACCOUNTANT, region=region, org_path=org_path)


def may_ask_refund(subject: Subject, *, region: str, org_path: str) -> Literal[True] | Refusal:
    """Whoever speaks with customers about money asks for refunds; who approves them is another question."""
    return _holding(subject, _ASK_REFUNDS, NOT_YOURS_TO_REFUND, region=region, org_path=org_path)


def may_see_books(subject: Subject) -> Literal[True] | Refusal:
    """Accountants and supervisors of any district see how a provider's day was reconciled: it is of all districts."""
    desk = may_use_desk(subject)
    if desk is not True:
        return desk
    return True if any(grant.role in _KEEP_BOOKS for grant in subject.grants) else NOT_AN_ACCOUNTANT


def _holding(
    subject: Subject, roles: frozenset[AgentRole], refusal: Refusal, *, region: str, org_path: str
) -> Literal[True] | Refusal:
    served = may_serve(subject, region=region, org_path=org_path)
    if served is not True:
        return served
    return True if holds_role(subject, roles, region=region, org_path=org_path) else refusal

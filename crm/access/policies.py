"""Who may do what with an account: True, or why not.

A refusal says no more than that the account is not the asker's; it never tells whether the account exists.
"""

from typing import Literal

from gridhall.billing.accounts.model import AccountId
from gridhall.crm.customers.model import ACCOUNT, Role
from gridhall.kit.subject import Refusal, Subject, SubjectKind

NOT_YOURS = Refusal("access.not_your_account")
SIGN_IN = Refusal("access.sign_in_first")

_SEES = frozenset({Role.OWNER, Role.MEMBER, Role.VIEWER})
_PAYS = frozenset({Role.OWNER, Role.MEMBER})
_OWNS = frozenset({Role.OWNER})


def may_see_account(subject: Subject, account_id: AccountId) -> Literal[True] | Refusal:
    """Whoever is bound to an account sees its usage, bills, balance and tier."""
    return _has_role(subject, account_id, _SEES)


def may_pay(subject: Subject, account_id: AccountId) -> Literal[True] | Refusal:
    """Owners and members pay for an account."""
    return _has_role(subject, account_id, _PAYS)


def may_let_collect(subject: Subject, account_id: AccountId) -> Literal[True] | Refusal:
    """Only an owner lets money be collected from the card of the mandate; taking that back is whoever's who pays."""
    return _has_role(subject, account_id, _OWNS)


def may_read_own(subject: Subject, account_id: AccountId) -> Literal[True] | Refusal:
    """Owners and members hand in what the account's meter shows; a viewer only looks on."""
    return _has_role(subject, account_id, _PAYS)


def may_ask_binding(subject: Subject) -> Literal[True] | Refusal:
    """Every signed-in customer may ask to be bound; the code to the registered phone is the proof."""
    return True if subject.kind is SubjectKind.CUSTOMER else SIGN_IN


def _has_role(subject: Subject, account_id: AccountId, roles: frozenset[Role]) -> Literal[True] | Refusal:
    if subject.kind is SubjectKind.SYSTEM:
        return True
    if subject.kind is not SubjectKind.CUSTOMER:
        return SIGN_IN
    return True if roles & subject.roles_on(ACCOUNT, account_id) else NOT_YOURS

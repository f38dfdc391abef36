"""Whether a supply may be proposed to be cut because its balance is used up: True or why not. Pure."""

from datetime import date
from typing import Final, Literal

from gridhall.billing.accounts.model import Account, holds_on
from gridhall.billing.arrears.cutting.model import Notice
from gridhall.billing.arrears.cutting.policies import EASED_TODAY, HELD, NOT_NOTIFIED
from gridhall.billing.arrears.model import Pursuit
from gridhall.billing.prepayment.model import Prepayment
from gridhall.billing.prepayment.rules import Rules
from gridhall.kit.money import Fen
from gridhall.kit.subject import Refusal

NOT_PREPAID: Final = Refusal("prepayment.not_prepaid")
NOT_OFFERED: Final = Refusal("prepayment.cut_not_offered")
NOT_FIRM: Final = Refusal("prepayment.cut_not_firm")
NOT_EMPTY: Final = Refusal("prepayment.cut_not_empty")


def may_cut(
    *,
    prepayment: Prepayment,
    account: Account,
    pursuit: Pursuit | None,
    rules: Rules | None,
    notice: Notice | None,
    today: date,
    zone: str,
) -> Literal[True] | Refusal:
    """Tell whether an empty balance may be proposed for a cut, and, asked again, whether it still may.

    Never of whom something holds (a shield, a dispute, a plan, a promise), never of a subsidised household, never on
    the day of a payment or of a person's no. Never on a stale or estimated reading: the newest day is whole, real and
    new, and the days that are whole and real have used the balance up by themselves. Only once `notice`, the formal one
    of this time that the balance is used up, has provably arrived, and its days are over.
    """
    if rules is None or not account.is_prepaid(today):
        return NOT_PREPAID
    if not rules.proposes_cuts:
        return NOT_OFFERED
    if (pursuit is not None and pursuit.standing.holds) or _subsidised(account, today):
        return HELD
    if prepayment.eased_on == today:
        return EASED_TODAY
    empty = _is_empty(prepayment, account, rules, today)
    if empty is not True:
        return empty
    return True if notice is not None and notice.lets_cut(today, zone=zone) else NOT_NOTIFIED


def _is_empty(prepayment: Prepayment, account: Account, rules: Rules, today: date) -> Literal[True] | Refusal:
    if not prepayment.fresh(today=today, rules=rules):
        return NOT_FIRM
    if Fen(account.balance.prepaid - prepayment.charged_firmly) >= rules.notice_below:
        return NOT_EMPTY
    return True if prepayment.empty_since else NOT_EMPTY


def _subsidised(account: Account, today: date) -> bool:
    return any(term.kind == "subsidised" and holds_on(term, today) for term in account.terms)

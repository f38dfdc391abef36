"""Whether a supply may be proposed to be cut because its balance is used up: True or why not. Pure."""

from datetime import date, timedelta
from typing import Final, Literal

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.model import Pursuit
from gridhall.billing.prepayment.model import Prepayment
from gridhall.billing.prepayment.rules import Rules
from gridhall.kit.money import Fen
from gridhall.kit.subject import Refusal

NOT_PREPAID: Final = Refusal("prepayment.not_prepaid")
NOT_OFFERED: Final = Refusal("prepayment.cut_not_offered")
HELD: Final = Refusal("arrears.cut_held")
EASED_TODAY: Final = Refusal("arrears.cut_eased_today")
NOT_FIRM: Final = Refusal("prepayment.cut_not_firm")
NOT_EMPTY: Final = Refusal("prepayment.cut_not_empty")


def may_cut(
    *, prepayment: Prepayment, account: Account, pursuit: Pursuit | None, rules: Rules | None, today: date
) -> Literal[True] | Refusal:
    """Tell whether an empty balance may be proposed for a cut, and, asked again, whether it still may.

    Never of whom something holds (a shield, a dispute, a plan, a promise), never of a subsidised household, never on
    the day of a payment or of a person's no. Never on a stale or estimated reading: the newest day is whole, real and
    new, and the days that are whole and real have used the balance up by themselves. Only after days of notice.
    """
    if rules is None or not account.is_prepaid(today):
        return NOT_PREPAID
    if not rules.proposes_cuts:
        return NOT_OFFERED
    if (pursuit is not None and pursuit.standing.holds) or _subsidised(account, today):
        return HELD
    return EASED_TODAY if prepayment.eased_on == today else _is_empty(prepayment, account, rules, today)


def _is_empty(prepayment: Prepayment, account: Account, rules: Rules, today: date) -> Literal[True] | Refusal:
    if not prepayment.fresh(today=today, rules=rules):
        return NOT_FIRM
    if Fen(account.balance.prepaid - prepayment.charged_firmly) >= rules.notice_below:
        return NOT_EMPTY
    empty_since = prepayment.empty_since
    if empty_since is None or today < empty_since + timedelta(days=rules.empty_days):
        return Refusal("prepayment.cut_too_early", {"days": rules.empty_days})
    return True


def _subsidised(account: Account, today: date) -> bool:
    return any(
        term.kind == "subsidised" and term.from_day <= today and (term.to_day is None or today < term.to_day)
        for term in account.terms
    )

"""Whether a supply may be proposed to be cut, and when it may be cut: True or why not. Pure.

Law: 电力供应与使用条例 art. 39: only after more than 30 days, and after reminders, by the procedure.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from gridhall.billing.arrears.cutting.model import Notice, NoticeKind
from gridhall.billing.arrears.model import Debt, Pursuit
from gridhall.billing.arrears.policies import Policy, Stage
from gridhall.billing.arrears.states import State
from gridhall.kit.subject import Refusal
from gridhall.kit.workdays import is_workday

HELD: Final = Refusal("arrears.cut_held")
NOT_NOTIFIED: Final = Refusal("arrears.cut_not_notified")
EASED_TODAY: Final = Refusal("arrears.cut_eased_today")
NOT_FIRM: Final = Refusal("arrears.cut_not_firm")
NOT_REMINDED: Final = Refusal("arrears.cut_not_reminded")

_REMINDED: Final = frozenset({Stage.OVERDUE, Stage.OVERDUE_AGAIN, Stage.OVERDUE_LAST, Stage.NOTICE})
_STEPS: Final = frozenset({State.NOTICE_SERVED, State.DISCONNECTION_PROPOSED})
_ONE_DAY: Final = timedelta(days=1)


def may_cut(
    *, pursuit: Pursuit, debts: Sequence[Debt], notice: Notice | None, rules: Policy, today: date, zone: str
) -> Literal[True] | Refusal:
    """Tell whether an account may be proposed for a cut, and, asked again, whether it still may.

    Never of what something holds: a shield, a dispute, a plan, a promise. Never on the day of a payment. Only for bills
    on real reads, overdue longer than the law says, of which the customer was reminded, and named by a disconnection
    notice of which there is proof that it arrived days ago.
    """
    if pursuit.standing.holds:
        return HELD
    if pursuit.eased_on == today:
        return EASED_TODAY
    if pursuit.standing.rung not in _STEPS or notice is None or not _served(notice, today, zone):
        return NOT_NOTIFIED
    old = [debt for debt in debts if debt.owed and debt.days_overdue(today) > rules.cut_after_days]
    return _are_enough(old, notice) if old else Refusal("arrears.cut_too_early", {"days": rules.cut_after_days})


def _served(notice: Notice, today: date, zone: str) -> bool:
    return notice.kind is NoticeKind.DISCONNECTION and notice.lets_cut(today, zone=zone)


def _are_enough(old: Sequence[Debt], notice: Notice) -> Literal[True] | Refusal:
    named = {line.bill_id for line in notice.lines}
    firm = [debt for debt in old if debt.firm and debt.bill_id in named]
    if not firm:
        return NOT_FIRM
    return True if any(debt.reached in _REMINDED for debt in firm) else NOT_REMINDED


def cut_at(*, rules: Policy, earliest: datetime, zone: str) -> datetime:
    """Return the first instant from `earliest` on at which a supply may be cut.

    In the hours of the policy, on a working day with a working day after it: never at night, on a holiday or its eve,
    so that whoever pays finds somebody who restores.
    """
    local = earliest.astimezone(ZoneInfo(zone))
    first, last = (time(hour) for hour in rules.cut_hours)
    day = local.date()
    while True:
        if is_workday(day) and is_workday(day + _ONE_DAY):
            begin = datetime.combine(day, first, ZoneInfo(zone))
            if day != local.date() or local < begin:
                return begin.astimezone(earliest.tzinfo)
            if local.time() < last:
                return earliest
        day += _ONE_DAY

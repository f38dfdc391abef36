"""Arrears: the reminder that is next for a bill that is not paid."""

from dataclasses import dataclass
from datetime import date

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.policies import Stage, policy
from gridhall.billing.bills.model import Bill, BillId


@dataclass(frozen=True, slots=True)
class Reminder:
    """A due row: this bill's next reminder, and the day on which it falls.

    reached: the last stage of which the customer was reminded.
    """

    bill_id: BillId
    account_id: AccountId
    region: str
    due_on: date
    next_on: date
    reached: Stage | None = None


def first_reminder(bill: Bill) -> Reminder | None:
    """Return the due row of an issued bill; None where nothing is owed or its region reminds nobody."""
    if bill.due_on is None or not bill.owed:
        return None
    ladder = policy(bill.region, on=bill.due_on)
    step = ladder.first_after(None) if ladder else None
    if step is None:
        return None
    return Reminder(bill.id, bill.account_id, bill.region, bill.due_on, step.falls_on(bill.due_on))


def climb(reminder: Reminder, *, today: date) -> tuple[Stage | None, Reminder | None]:
    """Return the stage to remind of today, and the row after that; None at the top of the ladder.

    Of several steps whose days have come only the last is taken: nobody is reminded twice in one day.
    """
    ladder = policy(reminder.region, on=reminder.due_on)
    step = ladder.reached(due_on=reminder.due_on, today=today) if ladder else None
    if ladder is None or step is None:
        return None, reminder
    following = ladder.first_after(step.stage)
    if following is None:
        return step.stage, None
    return step.stage, Reminder(
        reminder.bill_id,
        reminder.account_id,
        reminder.region,
        reminder.due_on,
        following.falls_on(reminder.due_on),
        step.stage,
    )

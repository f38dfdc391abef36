"""What is owed right now: asked again at the moment a reminder would be sent."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.following import outstanding_penalties
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.payments.repository import IntentRepository
from gridhall.kit.money import Fen

UNDER_WAY: Final = timedelta(minutes=15)
"""A payment started this recently may still arrive; until then nobody is reminded."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What an account owes on payable bills. overdue: those whose due date has passed. oldest_due: the first of them.

    penalty: owed beside the bills. paying_until: until when a payment that was just started is waited for.
    """

    total: Fen
    overdue: Fen
    bills: int
    overdue_bills: int
    oldest_due: date | None
    paying_until: datetime | None
    penalty: Fen = Fen(0)


async def owed_now(
    *,
    account_id: AccountId,
    bills: BillRepository,
    intents: IntentRepository,
    following: Following,
    today: date,
    now: datetime,
) -> Owed:
    """Return what an account owes at this moment."""
    payable = await bills.payable(account_id)
    started = await intents.last_started(account_id, since=now - UNDER_WAY)
    dues = [bill.due_on for bill in payable if bill.due_on is not None]
    penalties = await outstanding_penalties(following=following, account_id=account_id, today=today)
    late = [bill for bill in payable if bill.due_on is not None and bill.due_on < today]
    return Owed(
        total=Fen(sum(bill.owed for bill in payable)),
        overdue=Fen(sum(bill.owed for bill in late)),
        bills=len(payable),
        overdue_bills=len(late),
        oldest_due=min(dues, default=None),
        paying_until=started + UNDER_WAY if started else None,
        penalty=Fen(sum(penalties.values())),
    )

"""A year of the demo's business: each month billed when it had ended, and paid by most."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

from gridhall.api.demo.cutting import CUT, SKIPPED, serve_and_propose
from gridhall.api.demo.people import Resident
from gridhall.api.demo.registering import PAYS_AHEAD
from gridhall.api.state import State
from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.operations import scan, scan_accounts
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.kit.jobs import JobQueue
from gridhall.kit.localdays import Month, local_day
from gridhall.kit.money import Fen
from gridhall.workers import names

_BILLED_AFTER = timedelta(days=1, hours=2)
_PAID_AFTER = timedelta(days=6, hours=3)
UNPAID: Final[Mapping[int, int]] = {5: 1, 10: 1, 13: 1, 21: 4}
"""By number of resident, how many months before the last they have not paid: reminded, objecting, long in arrears."""

_REMINDED_BEFORE: Final = timedelta(days=20)
"""So long ago the ladder came by those who are one month late: by today it may stand at the formal notices."""

SAVERS: Final = frozenset({2, PAYS_AHEAD})
_ROUND_UP_FEN: Final = 10_000
"""Savers always pay the next full 100 yuan, and so have money prepaid."""


async def bill_and_pay(
    state: State, people: Sequence[Resident], *, months: Sequence[Month], step: Callable[[], None]
) -> None:
    """Bill the months in order; all but the last are paid, and the last one is billed now. Idempotent."""
    accounts = [AccountId(one.account_id) for one in people]
    for month in months:
        last = month == months[-1]
        ended = datetime.combine(month.shift(1).first, time(), UTC)
        billed_at = state.clock.now() if last else ended + _BILLED_AFTER
        await issue_chunk(issuing=state.hall.billing.issuing, account_ids=accounts, month=month, now=billed_at)
        if not last:
            left = len(months) - 1 - months.index(month)
            payers = [one for one in people if _pays(one, left)]
            await _pay(state, payers, month, paid_at=ended + _PAID_AFTER)
        step()


def _pays(one: Resident, left: int) -> bool:
    """Whether a resident pays the bill that is so many months older than the newest."""
    return UNPAID.get(one.household.number, 0) < left and (one.household.number, left) != (CUT, SKIPPED)


async def _pay(state: State, people: Sequence[Resident], month: Month, *, paid_at: datetime) -> None:
    for one in people:
        payments = state.hall.billing.payments
        for bill in await payments.bills.payable(AccountId(one.account_id)):
            if bill.month != month:
                continue
            amount = -(-bill.owed // _ROUND_UP_FEN) * _ROUND_UP_FEN if one.household.number in SAVERS else bill.owed
            await settle(
                payments=payments,
                payment=PaymentReceived.for_account(
                    provider="counter",
                    provider_number=f"demo-{bill.number}",
                    account_id=bill.account_id,
                    amount=Fen(amount),
                    paid_at=paid_at,
                    bill_ids=(bill.id,),
                ),
                cash=Book.CASH_COUNTER,
                now=paid_at,
            )


async def work_the_night(queue: JobQueue) -> None:
    """Queue what beat starts by night for the readings: lists, silent meters, checks, irregular use, balances.

    Idempotent.
    """
    for job in (
        names.MAKE_WORKLISTS,
        names.SPREAD_SILENT,
        names.RUN_VEE,
        names.SPREAD_IRREGULAR,
        names.RUN_PREPAYMENT,
    ):
        await queue.send(job)


async def remind_and_advise(state: State, people: Sequence[Resident], *, queue: JobQueue) -> None:
    """Do what beat does by day and by month: scan for arrears, propose a cut, queue tips, count homes. Idempotent."""
    now = state.clock.now()
    today = local_day(now, state.settings.time_zone)
    late = [AccountId(one.account_id) for one in people if UNPAID.get(one.household.number) == 1]
    await scan_accounts(arrears=state.hall.billing.arrears, account_ids=late, today=today - _REMINDED_BEFORE, now=now)
    for one in people:
        if one.household.number == CUT:
            await serve_and_propose(state, one, now=now)
    for region in {one.household.region for one in people}:
        await scan(arrears=state.hall.billing.arrears, region=region, today=today, now=now)
    await queue.send(names.COUNT_HOMES)
    await queue.send(names.TELL_TIPS, account_ids=[str(one.account_id) for one in people])

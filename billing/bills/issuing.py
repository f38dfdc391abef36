"""Issuing (发行): a chunk of accounts is billed, reviewed and issued in one transaction."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from gridhall.billing.accounts.model import Account, AccountId, Balance
from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.following import bills_issued
from gridhall.billing.bills.drafting import Sources, draft
from gridhall.billing.bills.holds import hold_from
from gridhall.billing.bills.model import BILL_RUN, E_BILL, NO_POINT, Bill, after_payment
from gridhall.billing.bills.provisional import Estimating, may_be_provisional, provisional_bill
from gridhall.billing.bills.repository import BillRepository, MonthBilledError
from gridhall.billing.bills.review import Reviewed
from gridhall.billing.bills.review.gathering import Draft, Reviewing
from gridhall.billing.bills.sources import MONTHS_BACK, SourceReader
from gridhall.billing.bills.states import Move, moved
from gridhall.billing.corrections.operations import Questioning, look_again
from gridhall.billing.ledger.model import Posting
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import charge, transfer_prepaid
from gridhall.billing.ledger.repository import LedgerRepository
from gridhall.billing.regions import region
from gridhall.billing.waits.model import Waiting
from gridhall.billing.waits.repository import WaitRepository
from gridhall.kit.localdays import Month, local_day
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.outbox import Event, Outbox
from gridhall.metering.closings.operations import close_until
from gridhall.metering.closings.repository import ClosingRepository

RACES_WITH_MONEY: Final = 20
"""How often a chunk starts again because money moved on one of its accounts, beside once an account."""


@dataclass(frozen=True, slots=True)
class Issuing:
    """What issuing needs at hand."""

    mongo: Mongo
    accounts: AccountRepository
    bills: BillRepository
    ledger: LedgerRepository
    waits: WaitRepository
    following: Following
    outbox: Outbox
    sources: SourceReader
    closings: ClosingRepository
    questioning: Questioning
    reviewing: Reviewing
    estimating: Estimating
    zone: str


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What became of a chunk: bills issued, bills held, accounts that wait, accounts that had their bill before."""

    issued: int
    held: int
    waiting: int
    already: int


async def issue_chunk(
    *, issuing: Issuing, account_ids: Sequence[AccountId], month: Month, now: datetime
) -> ChunkResult:
    """Bill up to some hundred accounts for a month.

    Idempotent: an account that has its bill is left alone (a void one is none), so a run that was killed is simply
    run again; what two workers bill at once, the unique index gives to one of them and the other's chunk starts again.
    """
    for _ in range(len(account_ids) + RACES_WITH_MONEY):
        # A race for a month leaves one account less to bill; one with a payment or a rebill is not lost every time.
        with suppress(MonthBilledError, AccountMovedError):
            return await _issue(issuing, account_ids, month=month, now=now)
    return await _issue(issuing, account_ids, month=month, now=now)


async def _issue(issuing: Issuing, account_ids: Sequence[AccountId], *, month: Month, now: datetime) -> ChunkResult:
    accounts = await issuing.accounts.load(account_ids)
    sources, curves = await issuing.sources.read(accounts=list(accounts.values()), month=month)
    drafts: list[Draft] = []
    waiting: dict[AccountId, Waiting] = {}
    before: list[Bill] = []
    for account in accounts.values():
        earlier = sources.counting(account.id)
        if of_month := [bill for bill in earlier if bill.month == month]:
            before += of_month
            continue
        if region(account.region).billing == "shadow":
            waiting[account.id] = Waiting("billed_by_supplier")
            continue
        drafted = draft(account=account, month=month, sources=sources, now=now)
        if isinstance(drafted, Waiting):
            waiting[account.id] = drafted
        else:
            drafts.append(Draft(drafted, account, earlier, curves.get(account.id)))
    for bill in await _provisional(issuing, waiting, accounts, month=month, sources=sources, now=now):
        del waiting[bill.account_id]
        earlier = sources.counting(bill.account_id)
        drafts.append(Draft(bill, accounts[bill.account_id], earlier, curves.get(bill.account_id)))
    reviewed = await issuing.reviewing.review(drafts)
    today = local_day(now, issuing.zone)
    made = [verified(one.bill, found=reviewed[one.account.id], today=today, now=now) for one in drafts]

    async def write(transaction: Transaction) -> None:
        await write_bills(issuing, made, accounts, transaction=transaction, now=now)

    if made:
        await issuing.mongo.transact(write)
    # What a run issued that broke off before it looked again is looked at by the run that repeats it.
    standing = [*(bill for bill in made if not bill.findings), *(bill for bill in before if bill.status.shown)]
    await look_again(questioning=issuing.questioning, bills=standing, now=now)
    settled = [account_id for account_id in accounts if account_id not in waiting]
    await issuing.waits.keep(month=month, waiting=waiting, accounts=accounts, settled=settled, now=now)
    held = sum(bool(bill.findings) for bill in made)
    return ChunkResult(issued=len(made) - held, held=held, waiting=len(waiting), already=len(before))


async def _provisional(
    issuing: Issuing,
    waiting: Mapping[AccountId, Waiting],
    accounts: Mapping[AccountId, Account],
    *,
    month: Month,
    sources: Sources,
    now: datetime,
) -> list[Bill]:
    """Return a provisional draft of every month that waits where its region allows one by now, and it can be made.

    Only theirs are the bills before read whole; where no month may be provisional, which is nearly always, none is.
    """
    allowed = [
        accounts[account_id]
        for account_id, wait in waiting.items()
        if may_be_provisional(
            wait,
            account=accounts[account_id],
            days=accounts[account_id].period(month),
            last=sources.last_before(account_id, month),
            today=local_day(now, issuing.zone),
            after_days=issuing.estimating.after_days,
        )
    ]
    if not allowed:
        return []
    known = await issuing.bills.since([account.id for account in allowed], month=month.shift(-MONTHS_BACK))
    made = [
        await provisional_bill(
            estimating=issuing.estimating,
            account=account,
            month=month,
            reads=sources.reads,
            known=known[account.id],
            now=now,
        )
        for account in allowed
    ]
    return [bill for bill in made if bill is not None]


def verified(bill: Bill, *, found: Reviewed, today: date, now: datetime) -> Bill:
    """Return a draft as its review leaves it: held from today where a rule found something, else ready to be issued."""
    looked_at = moved(bill, Move.VERIFY, at=now, by=BILL_RUN, findings=found.findings, checks=found.checks)
    return moved(looked_at, Move.HOLD, at=now, by=BILL_RUN, hold=hold_from(today)) if found.findings else looked_at


def issued(bill: Bill, *, account: Account, now: datetime, today: date, by: str = BILL_RUN) -> Bill:
    """Return the bill as issued today: due after its region's term, paid at once by what was paid ahead.

    Of an imported bill its supplier has said when it was issued and is due.
    """
    issued_at = bill.issued_at or now
    due_on = bill.due_on or today + timedelta(days=region(account.region).due_days)
    prepaid = prepaid_share(bill, account)
    out = moved(
        bill,
        Move.ISSUE,
        at=now,
        by=by,
        issued_at=issued_at,
        due_on=due_on,
        prepaid=prepaid,
        paid=prepaid,
        template=E_BILL,
    )
    return out if bill.total and not prepaid else replace(out, status=after_payment(bill, prepaid)[1])


def prepaid_share(bill: Bill, account: Account) -> Fen:
    """Return how much of a bill the money paid ahead covers."""
    return Fen(max(0, min(bill.total, account.balance.prepaid)))


def postings_of(bill: Bill, *, account: Account, now: datetime) -> list[Posting]:
    """Return the ledger postings of a bill that is issued: the charge, and what prepaid money pays of it."""
    postings = [charge(account=account, bill_id=bill.id, total=bill.total, now=now)]
    share = prepaid_share(bill, account)
    if share:
        postings.append(transfer_prepaid(account=account, bill_id=bill.id, amount=share, now=now))
    return postings


def issued_event(bill: Bill, *, now: datetime) -> Event:
    """Return the event that tells of an issued bill."""
    return Event(kind="billing.bill_issued", about=bill.id, at=now, payload={"account_id": str(bill.account_id)})


async def close_days(
    bills: Sequence[Bill], *, closings: ClosingRepository, transaction: Transaction, now: datetime
) -> None:
    """Close the days that issued bills stand on, so that whoever changes one of them afterwards tells."""
    for end in {bill.days.end for bill in bills}:
        point_ids = {row.point_id for bill in bills if bill.days.end == end for row in bill.registers} - {NO_POINT}
        await close_until(point_ids=point_ids, until=end, closings=closings, now=now, transaction=transaction)


async def write_bills(
    issuing: Issuing,
    bills: Sequence[Bill],
    accounts: dict[AccountId, Account],
    *,
    transaction: Transaction,
    now: datetime,
) -> None:
    """Write bills with everything that follows from them.

    accounts: as they were read. Raises AccountMovedError where one is of another version inside the transaction: every
    write to contract, bills and money raises it, so what was read is what holds.
    """
    current = await issuing.accounts.versions({bill.account_id for bill in bills}, transaction=transaction)
    final: list[Bill] = []
    postings: list[Posting] = []
    events: list[Event] = []
    for bill in bills:
        account = accounts[bill.account_id]
        if current.get(account.id) != account.version:
            raise AccountMovedError
        if bill.findings:
            final.append(bill)
            continue
        fresh = issued(bill, account=account, now=now, today=local_day(now, issuing.zone))
        final.append(fresh)
        postings += postings_of(fresh, account=account, now=now)
        events.append(issued_event(fresh, now=now))
    await issuing.bills.add(final, transaction=transaction)
    # What waits for a reviewer moves the account on as well: a rebill under way sees that a bill stands on it.
    held = {bill.account_id: Balance() for bill in final if bill.findings}
    await issuing.accounts.change_balances(held, transaction=transaction)
    await post(postings=postings, ledger=issuing.ledger, accounts=issuing.accounts, transaction=transaction)
    await bills_issued(following=issuing.following, bills=final, transaction=transaction)
    await issuing.outbox.add(events, transaction=transaction)
    out = [bill for bill in final if bill.status.shown]
    await close_days(out, closings=issuing.closings, transaction=transaction, now=now)


class AccountMovedError(Exception):
    """An account's contract, bills or money changed while its bill was made; nothing of this chunk was written."""

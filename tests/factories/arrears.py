"""Accounts in arrears: a bill, the days after it was due, and how far its ladder was climbed."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.approvals.model import Request
from gridhall.billing.approvals.operations import Decided, Overtaken, SamePerson, Waiting, decide
from gridhall.billing.arrears.cutting.gate import hand_over, report
from gridhall.billing.arrears.cutting.model import Notice, NoticeKind, Proof, ProofWay
from gridhall.billing.arrears.cutting.notices import serve
from gridhall.billing.arrears.cutting.operations import ask_for_cut, propose
from gridhall.billing.arrears.following import bills_issued, fix_penalties
from gridhall.billing.arrears.model import Debt
from gridhall.billing.arrears.operations import scan
from gridhall.billing.arrears.penalty import Penalty
from gridhall.billing.arrears.policies import SupplyClass
from gridhall.billing.arrears.states import State
from gridhall.billing.bills.model import Bill, BillId
from gridhall.billing.ledger.checking import balance_of
from gridhall.billing.ledger.model import Book
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import charge
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.services import Billing
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen, round_to_fen
from gridhall.kit.mongo import Mongo, Transaction
from tests.factories.bills import a_bill

DUE = date(2026, 9, 21)
"""A Monday; the days of the ladder lie before and behind the holidays of October."""


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """An hour of Asia/Shanghai on a day."""
    return datetime.combine(day, time(hour, minute), UTC) - timedelta(hours=8)


def day(offset: int) -> date:
    return DUE + timedelta(days=offset)


def penalty_of(total: int, days: int) -> Fen:
    """1‰ a day of a total, rounded once."""
    return round_to_fen(Decimal(total) * days / 100_000)


def a_debt(owed: int, *, penalty: Penalty | None = None) -> Debt:
    """What is owed of a bill that nobody has in a database."""
    return Debt(
        bill_id=BillId(UUID(int=1)),
        account_id=AccountId(UUID(int=2)),
        region="zhejiang",
        org_path="grid",
        supply_class=SupplyClass.RESIDENTIAL,
        due_on=DUE,
        owed=Fen(owed),
        ladder_from=DUE,
        next_on=None,
        penalty=penalty or Penalty.begin(DUE),
    )


async def issued(
    billing: Billing, account: Account, month: str = "2026-08", *, due_on: date = DUE, now: datetime | None = None
) -> Bill:
    """A bill of an account, issued without readings and charged."""
    bill = a_bill(account, month, due_on=due_on)

    async def work(transaction: Transaction) -> None:
        await billing.bills.add([bill], transaction=transaction)
        await bills_issued(following=billing.arrears.following, bills=[bill], transaction=transaction)
        charged = charge(account=account, bill_id=bill.id, total=bill.total, now=now or at(DUE))
        await post(postings=[charged], ledger=billing.ledger, accounts=billing.accounts, transaction=transaction)

    await billing.arrears.mongo.transact(work)
    return bill


async def pay(billing: Billing, account: Account, amount: int, *, now: datetime) -> None:
    payment = PaymentReceived.for_account("counter", str(uuid4()), account.id, Fen(amount), now)
    await settle(payments=billing.payments, payment=payment, cash=Book.CASH_COUNTER, now=now)


async def penalties_posted(billing: Billing, mongo: Mongo, account: Account, *, on: date) -> None:
    """Post what the penalties have come to by a day, as on that of a statement."""

    async def work(transaction: Transaction) -> None:
        (fresh,) = (await billing.accounts.load([account.id], transaction=transaction)).values()
        await fix_penalties(following=billing.arrears.following, account=fresh, now=at(on), transaction=transaction)

    await mongo.transact(work)


async def walk(billing: Billing, *, until: int, begin: int = -4) -> None:
    """Let the scan run each morning up to a day after the due date."""
    for offset in range(begin, until + 1):
        await scan(arrears=billing.arrears, region="zhejiang", today=day(offset), now=at(day(offset)))


async def state(billing: Billing, account: Account) -> State:
    found = await billing.arrears.following.pursuits.load([account.id])
    return found[account.id].state if account.id in found else State.CURRENT


async def notice(billing: Billing, account: Account, kind: NoticeKind = NoticeKind.DISCONNECTION) -> Notice:
    found = await billing.arrears.notices.of_accounts([account.id])
    return next(one for one in found if one.kind is kind)


async def served(billing: Billing, account: Account, *, on: date) -> None:
    made = await notice(billing, account)
    proof = Proof(ProofWay.SMS, at(on, 10), "system", reference="sms-1")
    await serve(serving=billing.follow_up.serving, notice_id=made.id, proof=proof, now=at(on, 10))


async def proposed(billing: Billing, account: Account) -> date:
    """Bring an account to a proposed cut; return the day."""
    for offset in (1, 20, 30):
        await walk(billing, until=offset, begin=offset)
    await served(billing, account, on=day(31))
    on = day(39)
    assert await propose(cutting=billing.follow_up.cutting, account_id=account.id, now=at(on)) is True
    return on


async def asked_for_cut(billing: Billing, account: Account, *, on: date) -> Request:
    """What waits for another person once a collector has asked for a cut at ten of a day."""
    asked = await ask_for_cut(
        cutting=billing.follow_up.cutting,
        approvals=billing.approvals,
        account_id=account.id,
        reason="pays nothing",
        by="collector",
        now=at(on, 10),
    )
    assert isinstance(asked, Waiting)
    return asked.request


async def agreed(billing: Billing, asked: Request, *, on: date) -> Decided | SamePerson | Overtaken:
    """Let a supervisor approve what a collector asked for."""
    decided = await decide(
        approvals=billing.approvals,
        request_id=asked.id,
        by="supervisor",
        approve=True,
        reason="looked at",
        now=at(on, 10, 30),
    )
    assert isinstance(decided, Decided | SamePerson | Overtaken)
    return decided


async def approved(billing: Billing, account: Account, *, on: date) -> Decided | SamePerson | Overtaken:
    return await agreed(billing, await asked_for_cut(billing, account, on=on), on=on)


async def cut(billing: Billing, account: Account) -> date:
    on = await proposed(billing, account)
    on += timedelta(days=(7 - on.weekday()) % 7 + 1)  # a Tuesday
    assert isinstance(await approved(billing, account, on=on), Decided)
    (request,) = await billing.arrears.following.supply.of_accounts([account.id])
    cutting = billing.follow_up.cutting
    taken = await hand_over(cause=cutting, request=request, reference="F1", now=at(on, 12))
    assert taken
    assert await report(cause=cutting, request=taken, done=True, note="", now=at(on, 13))
    assert await report(cause=cutting, request=taken, done=True, note="", now=at(on, 13)) is None
    assert await state(billing, account) is State.DISCONNECTED
    return on


async def books(billing: Billing, account: Account) -> dict[Book, Fen]:
    """The books of an account, after looking whether balance, bills and debts say the same."""
    sums = await billing.ledger.sums(account.id)
    assert sum(sums.values()) == 0
    assert balance_of(sums) == (await billing.accounts.load([account.id]))[account.id].balance
    debts = await billing.arrears.following.debts.ever_of(account.id)
    posted = sum(debt.penalty.posted - debt.penalty.paid - debt.penalty.waived for debt in debts)
    assert sums.get(Book.PENALTY, 0) == posted
    bills = (await billing.bills.since([account.id], month=Month(2026, 1)))[account.id]
    assert sums.get(Book.RECEIVABLE, 0) == sum(bill.owed for bill in bills)
    owed = {bill.id: bill.owed for bill in bills if bill.owed}
    assert {debt.bill_id: debt.owed for debt in debts if debt.owed} == owed
    return {book: fen for book, fen in sums.items() if fen}

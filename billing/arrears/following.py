"""What the rest of billing tells arrears, in its own transactions: a bill was issued, money came, a bill is gone.

Whoever takes money calls `fix_penalties` first, allocates, and then calls `money_came`. So a debt, its penalty and what
follows from them never say anything else than the bills and the ledger do.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.model import SYSTEM, Debt, Pursuit, debt_of, restarted
from gridhall.billing.arrears.moving import move
from gridhall.billing.arrears.notes import Form, written
from gridhall.billing.arrears.outages.queries import days_down
from gridhall.billing.arrears.penalty import Penalty, reckoned, through
from gridhall.billing.arrears.scoring import chance
from gridhall.billing.arrears.states import Event
from gridhall.billing.arrears.taking_back import take_back
from gridhall.billing.arrears.told_late import Came, lowered_since, outstanding_on
from gridhall.billing.bills.model import Bill, BillId
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import late_fee, penalty_taken_back
from gridhall.billing.prepayment.settling import days_billed
from gridhall.kit.localdays import Days
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction


async def bills_issued(*, following: Following, bills: Sequence[Bill], transaction: Transaction) -> None:
    """Note what is owed of bills as they are issued, and that their days are provisional no more."""
    await days_billed(prepayments=following.prepayments, bills=bills, transaction=transaction)
    debts = [debt for bill in bills if (debt := debt_of(bill))]
    await following.debts.add(debts, transaction=transaction)


async def outstanding_penalties(
    *, following: Following, account_id: AccountId, today: date, transaction: Transaction | None = None
) -> Mapping[BillId, Fen]:
    """Return what is owed in penalties of each bill by the end of today, the oldest bill first. Nothing is written.

    Bills that are paid are among them as long as their penalty is not. Bills without a penalty are left out.
    """
    debts = await following.debts.of_accounts([account_id], transaction=transaction)
    pursuits = await following.pursuits.load([account_id], transaction=transaction)
    now_owed = await reckon(following=following, debts=debts, pursuits=pursuits, today=today, transaction=transaction)
    return {debt.bill_id: debt.penalty.outstanding for debt in now_owed if debt.penalty.outstanding}


async def fix_penalties(
    *, following: Following, account: Account, now: datetime, transaction: Transaction, paid_on: date | None = None
) -> Mapping[BillId, Fen]:
    """Fix the penalties of an account through today and post them; return what is owed of each, the oldest bill first.

    paid_on: the day on which the money came that is told of today; later days are not the customer's, and what they
    cost already is left out of what is returned. Idempotent within a day: what was posted is not posted again.
    """
    debts = await following.debts.of_accounts([account.id], transaction=transaction)
    today = following.today(now)
    if not any(debt.overdue(today) or debt.penalty.outstanding for debt in debts):
        return {}
    pursuits = await following.pursuits.load([account.id], transaction=transaction)
    day = min(paid_on or today, today)
    fixed = await reckon(following=following, debts=debts, pursuits=pursuits, today=day, transaction=transaction)
    made = [
        late_fee(account=account, bill_id=debt.bill_id, until=debt.penalty.until, amount=debt.penalty.unposted, now=now)
        for debt in fixed
        if debt.penalty.unposted
    ]
    await post(postings=made, ledger=following.ledger, accounts=following.accounts, transaction=transaction)
    posted = [replace(debt, penalty=replace(debt.penalty, posted=debt.penalty.total)) for debt in fixed]
    await following.debts.put(_changed(debts, posted), transaction=transaction)
    owed = {debt.bill_id: outstanding_on(debt, day) for debt in posted}
    return {bill_id: fen for bill_id, fen in owed.items() if fen}


async def money_came(
    *,
    following: Following,
    account_id: AccountId,
    paid_in_full: Collection[BillId],
    owed_after: Fen,
    transaction: Transaction,
    now: datetime,
    penalties_paid: Mapping[BillId, Fen] | None = None,
    came: Came | None = None,
) -> None:
    """Let arrears follow a payment, after the bills were set paid: all in the payment's transaction.

    penalties_paid: what of the payment went to the penalty of which bill. owed_after: everything the account owes now.
    came: of money that came on an earlier day: the penalty that was posted since on what it paid is taken back.
    Where nothing overdue is left everything stops at once. A part payment begins the ladder anew only where the policy
    says so, and nothing harsher happens on its day.
    """
    debts = await following.debts.of_accounts([account_id], transaction=transaction)
    if not debts:
        return
    today = following.today(now)
    payable = {bill.id: bill for bill in await following.bills.payable(account_id, transaction=transaction)}
    owed = {debt.bill_id: payable[debt.bill_id].owed if debt.bill_id in payable else Fen(0) for debt in debts}
    owed |= dict.fromkeys(paid_in_full, Fen(0))
    after = [_paid(debt, owed[debt.bill_id], (penalties_paid or {}).get(debt.bill_id, Fen(0))) for debt in debts]
    pursuit = (await following.pursuits.load([account_id], transaction=transaction)).get(account_id)
    if came is not None:
        less = lowered_since(debts, after, came)
        pursuit = await take_back(
            following=following,
            account_id=account_id,
            made={f"told_late:{came.key}:{bill_id}": one for bill_id, one in less.items()},
            pursuit=pursuit,
            why=partial(written, Form.PAID_EARLIER, day=came.on),
            transaction=transaction,
            now=now,
        )
        after = [less[debt.bill_id].debt if debt.bill_id in less else debt for debt in after]
    was_overdue = any(debt.overdue(today) for debt in debts)
    settled = not any(debt.overdue(today) for debt in after)
    anew = False
    if not settled:
        rules = next((debt.policy for debt in after if debt.overdue(today)), None)
        anew = rules is not None and rules.restart_on_part_payment
        after = [restarted(debt, today=today) if anew else debt.not_today(today) for debt in after]
    await following.debts.put(_changed(debts, after), transaction=transaction)
    if pursuit is None or not (was_overdue or settled):
        return
    event = Event.SETTLED if settled else Event.LADDER_RESTARTED if anew else Event.PART_PAID
    note = written(Form.OWED_AFTER, fen=owed_after)
    changed = replace(with_debts(pursuit, after, today), eased_on=today)
    await move(
        following=following, pursuit=changed, event=event, by=SYSTEM, note=note, transaction=transaction, now=now
    )


async def bill_gone(
    *,
    following: Following,
    account_id: AccountId,
    bill_ids: Collection[BillId],
    transaction: Transaction,
    now: datetime,
) -> Fen:
    """Let arrears follow that bills were cancelled: nobody is reminded of them, and they had no penalty.

    What is owed of their penalties is let off, and what had been paid of them is prepaid; return how much that is.
    """
    known = await following.debts.ever_of(account_id, transaction=transaction)
    gone = [debt for debt in known if debt.bill_id in set(bill_ids)]
    if not gone:
        return Fen(0)
    account = (await following.accounts.load([account_id], transaction=transaction))[account_id]
    taken_back = [
        penalty_taken_back(
            account=account,
            key=f"cancelled:{debt.bill_id}",
            let_off=Fen(debt.penalty.posted - debt.penalty.paid - debt.penalty.waived),
            to_prepaid=debt.penalty.paid,
            now=now,
        )
        for debt in gone
        if debt.penalty.posted > debt.penalty.waived
    ]
    await post(postings=taken_back, ledger=following.ledger, accounts=following.accounts, transaction=transaction)
    await following.debts.put([], gone=[debt.bill_id for debt in gone], transaction=transaction)
    today = following.today(now)
    left = [debt for debt in known if debt not in gone]
    pursuit = (await following.pursuits.load([account_id], transaction=transaction)).get(account_id)
    if pursuit is not None and any(debt.overdue(today) for debt in gone):
        event = Event.PART_PAID if any(debt.overdue(today) for debt in left) else Event.SETTLED
        changed = replace(with_debts(pursuit, left, today), eased_on=today)
        await move(
            following=following,
            pursuit=changed,
            event=event,
            by=SYSTEM,
            note=written(Form.BILL_CANCELLED),
            transaction=transaction,
            now=now,
        )
    return Fen(sum(debt.penalty.paid for debt in gone))


def with_debts(pursuit: Pursuit, debts: Sequence[Debt], today: date) -> Pursuit:
    """Return a pursuit with what is overdue by now, for lists and reports."""
    late = [debt for debt in debts if debt.overdue(today)]
    overdue = Fen(sum(debt.owed for debt in late))
    oldest = min((debt.due_on for debt in late), default=None)
    likely = chance(overdue=overdue, oldest_due=oldest, record=pursuit.record, today=today)
    return replace(pursuit, overdue=overdue, oldest_due=oldest, expected=likely.expected)


async def reckon(
    *,
    following: Following,
    debts: Sequence[Debt],
    pursuits: Mapping[AccountId, Pursuit],
    today: date,
    transaction: Transaction | None = None,
) -> list[Debt]:
    """Return debts with their penalties reckoned through today. Nothing is written."""
    until = through(today)
    begun = [debt.penalty.until for debt in debts if debt.owed and debt.penalty.until < until]
    down: list[Days] = []
    if begun:
        days = Days(min(begun), until)
        down = await days_down(outages=following.outages, days=days, zone=following.zone, transaction=transaction)
    return [replace(debt, penalty=_through(debt, pursuits.get(debt.account_id), until, down)) for debt in debts]


def _through(debt: Debt, pursuit: Pursuit | None, until: date, down: Sequence[Days]) -> Penalty:
    rules = debt.policy
    if rules is None or not debt.owed:
        return debt.penalty
    held = pursuit.free_days(rules, until=until) if pursuit else []
    return reckoned(
        debt.penalty,
        principal=debt.owed,
        due_on=debt.due_on,
        until=until,
        rate=rules.rate,
        free=[*down, *held],
    )


def _paid(debt: Debt, owed: Fen, to_penalty: Fen) -> Debt:
    penalty = replace(debt.penalty, paid=Fen(debt.penalty.paid + to_penalty))
    return replace(debt, owed=owed, penalty=penalty, next_on=debt.next_on if owed else None)


def _changed(before: Sequence[Debt], after: Sequence[Debt]) -> list[Debt]:
    known = {debt.bill_id: debt for debt in before}
    return [debt for debt in after if debt != known[debt.bill_id]]

"""Penalties that were paid and then undone: by a credit note, a reversed receipt or a refund. The books and the debts
always say the same."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.approvals.model import Kind, request_id
from gridhall.billing.approvals.operations import decide
from gridhall.billing.arrears.following import outstanding_penalties
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.bills.model import Bill, BillStatus
from gridhall.billing.counter.model import ReceiptState
from gridhall.billing.counter.operations import Taken, open_shift, take_cash
from gridhall.billing.counter.reversing import reverse
from gridhall.billing.credits.operations import Rebilled, rebill
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived, TradeNumber
from gridhall.billing.payments.operations import settle
from gridhall.billing.payments.starting import NothingOwed, NothingToPay, Started, Wanted, start
from gridhall.billing.refunds.asking import Asked, ask
from gridhall.billing.refunds.model import Way, Wish
from gridhall.billing.services import Billing
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from tests.factories.accounts import an_account
from tests.factories.arrears import DUE, books, issued, penalty_of
from tests.factories.tills import Till
from tests.integration.billing.conftest import Read

BILLED = datetime(2026, 9, 1, 1, tzinfo=UTC)
JANUARY = Month(2026, 1)


def at(offset: int) -> datetime:
    """Nine o'clock in Shanghai so many days after the due date."""
    return datetime(DUE.year, DUE.month, DUE.day, 1, tzinfo=UTC) + timedelta(days=offset)


async def pay(billing: Billing, account: Account, fen: int, *, now: datetime, paid_at: datetime | None = None) -> str:
    number = str(uuid4())
    trade = TradeNumber(number.replace("-", ""))
    money = PaymentReceived.for_account("wechatpay", number, account.id, Fen(fen), paid_at or now, trade_number=trade)
    await settle(payments=billing.payments, payment=money, cash=Book.CASH_WECHAT, now=now)
    return number


async def billed_late(billing: Billing, account: Account, read: Read, now: datetime) -> tuple[Bill, datetime]:
    """An issued bill of January, and a day ten days after it was due."""
    await read(account, date(2026, 1, 1), "1000.00")
    await read(account, date(2026, 2, 1), "1200.00")
    await issue_chunk(issuing=billing.issuing, account_ids=[account.id], month=JANUARY, now=now)
    (bill,) = (await billing.bills.since([account.id], month=JANUARY))[account.id]
    assert bill.due_on
    late = (bill.due_on - now.date()).days + 10
    return bill, now + timedelta(days=late)


async def rebilled(billing: Billing, account: Account, bill: Bill, read: Read, now: datetime) -> list[Bill]:
    """Rebill January with 10 kWh less."""
    await read(account, date(2026, 2, 1), "1190.00")
    outcome = await rebill(
        rebilling=billing.rebilling, approvals=billing.approvals, bill_id=bill.id, reason="photo", by="li", now=now
    )
    assert isinstance(outcome, Rebilled), outcome
    return (await billing.bills.since([account.id], month=JANUARY))[account.id]


class TestACreditNote:
    async def test_the_penalty_that_was_paid_on_the_bill_is_paid_ahead_again(
        self, billing: Billing, account: Account, read: Read, now: datetime
    ) -> None:
        bill, late = await billed_late(billing, account, read, now)
        penalty = penalty_of(bill.total, 10)
        await pay(billing, account, bill.total + penalty, now=late)
        assert (await books(billing, account))[Book.PENALTY_REVENUE] == -penalty
        _, new = await rebilled(billing, account, bill, read, late + timedelta(days=3))
        told = await books(billing, account)
        assert (new.status, new.paid) == (BillStatus.PAID, new.total)
        assert told == {
            Book.CASH_WECHAT: bill.total + penalty,
            Book.REVENUE: -new.total,
            Book.PREPAID: new.total - bill.total - penalty,
        }

    async def test_a_part_of_the_penalty_that_was_paid_comes_back_and_the_rest_is_let_off(
        self, billing: Billing, account: Account, read: Read, now: datetime
    ) -> None:
        bill, late = await billed_late(billing, account, read, now)
        await pay(billing, account, bill.total + 7, now=late)
        assert (await books(billing, account))[Book.PENALTY] == penalty_of(bill.total, 10) - 7
        await rebilled(billing, account, bill, read, late + timedelta(days=3))
        told = await books(billing, account)
        assert Book.PENALTY not in told
        assert Book.PENALTY_REVENUE not in told

    async def test_what_comes_back_of_a_penalty_pays_the_new_bill(
        self, billing: Billing, account: Account, read: Read, now: datetime
    ) -> None:
        bill, late = await billed_late(billing, account, read, now)
        penalty = penalty_of(bill.total, 10)
        await pay(billing, account, bill.total + penalty, now=late)
        await read(account, date(2026, 2, 1), "1210.00")
        outcome = await rebill(
            rebilling=billing.rebilling, approvals=billing.approvals, bill_id=bill.id, reason="photo", by="li", now=late
        )
        assert isinstance(outcome, Rebilled)
        _, new = (await billing.bills.since([account.id], month=JANUARY))[account.id]
        assert (new.status, new.paid) == (BillStatus.PART_PAID, bill.total + penalty)
        await books(billing, account)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    paid=st.lists(st.tuples(st.integers(0, 25), st.integers(1, 14_000)), max_size=3),
    shown=st.lists(st.integers(1150, 1250), min_size=1, max_size=2),
)
async def test_after_a_rebill_the_books_and_the_debts_agree(
    billing: Billing, read: Read, now: datetime, paid: list[tuple[int, int]], shown: list[int]
) -> None:
    account = an_account(uuid4().int % 10**6)
    await billing.accounts.add([account])
    _, moment = await billed_late(billing, account, read, now)
    for offset, fen in sorted(paid):
        await pay(billing, account, fen, now=moment + timedelta(days=offset))
        await books(billing, account)
    for value in shown:
        moment += timedelta(days=30)
        (*_, current) = (await billing.bills.since([account.id], month=JANUARY))[account.id]
        await read(account, date(2026, 2, 1), f"{value}.00")
        rebilling, approvals = billing.rebilling, billing.approvals
        await rebill(rebilling=rebilling, approvals=approvals, bill_id=current.id, reason="photo", by="li", now=moment)
        await books(billing, account)


class TestMoneyThatHadNotCome:
    async def test_a_reversed_receipt_leaves_the_penalty_owed_as_it_was(
        self, billing: Billing, account: Account
    ) -> None:
        bill, now = await issued(billing, account, now=BILLED), at(10)
        penalty = penalty_of(bill.total, 10)
        await open_shift(
            counter=billing.counter,
            cashier="chen",
            region="zhejiang",
            org_path="grid",
            float_fen=Fen(0),
            key="k",
            now=now,
        )
        before = await billing.arrears.following.debts.of_accounts([account.id])
        taken = await take_cash(
            counter=billing.counter,
            cashier="chen",
            account=account,
            amount=Fen(bill.total + penalty),
            key="a",
            now=now,
        )
        assert isinstance(taken, Taken)
        assert taken.receipt.to_penalties == penalty
        assert await billing.arrears.following.debts.of_accounts([account.id]) == []
        await reverse(
            counter=billing.counter,
            approvals=billing.approvals,
            number=taken.receipt.number,
            reason="false note",
            by="wu",
            now=now,
        )
        await decide(
            approvals=billing.approvals,
            request_id=request_id(Kind.CASH_REVERSAL, taken.receipt.number),
            by="li",
            approve=True,
            reason="seen",
            now=now,
        )
        receipt = await billing.counter.receipts.load(taken.receipt.number)
        assert receipt is not None
        assert receipt.state is ReceiptState.REVERSED
        told = await books(billing, account)
        assert (told[Book.RECEIVABLE], told[Book.PENALTY]) == (bill.total, penalty)
        (debt,) = await billing.arrears.following.debts.of_accounts([account.id])
        assert (debt.owed, debt.penalty.paid, debt.penalty.outstanding) == (before[0].owed, 0, penalty)
        assert debt.next_on == DUE + timedelta(days=11), "the ladder begins anew, tomorrow at the earliest"
        owed = await outstanding_penalties(
            following=billing.arrears.following, account_id=account.id, today=DUE + timedelta(days=12)
        )
        assert owed == {bill.id: penalty_of(bill.total, 12)}, "no day is reckoned twice"

    async def test_the_penalty_goes_back_before_the_bill_and_days_on_which_it_stood_as_paid_are_free(
        self, billing: Billing, account: Account
    ) -> None:
        bill = await issued(billing, account, now=BILLED)
        penalty = penalty_of(bill.total, 10)
        number = await pay(billing, account, bill.total + penalty, now=at(10))
        for fen, key, penalty_back in ((penalty - 2, "a", penalty - 2), (bill.total + 2, "b", 2)):
            wish = Wish(
                account_id=account.id,
                amount=Fen(fen),
                way=Way.ONLINE,
                reason="not his bill",
                payment=("wechatpay", number),
                reopen=True,
            )
            before = (await books(billing, account)).get(Book.PENALTY, 0)
            told = await ask(
                refunds=billing.refunds, approvals=billing.approvals, wish=wish, by="zhou", key=key, now=at(30)
            )
            assert isinstance(told, Asked)
            assert (await books(billing, account))[Book.PENALTY] - before == penalty_back
        assert (await billing.accounts.load([account.id]))[account.id].balance == Balance(
            owed=Fen(bill.total + penalty)
        )
        following = billing.arrears.following
        owed = await outstanding_penalties(following=following, account_id=account.id, today=DUE + timedelta(days=30))
        assert owed == {bill.id: penalty_of(bill.total, 11)}


async def test_a_penalty_runs_to_the_day_of_payment_however_late_it_is_told(billing: Billing, account: Account) -> None:
    bill = await issued(billing, account, now=BILLED)
    await pay(billing, account, bill.total + penalty_of(bill.total, 4), now=at(9), paid_at=at(4))
    told = await books(billing, account)
    assert told == {
        Book.CASH_WECHAT: bill.total + penalty_of(bill.total, 4),
        Book.REVENUE: -bill.total,
        Book.PENALTY_REVENUE: -penalty_of(bill.total, 4),
    }


async def started(billing: Billing, *wanted: Wanted, key: str = "key-0001", now: datetime) -> object:
    return await start(
        payments=billing.payments,
        provider=Till(),
        wanted=wanted,
        payer="customer",
        key=key,
        description="bills",
        now=now,
    )


class TestPayingWhatIsOwed:
    async def test_the_bills_and_their_penalty_are_paid_in_one_go_and_nothing_is_left(
        self, billing: Billing, account: Account
    ) -> None:
        bill = await issued(billing, account, now=BILLED)
        (fresh,) = (await billing.accounts.load([account.id])).values()
        told = await started(billing, Wanted(fresh), now=at(10))
        assert isinstance(told, Started)
        penalty = penalty_of(bill.total, 10)
        assert (told.intent.amount, told.intent.penalty) == (bill.total + penalty, penalty)
        await pay(billing, account, told.intent.amount, now=at(10))
        (fresh,) = (await billing.accounts.load([account.id])).values()
        assert fresh.balance == Balance()
        assert await started(billing, Wanted(fresh), key="key-0002", now=at(11)) == NothingOwed(account.id)

    async def test_a_bill_that_is_named_is_paid_with_its_penalty_before_an_older_one(
        self, billing: Billing, account: Account
    ) -> None:
        older = await issued(billing, account, "2026-07", now=BILLED)
        newer = await issued(billing, account, now=BILLED)
        told = await started(billing, Wanted(account, (newer.id,)), now=at(10))
        assert isinstance(told, Started)
        penalty = penalty_of(newer.total, 10)
        (part,) = told.intent.parts
        assert (part.amount, part.penalty) == (newer.total + penalty, penalty)
        money = PaymentReceived("wechatpay", "W1", told.intent.parts, at(10), told.intent.number)
        await settle(payments=billing.payments, payment=money, cash=Book.CASH_WECHAT, now=at(10))
        await books(billing, account)
        (debt,) = await billing.arrears.following.debts.of_accounts([account.id])
        assert (debt.bill_id, debt.owed, debt.penalty.paid) == (older.id, older.total, 0)

    async def test_a_bill_of_which_only_the_penalty_is_left_can_be_named(
        self, billing: Billing, account: Account
    ) -> None:
        bill = await issued(billing, account, now=BILLED)
        await pay(billing, account, bill.total, now=at(10))
        told = await started(billing, Wanted(account, (bill.id,)), now=at(12))
        assert isinstance(told, Started)
        assert (told.intent.amount, told.intent.penalty) == (penalty_of(bill.total, 10), penalty_of(bill.total, 10))
        await pay(billing, account, told.intent.amount, now=at(12))
        again = await started(billing, Wanted(account, (bill.id,)), key="key-0002", now=at(12))
        assert again == NothingToPay(bill.id)

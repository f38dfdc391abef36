"""Money that is taken back leaves what other money paid alone."""

from datetime import datetime

import pytest

from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.approvals.model import Kind, request_id
from gridhall.billing.approvals.operations import Decided, Overtaken, decide
from gridhall.billing.bills.model import Bill, BillStatus
from gridhall.billing.counter.model import Receipt
from gridhall.billing.counter.operations import Taken, open_shift, pay_refund, take_cash
from gridhall.billing.counter.reversing import reverse
from gridhall.billing.ledger.checking import balance_of
from gridhall.billing.ledger.model import Book
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import charge
from gridhall.billing.payments.model import PaymentReceived, TradeNumber
from gridhall.billing.payments.operations import settle
from gridhall.billing.refunds.asking import Asked, NotRefundable, TooMuch, ask
from gridhall.billing.refunds.model import Way, Wish
from gridhall.billing.services import Billing
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill

TOTAL = Fen(10_760)
"""Of a bill of 200 kWh."""


class Desk:
    """An account whose bills come one by one, and those who take and give its money."""

    def __init__(self, billing: Billing, mongo: Mongo, account: Account, now: datetime) -> None:
        self.billing, self.mongo, self.account, self.now = billing, mongo, account, now

    async def bills(self, month: str) -> Bill:
        bill = a_bill(self.account, month, 200)

        async def work(transaction: Transaction) -> None:
            await self.billing.bills.add([bill], transaction=transaction)
            made = [charge(account=self.account, bill_id=bill.id, total=bill.total, now=self.now)]
            await post(
                postings=made, ledger=self.billing.ledger, accounts=self.billing.accounts, transaction=transaction
            )

        await self.mongo.transact(work)
        return bill

    async def cash(self, fen: int, key: str) -> Receipt:
        taken = await take_cash(
            counter=self.billing.counter,
            cashier="chen",
            account=self.account,
            amount=Fen(fen),
            key=key,
            now=self.now,
        )
        assert isinstance(taken, Taken)
        return taken.receipt

    async def wechat(self, fen: int, number: str) -> None:
        payment = PaymentReceived.for_account(
            "wechatpay", number, self.account.id, Fen(fen), self.now, trade_number=TradeNumber(f"{number:0>32}")
        )
        await settle(payments=self.billing.payments, payment=payment, cash=Book.CASH_WECHAT, now=self.now)

    async def reversed(self, receipt: Receipt) -> object:
        common = {"approvals": self.billing.approvals, "reason": "booked wrongly", "now": self.now}
        await reverse(counter=self.billing.counter, number=receipt.number, by="li", **common)  # type: ignore[arg-type]
        asked = request_id(Kind.CASH_REVERSAL, receipt.number)
        return await decide(request_id=asked, by="boss", approve=True, **common)  # type: ignore[arg-type]

    async def refund(
        self, fen: int, *, number: str | None = None, reopen: bool = False
    ) -> Asked | TooMuch | NotRefundable:
        way, payment = (Way.ONLINE, ("wechatpay", number)) if number else (Way.CASH, None)
        wish = Wish(self.account.id, Fen(fen), way, "not meant for it", payment, reopen)
        asked = await ask(
            refunds=self.billing.refunds,
            approvals=self.billing.approvals,
            wish=wish,
            by="zhou",
            key=f"{way}{number}{fen}",
            now=self.now,
        )
        assert isinstance(asked, Asked | TooMuch | NotRefundable)
        return asked

    async def paid(self, *bills: Bill) -> list[tuple[Fen, BillStatus]]:
        kept = await self.billing.bills.load([bill.id for bill in bills])
        return [(kept[bill.id].paid, kept[bill.id].status) for bill in bills]

    async def balance(self) -> Balance:
        stored = (await self.billing.accounts.load([self.account.id]))[self.account.id].balance
        sums = await self.billing.ledger.sums(self.account.id)
        assert balance_of(sums) == stored
        assert sum(sums.values()) == 0
        return stored


@pytest.fixture
async def desk(billing: Billing, mongo: Mongo, now: datetime) -> Desk:
    account = an_account()
    await billing.accounts.add([account])
    await open_shift(
        counter=billing.counter,
        cashier="chen",
        region="zhejiang",
        org_path="grid",
        float_fen=Fen(50_000),
        key="monday",
        now=now,
    )
    return Desk(billing, mongo, account, now)


class TestAReceiptThatIsTakenBack:
    async def test_owes_its_own_bill_again_and_not_a_newer_one_that_other_money_paid(self, desk: Desk) -> None:
        january = await desk.bills("2026-01")
        receipt = await desk.cash(TOTAL, "k1")
        february = await desk.bills("2026-02")
        await desk.wechat(TOTAL, "W1")
        assert isinstance(await desk.reversed(receipt), Decided)
        assert await desk.paid(january, february) == [(0, BillStatus.ISSUED), (TOTAL, BillStatus.PAID)]
        assert await desk.balance() == Balance(owed=TOTAL)

    async def test_takes_its_own_share_out_of_a_bill_that_two_payments_paid(self, desk: Desk) -> None:
        january = await desk.bills("2026-01")
        receipt = await desk.cash(6_000, "k1")
        await desk.wechat(4_760, "W1")
        assert isinstance(await desk.reversed(receipt), Decided)
        assert await desk.paid(january) == [(4_760, BillStatus.PART_PAID)]
        assert await desk.balance() == Balance(owed=Fen(6_000))

    async def test_is_not_paid_by_a_bill_of_other_money_where_its_own_was_refunded(self, desk: Desk) -> None:
        receipt = await desk.cash(TOTAL, "k1")
        asked = await desk.refund(TOTAL)
        assert isinstance(asked, Asked)
        await pay_refund(counter=desk.billing.counter, cashier="chen", number=asked.refund.number, now=desk.now)
        january = await desk.bills("2026-01")
        await desk.wechat(TOTAL, "W1")
        assert isinstance(await desk.reversed(receipt), Overtaken)
        assert await desk.paid(january) == [(TOTAL, BillStatus.PAID)]
        assert await desk.balance() == Balance()

    async def test_leaves_its_bill_alone_where_there_is_money_paid_ahead(self, desk: Desk) -> None:
        january = await desk.bills("2026-01")
        receipt = await desk.cash(TOTAL, "k1")
        await desk.wechat(TOTAL, "W1")
        assert isinstance(await desk.reversed(receipt), Decided)
        assert await desk.paid(january) == [(TOTAL, BillStatus.PAID)]
        assert await desk.balance() == Balance()


class TestAPaymentThatIsRefunded:
    async def test_owes_its_own_bill_again(self, desk: Desk) -> None:
        january = await desk.bills("2026-01")
        await desk.wechat(TOTAL, "W1")
        february = await desk.bills("2026-02")
        await desk.cash(TOTAL, "k1")
        assert isinstance(await desk.refund(TOTAL, number="W1", reopen=True), Asked)
        assert await desk.paid(january, february) == [(0, BillStatus.ISSUED), (TOTAL, BillStatus.PAID)]

    async def test_reopens_nothing_that_other_money_paid_after_it(self, desk: Desk) -> None:
        """It goes back, its bill is paid by cash; what is left of the payment cannot go back out of that."""
        january = await desk.bills("2026-01")
        await desk.wechat(TOTAL + 2_000, "W1")
        spent = await desk.refund(2_000)
        assert isinstance(spent, Asked)
        assert isinstance(await desk.refund(TOTAL, number="W1", reopen=True), Asked)
        await desk.cash(TOTAL, "k1")
        assert await desk.refund(2_000, number="W1", reopen=True) == TooMuch(Fen(0))
        assert await desk.paid(january) == [(TOTAL, BillStatus.PAID)]

    async def test_that_was_paid_twice_goes_back_once_and_then_no_more(self, desk: Desk) -> None:
        january = await desk.bills("2026-01")
        await desk.wechat(TOTAL, "W1")
        await desk.wechat(TOTAL, "W2")
        assert isinstance(await desk.refund(TOTAL, number="W1", reopen=True), Asked)
        assert await desk.paid(january) == [(TOTAL, BillStatus.PAID)]
        assert isinstance(await desk.refund(TOTAL, number="W2", reopen=True), Asked)
        assert await desk.paid(january) == [(0, BillStatus.ISSUED)]
        assert await desk.balance() == Balance(owed=TOTAL)

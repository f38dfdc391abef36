"""One account, by everybody at once: paid, rebilled, billed on, refunded, cut, its shift closed; and then the sums."""

import asyncio
import random
from collections.abc import Awaitable, Sequence
from datetime import date, datetime, timedelta

import pytest

from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.arrears.cutting.gate import hand_over, report
from gridhall.billing.arrears.operations import scan
from gridhall.billing.arrears.states import State
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.bills.model import Bill, BillStatus
from gridhall.billing.counter.operations import NoShift, Taken, close_shift, open_shift, take_cash
from gridhall.billing.counter.operations import hand_over as hand_cash_over
from gridhall.billing.credits.operations import Rebilled, rebill
from gridhall.billing.ledger.checking import balance_of
from gridhall.billing.ledger.model import Book, house
from gridhall.billing.payments.model import Part, PaymentReceived, TradeNumber
from gridhall.billing.payments.operations import settle
from gridhall.billing.refunds.asking import ask
from gridhall.billing.refunds.model import Way, Wish
from gridhall.billing.services import Billing
from gridhall.billing.supply.model import SupplyKind, SupplyState
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from tests.factories.accounts import an_account
from tests.factories.arrears import approved, pay, proposed, state
from tests.integration.billing.conftest import Issue, Read

JANUARY, FEBRUARY, MARCH = Month(2026, 1), Month(2026, 2), Month(2026, 3)


async def checked(billing: Billing, account: Account) -> Balance:
    """What stands at the account, which is what its entries sum up to and what its bills say."""
    stored = (await billing.accounts.load([account.id]))[account.id].balance
    sums = await billing.ledger.sums(account.id)
    assert balance_of(sums) == stored
    assert sum(sums.values()) == 0
    bills = [one for one in await all_bills(billing, account) if one.status.shown and one.status.counts]
    assert sum(one.owed for one in bills) == sums.get(Book.RECEIVABLE, 0)
    assert stored.prepaid >= 0
    for one in bills:
        expected = BillStatus.PAID if one.paid == one.total else BillStatus.PART_PAID if one.paid else BillStatus.ISSUED
        assert (one.status, 0 <= one.paid <= one.total) == (expected, True)
    return stored


async def all_bills(billing: Billing, account: Account) -> list[Bill]:
    return (await billing.bills.since([account.id], month=JANUARY))[account.id]


async def at_once(acts: Sequence[Awaitable[object]], seed: int) -> list[object]:
    """Start acts in an order drawn from a seed."""
    drawn = list(acts)
    random.Random(seed).shuffle(drawn)  # noqa: S311 - a repeatable order
    return await asyncio.gather(*drawn)


def wechat(number: int, now: datetime, *parts: Part) -> PaymentReceived:
    return PaymentReceived("wechatpay", f"W{number}", parts, now, TradeNumber(f"{number:032d}"))


class TestAnAccountThatIsBilledAnew:
    @pytest.mark.parametrize("seed", range(3))
    async def test_while_it_pays_and_is_billed_on_and_refunded(
        self, billing: Billing, accounts: list[Account], now: datetime, read: Read, seed: int
    ) -> None:
        one = accounts[0]
        for day, shown in ((date(2026, 3, 1), "1450.00"), (date(2026, 4, 1), "1690.00")):
            await read(one, day, shown)
        for month in (JANUARY, FEBRUARY):
            await issue_chunk(issuing=billing.issuing, account_ids=[one.id], month=month, now=now)
        await read(one, date(2026, 3, 1), "1460.00")
        _, february = await all_bills(billing, one)
        came = [5_000, 12_000, 30_000]
        till, wish = billing.payments, Wish(one.id, Fen(900), Way.BANK, "moved away")
        rebills = (
            rebill(
                rebilling=billing.rebilling,
                approvals=billing.approvals,
                bill_id=february.id,
                reason="misread",
                by=by,
                now=now,
            )
            for by in ("li", "wu")
        )
        pays = (
            settle(payments=till, payment=wechat(at, now, Part(one.id, (february.id,), Fen(fen))), cash=cash, now=now)
            for at, fen in enumerate(came)
            for cash in (Book.CASH_WECHAT, Book.CASH_WECHAT)
        )
        runs = (issue_chunk(issuing=billing.issuing, account_ids=[one.id], month=MARCH, now=now) for _ in "12")
        refund = ask(refunds=billing.refunds, approvals=billing.approvals, wish=wish, by="zhou", key="k", now=now)
        told = await at_once([*rebills, *pays, *runs, refund], seed)
        assert any(isinstance(answer, Rebilled) for answer in told)
        stands = await checked(billing, one)
        bills = [bill for bill in await all_bills(billing, one) if bill.status.counts]
        assert [(bill.month, bill.kwh) for bill in bills] == [(JANUARY, 200), (FEBRUARY, 260), (MARCH, 230)]
        reserved = -(await billing.ledger.sums(one.id)).get(Book.REFUND_DUE, 0)
        assert sum(came) - reserved == sum(bill.paid for bill in bills) + stands.prepaid

    async def test_while_one_payment_of_several_accounts_pays_the_bill_that_is_cancelled(
        self, billing: Billing, accounts: list[Account], now: datetime, read: Read
    ) -> None:
        ids = [one.id for one in accounts]
        await issue_chunk(issuing=billing.issuing, account_ids=ids, month=JANUARY, now=now)
        bills = [(await all_bills(billing, one))[0] for one in accounts]
        await read(accounts[1], date(2026, 2, 1), "1310.00")
        parts = [Part(bill.account_id, (bill.id,), bill.total) for bill in bills]
        payments = (
            settle(payments=billing.payments, payment=wechat(1, now, *parts), cash=Book.CASH_WECHAT, now=now)
            for _ in "123"
        )
        again = rebill(
            rebilling=billing.rebilling,
            approvals=billing.approvals,
            bill_id=bills[1].id,
            reason="misread",
            by="li",
            now=now,
        )
        await asyncio.gather(*payments, again)
        assert [await checked(billing, one) for one in (accounts[0], accounts[2])] == [Balance(), Balance()]
        stands = await checked(billing, accounts[1])
        (new,) = [bill for bill in await all_bills(billing, accounts[1]) if bill.status.counts]
        assert (new.kwh, new.paid, stands) == (310, bills[1].total, Balance(owed=Fen(new.total - bills[1].total)))


class TestACut:
    @pytest.mark.parametrize("seed", range(3))
    async def test_that_is_taken_while_it_is_paid_is_withdrawn_or_undone(
        self, billing: Billing, account: Account, issue: Issue, seed: int
    ) -> None:
        bill = await issue()
        on = await proposed(billing, account)
        await approved(billing, account, on=on)
        supply = billing.arrears.following.supply
        (request,) = await supply.open_of(account.id, kind=SupplyKind.DISCONNECT)
        noon = request.not_before + timedelta(hours=2)
        cutting = billing.follow_up.cutting
        takes = (hand_over(cause=cutting, request=request, reference=f"F{n}", now=noon) for n in "12")
        pays = (pay(billing, account, fen, now=noon) for fen in (bill.total - 100, 5_000))
        scanned = scan(arrears=billing.arrears, region="zhejiang", today=on, now=noon)
        await at_once([*takes, *pays, scanned], seed)
        assert (await checked(billing, account)).owed == 0
        cut = (await supply.load([request.id]))[request.id]
        back = await supply.open_of(account.id, kind=SupplyKind.RECONNECT)
        taken = cut.state is SupplyState.ACKNOWLEDGED
        assert taken or cut.state is SupplyState.WITHDRAWN
        assert len(back) == taken, "what was taken is asked to be undone, and nothing else is"
        if taken:
            await report(cause=cutting, request=cut, done=True, note="", now=noon)
            back = await supply.open_of(account.id, kind=SupplyKind.RECONNECT)
            assert back, "whoever cuts late restores after it"
        for one in back:
            mine = await hand_over(cause=cutting, request=one, reference="F", now=noon)
            assert mine is not None
            await report(cause=cutting, request=mine, done=True, note="", now=noon)
        assert await state(billing, account) is State.CURRENT


class TestAShift:
    @pytest.mark.parametrize("seed", range(2))
    async def test_that_is_closed_while_cash_is_taken_has_the_cash_of_its_receipts(
        self, billing: Billing, now: datetime, seed: int
    ) -> None:
        accounts = [an_account(number) for number in range(1, 5)]
        await billing.accounts.add(accounts)
        counter = billing.counter
        common = {"counter": counter, "cashier": "chen", "now": now}
        where = {"region": "zhejiang", "org_path": "grid"}
        opened = await open_shift(**common, **where, float_fen=Fen(0), key="monday")  # type: ignore[arg-type]
        takes = [
            take_cash(**common, account=one, amount=Fen(10_000), key=f"k{n}")  # type: ignore[arg-type]
            for n, one in enumerate(accounts)
        ]
        closes = [close_shift(**common, counted={10_000: 2}) for _ in "12"]  # type: ignore[arg-type]
        told = await at_once([*takes, *closes], seed)
        receipts = [one.receipt for one in told if isinstance(one, Taken)]
        shift = (await counter.shifts.load([opened.id]))[opened.id]
        assert (shift.taken, shift.receipts) == (10_000 * len(receipts), len(receipts))
        assert shift.difference == 20_000 - shift.taken
        assert len(receipts) + sum(isinstance(one, NoShift) for one in told) == len(accounts) + 1
        kept = await billing.ledger.sums_of([*(one.id for one in accounts), house("zhejiang")])
        assert sum(books.get(Book.CASH_COUNTER, 0) for books in kept.values()) == 20_000
        both = await asyncio.gather(
            *(hand_cash_over(counter=counter, shift_id=shift.id, to=name, now=now) for name in ("wu", "li", "chen"))
        )
        names = {one.handed_to for one in both if one is not None}
        assert len(names) == 1
        assert "chen" not in names

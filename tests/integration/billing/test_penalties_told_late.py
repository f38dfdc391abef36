"""Penalties of money that came before it was told, and of orders that were placed before midnight and paid after it."""

from dataclasses import replace
from datetime import datetime

import pytest

from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.approvals.operations import Approved
from gridhall.billing.arrears.giving_up import ask_for_waiver
from gridhall.billing.ledger.model import Book, PostingKind
from gridhall.billing.payments.model import Intent, PaymentReceived
from gridhall.billing.payments.operations import AlreadySettled, settle
from gridhall.billing.payments.starting import Started, Wanted, start
from gridhall.billing.services import Billing
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo
from tests.factories.arrears import at, books, day, issued, penalties_posted, penalty_of, walk
from tests.factories.tills import Till


async def told(
    billing: Billing, account: Account, fen: int, *, paid_at: datetime, now: datetime, number: str = "W1"
) -> object:
    money = PaymentReceived.for_account("bank", number, account.id, Fen(fen), paid_at)
    return await settle(payments=billing.payments, payment=money, cash=Book.CASH_BANK, now=now)


async def balance(billing: Billing, account: Account) -> Balance:
    return (await billing.accounts.load([account.id]))[account.id].balance


class TestMoneyToldLate:
    async def test_the_penalty_posted_after_it_came_is_taken_back_once(
        self, billing: Billing, mongo: Mongo, account: Account
    ) -> None:
        bill = await issued(billing, account)
        await walk(billing, until=1)
        await penalties_posted(billing, mongo, account, on=day(9))
        due = bill.total + penalty_of(bill.total, 4)
        await told(billing, account, due, paid_at=at(day(4), 20), now=at(day(12)))
        again = await told(billing, account, due, paid_at=at(day(4), 20), now=at(day(13)))
        assert isinstance(again, AlreadySettled)
        assert await books(billing, account) == {
            Book.CASH_BANK: due,
            Book.REVENUE: -bill.total,
            Book.PENALTY_REVENUE: -penalty_of(bill.total, 4),
        }
        waivers = [one for one in await billing.ledger.of_account(account.id) if one.kind is PostingKind.WAIVER]
        assert [one.key for one in waivers] == [f"waiver:told_late:bank:W1:{bill.id}"]
        pursuit = (await billing.arrears.following.pursuits.load([account.id]))[account.id]
        less = penalty_of(bill.total, 9) - penalty_of(bill.total, 4)
        (line,) = [one for one in pursuit.history if one.event == "penalty_lowered"]
        assert (line.by, line.note) == ("system", f"paid on {day(4)}: {less} fen less")

    async def test_of_a_part_payment_the_rest_of_the_bill_keeps_its_penalty(
        self, billing: Billing, mongo: Mongo, account: Account
    ) -> None:
        bill = await issued(billing, account)
        await penalties_posted(billing, mongo, account, on=day(9))
        part = bill.total // 3
        await told(billing, account, part, paid_at=at(day(4)), now=at(day(12)))
        sums = await books(billing, account)
        assert sums[Book.PENALTY] == penalty_of(4 * bill.total + 5 * (bill.total - part), 1)
        await penalties_posted(billing, mongo, account, on=day(12))
        sums = await books(billing, account)
        assert sums[Book.PENALTY] == penalty_of(4 * bill.total + 8 * (bill.total - part), 1)

    async def test_it_is_the_same_as_if_it_had_been_told_at_once(
        self, billing: Billing, mongo: Mongo, account: Account
    ) -> None:
        bill = await issued(billing, account)
        await penalties_posted(billing, mongo, account, on=day(3))
        await told(billing, account, 2000, paid_at=at(day(6)), now=at(day(6)), number="W2")
        await penalties_posted(billing, mongo, account, on=day(9))
        await told(billing, account, 1000, paid_at=at(day(4)), now=at(day(10)))
        sums = await books(billing, account)
        days = 4 * bill.total + 2 * (bill.total - 1000) + 3 * (bill.total - 3000)
        assert sums[Book.PENALTY] == penalty_of(days, 1)

    async def test_what_a_person_let_off_is_not_given_back_a_second_time(
        self, billing: Billing, mongo: Mongo, account: Account
    ) -> None:
        bill = await issued(billing, account)
        await penalties_posted(billing, mongo, account, on=day(9))
        penalty = penalty_of(bill.total, 9)
        asked = await ask_for_waiver(
            giving_up=billing.follow_up.giving_up,
            approvals=billing.approvals,
            account_id=account.id,
            bill_id=bill.id,
            amount=penalty,
            reason="our app was down",
            by="agent",
            now=at(day(9), 12),
        )
        assert isinstance(asked, Approved)
        await told(billing, account, bill.total, paid_at=at(day(4)), now=at(day(10)))
        sums = await books(billing, account)
        assert Book.PENALTY not in sums
        assert Book.PREPAID not in sums


async def ordered(billing: Billing, account: Account, *, at: datetime) -> Intent:
    (fresh,) = (await billing.accounts.load([account.id])).values()
    outcome = await start(
        payments=billing.payments,
        provider=Till(),
        wanted=[Wanted(fresh)],
        payer="customer",
        key="key-0001",
        description="bills",
        now=at,
    )
    assert isinstance(outcome, Started)
    return outcome.intent


async def confirmed(billing: Billing, intent: Intent, *, paid_at: datetime, now: datetime) -> None:
    money = PaymentReceived("wechatpay", "W1", intent.parts, paid_at, intent.number)
    await settle(payments=billing.payments, payment=money, cash=Book.CASH_WECHAT, now=now)


class TestAnOrderBeforeMidnight:
    async def test_that_is_paid_after_it_leaves_nothing_owed(
        self, billing: Billing, mongo: Mongo, account: Account
    ) -> None:
        bill = await issued(billing, account)
        intent = await ordered(billing, account, at=at(day(9), 23, 50))
        assert intent.amount == bill.total + penalty_of(bill.total, 9)
        await penalties_posted(billing, mongo, account, on=day(10))
        await confirmed(billing, intent, paid_at=at(day(10), 0, 10), now=at(day(10), 0, 11))
        assert await balance(billing, account) == Balance()
        await books(billing, account)

    @pytest.mark.parametrize(
        ("counts", "hour"),
        [pytest.param(False, 0, id="where the supplier counts the day of payment"), pytest.param(True, 3, id="late")],
    )
    async def test_leaves_a_day_owed(self, billing: Billing, account: Account, *, counts: bool, hour: int) -> None:
        bill = await issued(billing, account)
        intent = await ordered(billing, account, at=at(day(9), 23, 50))
        till = replace(billing.payments, order_ends_penalty=counts)
        paid_at = at(day(10), hour, 10)
        await confirmed(replace(billing, payments=till), intent, paid_at=paid_at, now=paid_at)
        day_more = penalty_of(bill.total, 10) - penalty_of(bill.total, 9)
        assert await balance(billing, account) == Balance(owed=day_more)

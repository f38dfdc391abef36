"""Getting past the second person: many small amounts, a name written otherwise, cash that leaves the till twice."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.approvals.model import Kind, request_id
from gridhall.billing.approvals.operations import Decided, Overtaken, SamePerson, decide
from gridhall.billing.counter.model import Receipt
from gridhall.billing.counter.operations import Taken, open_shift, pay_refund, take_cash
from gridhall.billing.counter.reversing import reverse
from gridhall.billing.ledger.checking import balance_of
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.refunds.asking import Asked, TooMuch, ask
from gridhall.billing.refunds.model import Refund, State, Way, Wish
from gridhall.billing.services import Billing
from gridhall.kit.money import Fen
from tests.factories.accounts import an_account

NAMES = ["zhou", "ZHOU", " Zhou", "zhou ", "zHOU"]
"""One person's name, written as it comes."""


@pytest.fixture
async def account(billing: Billing, now: datetime) -> Account:
    """An account that has paid 3,000 yuan ahead."""
    account = an_account()
    await billing.accounts.add([account])
    paid = PaymentReceived.for_account("counter", "C1", account.id, Fen(300_000), now)
    await settle(payments=billing.payments, payment=paid, cash=Book.CASH_COUNTER, now=now)
    return account


async def refunded(
    billing: Billing, account: Account, fen: int, key: str, now: datetime, *, by: str = "zhou", way: Way = Way.CASH
) -> Refund | TooMuch:
    wish = Wish(account.id, Fen(fen), way, "paid twice")
    asked = await ask(refunds=billing.refunds, approvals=billing.approvals, wish=wish, by=by, key=key, now=now)
    assert isinstance(asked, Asked | TooMuch)
    return asked.refund if isinstance(asked, Asked) else asked


async def balance(billing: Billing, account: Account) -> Balance:
    """What stands at the account, which is what its entries sum up to."""
    stored = (await billing.accounts.load([account.id]))[account.id].balance
    sums = await billing.ledger.sums(account.id)
    assert balance_of(sums) == stored
    assert sum(sums.values()) == 0
    return stored


def states(found: Sequence[Refund | TooMuch]) -> list[State]:
    return sorted(one.state for one in found if isinstance(one, Refund))


class TestManySmallRefunds:
    async def test_of_one_account_are_one_large_one(self, billing: Billing, account: Account, now: datetime) -> None:
        told = [await refunded(billing, account, 49_999, f"k{number}", now) for number in range(4)]
        assert states(told) == [State.APPROVED, State.ASKED, State.ASKED, State.ASKED]

    async def test_are_that_too_when_several_people_ask(
        self, billing: Billing, account: Account, now: datetime
    ) -> None:
        told = [await refunded(billing, account, 49_999, "k", now, by=by) for by in ("zhou", "li", "wang")]
        assert states(told) == [State.APPROVED, State.ASKED, State.ASKED]

    async def test_at_the_same_moment_too(self, billing: Billing, account: Account, now: datetime) -> None:
        works = (refunded(billing, account, 49_999, f"k{number}", now) for number in range(5))
        told = await asyncio.gather(*works)
        assert states(told) == [State.APPROVED, *[State.ASKED] * 4]
        assert await balance(billing, account) == Balance(prepaid=Fen(300_000 - 5 * 49_999))

    async def test_a_repetition_counts_once(self, billing: Billing, account: Account, now: datetime) -> None:
        told = [await refunded(billing, account, 20_000, "k", now) for _ in range(4)]
        told.append(await refunded(billing, account, 29_999, "other", now))
        assert states(told) == [State.APPROVED] * 5

    async def test_a_day_later_it_is_another_one(self, billing: Billing, account: Account, now: datetime) -> None:
        told = [await refunded(billing, account, 49_999, f"k{n}", now + timedelta(hours=25 * n)) for n in range(3)]
        assert states(told) == [State.APPROVED] * 3

    async def test_never_give_back_more_than_there_is(self, billing: Billing, account: Account, now: datetime) -> None:
        works = (refunded(billing, account, 200_000, f"k{number}", now) for number in range(4))
        told = await asyncio.gather(*works)
        assert (states(told), sum(isinstance(one, TooMuch) for one in told)) == ([State.ASKED], 3)
        assert await balance(billing, account) == Balance(prepaid=Fen(100_000))


class TestManyAccounts:
    @pytest.fixture
    async def many(self, billing: Billing, now: datetime) -> list[Account]:
        """Fifteen accounts that have paid 500 yuan ahead each."""
        accounts = [an_account(10 + number) for number in range(15)]
        await billing.accounts.add(accounts)
        for one in accounts:
            paid = PaymentReceived.for_account("counter", f"C{one.number}", one.id, Fen(50_000), now)
            await settle(payments=billing.payments, payment=paid, cash=Book.CASH_COUNTER, now=now)
        return accounts

    async def test_of_one_person_are_one_large_refund_in_the_end(
        self, billing: Billing, many: list[Account], now: datetime
    ) -> None:
        told: list[Refund | TooMuch] = []
        for start in range(0, len(many), 5):
            some = zip(many[start : start + 5], NAMES, strict=True)
            told += await asyncio.gather(*(refunded(billing, one, 40_000, one.number, now, by=by) for one, by in some))
        assert states(told) == [State.APPROVED] * 12 + [State.ASKED] * 3

    async def test_of_several_people_are_each_their_own(
        self, billing: Billing, many: list[Account], now: datetime
    ) -> None:
        told = [
            await refunded(billing, one, 40_000, one.number, now, by=f"agent{number % 2}")
            for number, one in enumerate(many)
        ]
        assert states(told) == [State.APPROVED] * 15

    async def test_a_day_later_it_begins_anew(self, billing: Billing, many: list[Account], now: datetime) -> None:
        told = [await refunded(billing, one, 40_000, one.number, now) for one in many[:13]]
        told.append(await refunded(billing, many[13], 40_000, "later", now + timedelta(hours=25)))
        assert states(told) == [State.APPROVED] * 13 + [State.ASKED]


class TestOnePersonAsTwo:
    @pytest.mark.parametrize("name", ["ZHOU", " zhou ", "Zhou", "\uff5a\uff48\uff4f\uff55"])
    async def test_by_another_way_to_write_the_name(
        self, billing: Billing, account: Account, now: datetime, name: str
    ) -> None:
        refund = await refunded(billing, account, 80_000, "k1", now)
        assert isinstance(refund, Refund)
        asked = request_id(Kind.REFUND, refund.number)
        outcome = await decide(
            approvals=billing.approvals, request_id=asked, by=name, approve=True, reason="seen", now=now
        )
        assert isinstance(outcome, SamePerson)

    async def test_of_an_approval_and_a_refusal_at_once_one_counts(
        self, billing: Billing, account: Account, now: datetime
    ) -> None:
        refund = await refunded(billing, account, 80_000, "k1", now)
        assert isinstance(refund, Refund)
        asked = request_id(Kind.REFUND, refund.number)
        told = await asyncio.gather(
            *(
                decide(
                    approvals=billing.approvals,
                    request_id=asked,
                    by=f"boss{number}",
                    approve=bool(number % 2),
                    reason="seen",
                    now=now,
                )
                for number in range(6)
            )
        )
        (done,) = [one for one in told if isinstance(one, Decided)]
        kept = (await billing.refunds.refunds.load([refund.number]))[refund.number]
        given = State.APPROVED if done.request.state == "approved" else State.REFUSED
        assert kept.state is given
        rest = 220_000 if given is State.APPROVED else 300_000
        assert await balance(billing, account) == Balance(prepaid=Fen(rest))


class TestTheTill:
    @pytest.fixture
    async def receipt(self, billing: Billing, now: datetime) -> Receipt:
        """200 yuan in cash for an account that owes nothing."""
        account = an_account(2)
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
        taken = await take_cash(
            counter=billing.counter, cashier="chen", account=account, amount=Fen(20_000), key="receipt", now=now
        )
        assert isinstance(taken, Taken)
        return taken.receipt

    async def reversed(self, billing: Billing, receipt: Receipt, now: datetime) -> object:
        common = {"approvals": billing.approvals, "reason": "booked wrongly", "now": now}
        await reverse(counter=billing.counter, number=receipt.number, by="li", **common)  # type: ignore[arg-type]
        asked = request_id(Kind.CASH_REVERSAL, receipt.number)
        return await decide(request_id=asked, by="boss", approve=True, **common)  # type: ignore[arg-type]

    async def test_does_not_pay_the_same_cash_out_as_a_refund_and_a_reversal(
        self, billing: Billing, receipt: Receipt, now: datetime
    ) -> None:
        account = (await billing.accounts.load([receipt.account_id]))[receipt.account_id]
        refund = await refunded(billing, account, 20_000, "k1", now)
        assert isinstance(refund, Refund)
        assert await pay_refund(counter=billing.counter, cashier="chen", number=refund.number, now=now) == 20_000
        assert isinstance(await self.reversed(billing, receipt, now), Overtaken)
        assert await balance(billing, account) == Balance()
        shift = await billing.counter.shifts.open_of("chen")
        assert shift is not None
        assert (shift.taken, shift.paid_out) == (20_000, 20_000)

    async def test_takes_a_receipt_back_once_however_many_ask(
        self, billing: Billing, receipt: Receipt, now: datetime
    ) -> None:
        told = await asyncio.gather(*(self.reversed(billing, receipt, now) for _ in range(4)))
        assert sum(isinstance(one, Decided) for one in told) == 1
        shift = await billing.counter.shifts.open_of("chen")
        assert shift is not None
        assert shift.paid_out == 20_000

    async def test_gives_the_cash_back_by_one_of_two_ways_at_once_and_once(
        self, billing: Billing, receipt: Receipt, now: datetime
    ) -> None:
        account = (await billing.accounts.load([receipt.account_id]))[receipt.account_id]
        reversal, refund = await asyncio.gather(
            self.reversed(billing, receipt, now), refunded(billing, account, 20_000, "k1", now)
        )
        assert isinstance(refund, TooMuch) == isinstance(reversal, Decided)
        if isinstance(refund, Refund):
            pays = (pay_refund(counter=billing.counter, cashier="chen", number=refund.number, now=now) for _ in "123")
            assert sorted(str(one) for one in await asyncio.gather(*pays)) == ["20000", "None", "None"]
        assert await balance(billing, account) == Balance()

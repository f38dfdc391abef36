"""Everything that moves money, by several clients at once and told several times: and then the sums."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.billing.approvals.model import Kind, request_id
from gridhall.billing.approvals.operations import decide
from gridhall.billing.counter.operations import Taken, close_shift, open_shift, take_cash
from gridhall.billing.counter.reversing import reverse
from gridhall.billing.ledger.checking import balance_of, check
from gridhall.billing.ledger.model import Book
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import charge
from gridhall.billing.payments.model import Part, PaymentReceived, TradeNumber
from gridhall.billing.payments.operations import settle
from gridhall.billing.payments.port import RefundTold, TradeState
from gridhall.billing.refunds.asking import ask
from gridhall.billing.refunds.model import Way, Wish
from gridhall.billing.refunds.operations import told
from gridhall.billing.services import Billing
from gridhall.kit.money import Fen
from gridhall.kit.mongo import OUTLIVES_THE_DEAD, Mongo, Transaction
from gridhall.kit.settings import Settings
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill
from tests.factories.rooms import CODEC, all_documents

CLIENTS = 3


@pytest.fixture
async def clients(mongo: Mongo, mongo_uri: str) -> AsyncIterator[list[Billing]]:
    """The billing room opened by several processes' worth of connections."""
    opened = [
        Mongo.connect(uri=mongo_uri, database=mongo.database.name, patience=OUTLIVES_THE_DEAD) for _ in range(CLIENTS)
    ]
    yield [Billing.open(mongo=one, codec=CODEC, settings=Settings()) for one in opened]
    for one in opened:
        await one.close()


@pytest.fixture
async def owing(billing: Billing, mongo: Mongo, now: datetime) -> list[Account]:
    """Two accounts with three open bills each."""
    accounts = [an_account(number) for number in (1, 2)]
    await billing.accounts.add(accounts)

    async def issue(transaction: Transaction) -> None:
        for account in accounts:
            bills = [a_bill(account, f"2026-0{month}", 50 * month) for month in (1, 2, 3)]
            await billing.bills.add(bills, transaction=transaction)
            made = [charge(account=account, bill_id=bill.id, total=bill.total, now=now) for bill in bills]
            await post(postings=made, ledger=billing.ledger, accounts=billing.accounts, transaction=transaction)

    await mongo.transact(issue)
    return accounts


class Business:
    """What customers, cashiers and providers do, drawn from a seed; each act may be told several times."""

    def __init__(self, clients: list[Billing], accounts: list[Account], dice: random.Random, now: datetime) -> None:
        self.clients, self.accounts, self.dice, self.now = clients, accounts, dice, now

    def acts(self, count: int) -> list[Callable[[], Awaitable[None]]]:
        """Some acts, about a third of them twice, in any order."""
        drawn = [self.dice.choice([self._pay, self._refund, self._cash])(at) for at in range(count)]
        repeated = drawn + self.dice.sample(drawn, count // 3)
        self.dice.shuffle(repeated)
        return repeated

    def _room(self) -> Billing:
        return self.dice.choice(self.clients)

    def _pay(self, at: int) -> Callable[[], Awaitable[None]]:
        amounts = [Fen(self.dice.randint(1, 9_000)) for _ in self.accounts]
        parts = tuple(Part(one.id, (), fen) for one, fen in zip(self.accounts, amounts, strict=True))
        payment = PaymentReceived("wechatpay", f"W{at}", parts, self.now, TradeNumber(f"{at:032d}"))

        async def act() -> None:
            await settle(payments=self._room().payments, payment=payment, cash=Book.CASH_WECHAT, now=self.now)

        return act

    def _refund(self, at: int) -> Callable[[], Awaitable[None]]:
        wish = Wish(self.dice.choice(self.accounts).id, Fen(self.dice.randint(1, 4_000)), Way.BANK, "moved away")
        state = self.dice.choice([TradeState.REFUNDED, TradeState.FAILED])

        async def act() -> None:
            room = self._room()
            asked = await ask(
                refunds=room.refunds, approvals=room.approvals, wish=wish, by="zhou", key=f"k{at}", now=self.now
            )
            refund = getattr(asked, "refund", None)
            if refund is not None:
                await told(refunds=room.refunds, told=RefundTold(refund.number, state), now=self.now)

        return act

    def _cash(self, at: int) -> Callable[[], Awaitable[None]]:
        account, amount = self.dice.choice(self.accounts), Fen(self.dice.randint(1, 9_000))
        back = self.dice.random() < 0.5

        async def act() -> None:
            room = self._room()
            taken = await take_cash(
                counter=room.counter, cashier="chen", account=account, amount=amount, key=f"c{at}", now=self.now
            )
            if back and isinstance(taken, Taken):
                number = taken.receipt.number
                common = {"counter": room.counter, "approvals": room.approvals, "now": self.now}
                await reverse(**common, number=number, by="wu", reason="miscounted")  # type: ignore[arg-type]
                await decide(
                    approvals=room.approvals,
                    request_id=request_id(Kind.CASH_REVERSAL, number),
                    by="li",
                    approve=True,
                    reason="seen",
                    now=self.now,
                )

        return act


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_done_at_once_by_whomever_the_sum_is_zero(
    clients: list[Billing], mongo: Mongo, owing: list[Account], now: datetime, seed: int
) -> None:
    billing = clients[0]
    await open_shift(
        counter=billing.counter,
        cashier="chen",
        region="zhejiang",
        org_path="grid/city",
        float_fen=Fen(0),
        key="monday",
        now=now,
    )
    business = Business(clients, owing, random.Random(seed), now)  # noqa: S311 - a repeatable order of events
    await asyncio.gather(*(act() for act in business.acts(12)))
    postings = await all_documents(mongo, "postings")
    assert sum(entry["fen"] for one in postings for entry in one["entries"]) == 0
    for account in (await billing.accounts.load([one.id for one in owing])).values():
        assert account.balance == balance_of(await billing.ledger.sums(account.id))
        assert account.balance.prepaid >= 0
        payable = await billing.bills.payable(account.id)
        assert sum(bill.owed for bill in payable) == account.balance.owed
    checked = [
        page async for page in check(mongo=mongo, ledger=billing.ledger, accounts=billing.accounts, region="zhejiang")
    ]
    assert [(page.accounts, page.differing) for page in checked] == [(2, ())]
    cash = sum(entry["fen"] for one in postings for entry in one["entries"] if entry["book"] == Book.CASH_COUNTER)
    shift = await billing.counter.shifts.open_of("chen")
    assert shift is not None
    assert shift.expected == cash
    await close_shift(counter=billing.counter, cashier="chen", counted={}, now=now)
    sums = [entry for one in await all_documents(mongo, "postings") for entry in one["entries"]]
    assert sum(entry["fen"] for entry in sums if entry["book"] == Book.CASH_COUNTER) == 0


async def test_a_balance_that_is_wrong_is_found(billing: Billing, mongo: Mongo, owing: list[Account]) -> None:
    await mongo["accounts"].update_one({"_id": owing[0].id}, {"$inc": {"prepaid": 1}})
    pages = check(mongo=mongo, ledger=billing.ledger, accounts=billing.accounts, region="zhejiang")
    found = [differs async for page in pages for differs in page.differing]
    assert [(one.number, one.balance.prepaid, one.entries.prepaid) for one in found] == [(owing[0].number, 1, 0)]

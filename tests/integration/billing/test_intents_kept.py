"""Intents: for several accounts, in part and ahead, superseded and closed, and the money that comes all the same."""

from datetime import datetime

import pytest

from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import charge
from gridhall.billing.payments.model import Bounds, IntentStatus, Part
from gridhall.billing.payments.online import AmountDiffers, NotPaid, UnknownTrade, settle_trade
from gridhall.billing.payments.operations import AlreadySettled, Settled
from gridhall.billing.payments.port import Trade, TradeState
from gridhall.billing.payments.starting import (
    AmountRefused,
    KeyReused,
    NothingOwed,
    Refused,
    Started,
    Wanted,
    start,
)
from gridhall.billing.services import Billing
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill
from tests.factories.tills import Till


@pytest.fixture
async def accounts(billing: Billing, mongo: Mongo, now: datetime) -> list[Account]:
    """Two accounts that owe 107.60 yuan each, and one that owes nothing."""
    made = [an_account(number) for number in (1, 2, 3)]
    await billing.accounts.add(made)

    async def issue(transaction: Transaction) -> None:
        bills = [a_bill(account, "2026-01", 200) for account in made[:2]]
        await billing.bills.add(bills, transaction=transaction)
        charges = [
            charge(account=account, bill_id=bill.id, total=bill.total, now=now)
            for account, bill in zip(made[:2], bills, strict=True)
        ]
        await post(postings=charges, ledger=billing.ledger, accounts=billing.accounts, transaction=transaction)

    await mongo.transact(issue)
    return list((await billing.accounts.load([one.id for one in made])).values())


async def started(
    billing: Billing, till: Till, *wanted: Wanted, now: datetime, key: str = "1", payer: str = "wang"
) -> Started | Refused:
    return await start(
        payments=billing.payments,
        provider=till,
        wanted=wanted,
        payer=payer,
        key=key,
        description="电费",
        now=now,
    )


def paid(intent_number: str, fen: int, now: datetime, *, number: str = "W1") -> Trade:
    return Trade(intent_number, TradeState.PAID, Fen(fen), number, now)


async def balances(billing: Billing, accounts: list[Account]) -> list[Balance]:
    found = await billing.accounts.load([one.id for one in accounts])
    return [found[one.id].balance for one in accounts]


async def test_one_payment_settles_a_whole_account_a_part_of_another_and_more_of_a_third(
    billing: Billing, accounts: list[Account], now: datetime
) -> None:
    first, second, third = accounts
    wanted = (Wanted(first), Wanted(second, amount=Fen(760)), Wanted(third, amount=Fen(5_000)))
    outcome = await started(billing, Till(), *wanted, now=now)
    assert isinstance(outcome, Started)
    assert outcome.intent.parts == (
        Part(first.id, (), Fen(10_760)),
        Part(second.id, (), Fen(760)),
        Part(third.id, (), Fen(5_000)),
    )
    trade = paid(outcome.intent.number, 16_520, now)
    settling = {"payments": billing.payments, "provider": "wechatpay", "trade": trade, "now": now}
    assert await settle_trade(**settling) == Settled(Fen(11_520), Fen(5_000))  # type: ignore[arg-type]
    assert await settle_trade(**settling) == AlreadySettled()  # type: ignore[arg-type]
    assert await balances(billing, accounts) == [Balance(), Balance(owed=Fen(10_000)), Balance(prepaid=Fen(5_000))]


async def test_an_amount_lies_within_what_is_allowed_and_what_is_owed_always_does(
    billing: Billing, accounts: list[Account], now: datetime
) -> None:
    bounds = Bounds(Fen(100), Fen(5_000_000))
    for fen in (-1, 0, 99, 5_000_001):
        told = await started(billing, Till(), Wanted(accounts[0], amount=Fen(fen)), now=now)
        assert told == AmountRefused(accounts[0].id, bounds)
    assert await started(billing, Till(), Wanted(accounts[2]), now=now) == NothingOwed(accounts[2].id)


async def test_a_newer_payment_of_the_same_payer_supersedes_and_one_of_another_does_not(
    billing: Billing, accounts: list[Account], now: datetime
) -> None:
    first = await started(billing, Till(), Wanted(accounts[0]), now=now)
    others = await started(billing, Till(), Wanted(accounts[0]), now=now, payer="li")
    second = await started(billing, Till(), Wanted(accounts[0]), now=now, key="2")
    stands = []
    for one in (first, others, second):
        assert isinstance(one, Started)
        intent = await billing.payments.intents.load(one.intent.number)
        assert intent is not None
        stands.append(intent.status)
    assert stands == [IntentStatus.SUPERSEDED, IntentStatus.STARTED, IntentStatus.STARTED]
    assert await started(billing, Till(), Wanted(accounts[1]), now=now, key="2") == KeyReused()


async def test_money_for_a_closed_order_and_a_second_payment_of_a_paid_one_are_money_all_the_same(
    billing: Billing, accounts: list[Account], now: datetime
) -> None:
    outcome = await started(billing, Till(), Wanted(accounts[0]), now=now)
    assert isinstance(outcome, Started)
    number = outcome.intent.number
    await billing.payments.intents.set_closed(number)
    for at, came in enumerate((Settled(Fen(10_760), Fen(0)), Settled(Fen(0), Fen(10_760)))):
        trade = paid(number, 10_760, now, number=f"W{at}")
        told = await settle_trade(payments=billing.payments, provider="wechatpay", trade=trade, now=now)
        assert told == came
    assert (await balances(billing, accounts))[0] == Balance(prepaid=Fen(10_760))
    intent = await billing.payments.intents.load(number)
    assert intent is not None
    assert intent.status is IntentStatus.PAID


async def test_nothing_is_posted_for_what_is_not_paid_not_ours_or_of_another_amount(
    billing: Billing, mongo: Mongo, accounts: list[Account], now: datetime
) -> None:
    outcome = await started(billing, Till(), Wanted(accounts[0]), now=now)
    assert isinstance(outcome, Started)
    number = outcome.intent.number
    expected = {
        paid(number, 10_759, now): AmountDiffers(),
        paid("f" * 32, 10_760, now): UnknownTrade(),
        Trade(number, TradeState.WAITING): NotPaid(TradeState.WAITING),
    }
    for trade, answer in expected.items():
        assert await settle_trade(payments=billing.payments, provider="wechatpay", trade=trade, now=now) == answer
    other = await settle_trade(payments=billing.payments, provider="alipay", trade=paid(number, 10_760, now), now=now)
    assert other == UnknownTrade()
    assert await mongo["payments"].count_documents({}) == 0

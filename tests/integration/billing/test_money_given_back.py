"""Refunds: reserved at once, approved by another, sent, and given back to the account where they fail."""

from datetime import datetime, timedelta

import pytest

from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.approvals.model import Kind, request_id
from gridhall.billing.approvals.operations import Decided, SamePerson, decide
from gridhall.billing.ledger.checking import balance_of
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived, TradeNumber
from gridhall.billing.payments.operations import settle
from gridhall.billing.payments.port import RefundOrder, RefundTold, TradeState
from gridhall.billing.refunds.asking import Asked, NotRefundable, NumberUsed, TooMuch, ask
from gridhall.billing.refunds.model import Refund, State, Way, Wish
from gridhall.billing.refunds.operations import told
from gridhall.billing.refunds.sending import follow
from gridhall.billing.services import Billing
from gridhall.kit.money import Fen
from tests.factories.accounts import an_account
from tests.factories.tills import Till


@pytest.fixture
async def account(billing: Billing, now: datetime) -> Account:
    """An account that has paid 300 yuan ahead by WeChat."""
    account = an_account()
    await billing.accounts.add([account])
    payment = PaymentReceived.for_account(
        "wechatpay", "W1", account.id, Fen(30_000), now, trade_number=TradeNumber("t" * 32)
    )
    await settle(payments=billing.payments, payment=payment, cash=Book.CASH_WECHAT, now=now)
    return account


def a_wish(account: Account, fen: int, **changes: object) -> Wish:
    fields: dict[str, object] = {
        "account_id": account.id,
        "amount": Fen(fen),
        "way": Way.ONLINE,
        "reason": "paid twice",
        "payment": ("wechatpay", "W1"),
    }
    return Wish(**fields | changes)  # type: ignore[arg-type]


async def asked(billing: Billing, wish: Wish, now: datetime, *, key: str = "k1") -> object:
    return await ask(refunds=billing.refunds, approvals=billing.approvals, wish=wish, by="zhou", key=key, now=now)


async def refund_of(billing: Billing, account: Account) -> Refund:
    return (await billing.refunds.refunds.page(account.id, before=None, limit=1))[0]


async def books(billing: Billing, account: Account) -> dict[Book, Fen]:
    sums = await billing.ledger.sums(account.id)
    stored = (await billing.accounts.load([account.id]))[account.id].balance
    assert balance_of(sums) == stored
    assert sum(sums.values()) == 0
    return {book: fen for book, fen in sums.items() if fen}


async def test_a_small_refund_is_sent_at_once_and_posted_only_when_it_succeeded(
    billing: Billing, account: Account, now: datetime
) -> None:
    assert isinstance(await asked(billing, a_wish(account, 10_000), now), Asked)
    assert await books(billing, account) == {
        Book.CASH_WECHAT: 30_000,
        Book.PREPAID: -20_000,
        Book.REFUND_DUE: -10_000,
    }
    till = Till(answers=[None, TradeState.WAITING, TradeState.REFUNDED])
    providers = {"wechatpay": till}
    await follow(refunds=billing.refunds, providers=providers, now=now)
    assert (await refund_of(billing, account)).state is State.APPROVED
    later = now + timedelta(minutes=5)
    await follow(refunds=billing.refunds, providers=providers, now=later)
    assert (await refund_of(billing, account)).state is State.ACCEPTED
    assert (await books(billing, account))[Book.REFUND_DUE] == -10_000
    await follow(refunds=billing.refunds, providers=providers, now=later + timedelta(hours=1))
    assert (await refund_of(billing, account)).state is State.DONE
    assert await books(billing, account) == {Book.CASH_WECHAT: 20_000, Book.PREPAID: -20_000}
    assert {order.number for order in till.sent} == {(await refund_of(billing, account)).number}
    again = RefundTold(till.sent[0].number, TradeState.REFUNDED)
    await told(refunds=billing.refunds, told=again, now=later)
    assert await books(billing, account) == {Book.CASH_WECHAT: 20_000, Book.PREPAID: -20_000}


async def test_a_refund_with_which_something_goes_wrong_stops_none_of_the_others_and_has_its_turn_again(
    billing: Billing, account: Account, now: datetime
) -> None:
    for key in ("k1", "k2"):
        await asked(billing, a_wish(account, 1_000), now, key=key)
    due = now + timedelta(minutes=2)
    first, second = await billing.refunds.refunds.due(before=due, limit=2)

    class OddTill(Till):
        async def refund(self, refund: RefundOrder) -> RefundTold:
            if refund.number == first.number:
                raise RuntimeError("an answer that nobody foresaw")
            return await super().refund(refund)

    providers = {"wechatpay": OddTill(answers=[TradeState.REFUNDED])}
    assert await follow(refunds=billing.refunds, providers=providers, now=due) == 2
    found = await billing.refunds.refunds.load([first.number, second.number])
    assert found[second.number].state is State.DONE
    assert (found[first.number].state, found[first.number].next_at > due) == (State.APPROVED, True)


async def test_a_refund_that_fails_gives_the_money_back_to_the_account(
    billing: Billing, account: Account, now: datetime
) -> None:
    await asked(billing, a_wish(account, 10_000), now)
    await follow(refunds=billing.refunds, providers={"wechatpay": Till(answers=[TradeState.FAILED])}, now=now)
    assert (await refund_of(billing, account)).state is State.FAILED
    assert await books(billing, account) == {Book.CASH_WECHAT: 30_000, Book.PREPAID: -30_000}
    assert isinstance(await asked(billing, a_wish(account, 30_000), now, key="k2"), Asked)


async def test_above_the_limit_another_person_decides_and_a_no_gives_it_back(
    billing: Billing, account: Account, now: datetime
) -> None:
    await settle(
        payments=billing.payments,
        payment=PaymentReceived.for_account("counter", "C1", account.id, Fen(90_000), now),
        cash=Book.CASH_COUNTER,
        now=now,
    )
    wish = a_wish(account, 80_000, way=Way.BANK, payment=None)
    await asked(billing, wish, now)
    waiting = await refund_of(billing, account)
    assert waiting.state is State.ASKED
    request = request_id(Kind.REFUND, waiting.number)
    common = {"approvals": billing.approvals, "request_id": request, "reason": "looked at", "now": now}
    assert isinstance(await decide(**common, by="zhou", approve=True), SamePerson)  # type: ignore[arg-type]
    assert isinstance(await decide(**common, by="li", approve=False), Decided)  # type: ignore[arg-type]
    assert (await refund_of(billing, account)).state is State.REFUSED
    assert (await billing.accounts.load([account.id]))[account.id].balance == Balance(prepaid=Fen(120_000))


async def test_no_more_is_given_back_than_there_is(billing: Billing, account: Account, now: datetime) -> None:
    assert await asked(billing, a_wish(account, 30_001), now) == TooMuch(Fen(30_000))
    await asked(billing, a_wish(account, 20_000), now)
    assert await asked(billing, a_wish(account, 20_000), now, key="k2") == TooMuch(Fen(10_000))
    assert await asked(billing, a_wish(account, 19_000), now) == NumberUsed()


async def test_the_same_words_through_another_payment_are_another_refund(
    billing: Billing, account: Account, now: datetime
) -> None:
    other = PaymentReceived.for_account(
        "wechatpay", "W2", account.id, Fen(500), now, trade_number=TradeNumber("u" * 32)
    )
    await settle(payments=billing.payments, payment=other, cash=Book.CASH_WECHAT, now=now)
    made = await asked(billing, a_wish(account, 500), now)
    assert isinstance(made, Asked)
    assert await asked(billing, a_wish(account, 500, payment=("wechatpay", "t" * 32)), now) == made
    assert await asked(billing, a_wish(account, 500, payment=("wechatpay", "W2")), now) == NumberUsed()
    assert await asked(billing, a_wish(account, 500, payment=None, way=Way.BANK), now) == NumberUsed()


async def test_an_old_payment_and_a_foreign_one_cannot_be_given_back(
    billing: Billing, account: Account, now: datetime
) -> None:
    assert await asked(billing, a_wish(account, 1), now + timedelta(days=366)) == NotRefundable("age")
    other = an_account(2)
    await billing.accounts.add([other])
    assert await asked(billing, a_wish(other, 1), now) == TooMuch(Fen(0))


async def test_parts_of_a_payment_are_sent_a_minute_apart(billing: Billing, account: Account, now: datetime) -> None:
    for number in range(3):
        await asked(billing, a_wish(account, 1_000), now, key=f"k{number}")
    till = Till(answers=[TradeState.REFUNDED] * 3)
    for minute in range(3):
        await follow(
            refunds=billing.refunds, providers={"wechatpay": till}, now=now + timedelta(minutes=minute, seconds=1)
        )
        assert len(till.sent) == minute + 1

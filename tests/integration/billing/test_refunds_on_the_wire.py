"""Refunds sent to both stand-ins, and what those tell of them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from gridhall.billing.payments.port import RefundTold, TradeState
from gridhall.billing.payments.told.operations import Taken, take_refund
from gridhall.billing.refunds.asking import Asked, NotRefundable, ask
from gridhall.billing.refunds.model import Refund, State, Way, Wish
from gridhall.billing.refunds.sending import follow
from gridhall.billing.services import Billing
from gridhall.kit.money import Fen
from tests.factories.online import OnlineTill, an_online_till
from tests.factories.paying import confirm_in_wechat, confirm_page, tell


@pytest.fixture
async def till(billing: Billing) -> AsyncIterator[OnlineTill]:
    async with an_online_till(billing) as opened:
        yield opened


async def a_refund(till: OnlineTill, provider: str) -> Refund:
    """A payment of 100 yuan, of which 40 are asked back."""
    intent = (await till.started(provider)).intent
    if intent.pay_url:
        await confirm_page(till.http, intent.pay_url)
    else:
        await confirm_in_wechat(till.http, till.stands, intent.client)
    await till.ask(minutes=1)
    trade = await till.providers[provider].query(intent.number)
    wish = Wish(till.account.id, Fen(4000), Way.ONLINE, "多交", (provider, str(trade.provider_number)))
    asked = await ask(
        refunds=till.billing.refunds,
        approvals=till.billing.approvals,
        wish=wish,
        by="agent",
        key="1",
        now=till.clock.at,
    )
    assert isinstance(asked, Asked)
    assert asked.refund.state is State.APPROVED
    return asked.refund


async def state_of(till: OnlineTill, refund: Refund) -> State:
    return (await till.billing.refunds.refunds.load([refund.number]))[refund.number].state


async def followed(till: OnlineTill, **later: float) -> None:
    till.clock.at += timedelta(**later)
    await follow(refunds=till.billing.refunds, providers=till.providers, now=till.clock.at)


@pytest.mark.parametrize("provider", ["wechatpay", "alipay"])
async def test_a_payment_is_found_by_the_order_number_that_its_payer_sees(till: OnlineTill, provider: str) -> None:
    done = await a_refund(till, provider)
    assert done.origin is not None
    named = {"refunds": till.billing.refunds, "approvals": till.billing.approvals, "by": "agent", "now": till.clock.at}
    wish = Wish(till.account.id, Fen(1000), Way.ONLINE, "多交", (provider, done.origin.trade_number))
    asked = await ask(**named, wish=wish, key="2")
    assert isinstance(asked, Asked)
    assert asked.refund.origin == done.origin
    elsewhere = "alipay" if provider == "wechatpay" else "wechatpay"
    assert isinstance(
        await ask(**named, wish=replace(wish, payment=(elsewhere, done.origin.trade_number)), key="3"), NotRefundable
    )


@pytest.mark.parametrize("provider", ["wechatpay", "alipay"])
async def test_a_refund_is_done_though_nobody_tells_of_it(till: OnlineTill, provider: str) -> None:
    refund = await a_refund(till, provider)
    await followed(till)
    await followed(till, days=1)
    assert await state_of(till, refund) is State.DONE
    assert await till.prepaid() == 6000
    again = RefundTold(refund.number, TradeState.REFUNDED, refund.amount, "R1", till.clock.at)
    telling = till.billing.telling
    taken = await take_refund(telling=telling, provider=provider, told=again, by="callback", now=till.clock.at)
    assert (taken, await till.prepaid()) == (Taken.KNOWN, 6000)


async def test_a_refund_that_fails_gives_the_money_back_to_the_account(till: OnlineTill) -> None:
    refund = await a_refund(till, "wechatpay")
    await tell(till.http, till.stands, refunds="failed", lose=9)
    await followed(till)
    await followed(till, days=1)
    assert (await state_of(till, refund), await till.prepaid()) == (State.FAILED, 10_000)


async def test_a_refund_that_is_on_its_way_is_not_done(till: OnlineTill) -> None:
    refund = await a_refund(till, "alipay")
    await tell(till.http, till.stands, refunds="waiting", lose=9)
    await followed(till)
    assert (await state_of(till, refund), await till.prepaid()) == (State.ACCEPTED, 6000)

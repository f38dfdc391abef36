"""Our client of WeChat Pay over HTTP against the stand-in, with real signatures on both sides."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from gridhall.billing.payments.calls import CALLS
from gridhall.billing.payments.port import (
    BadStatementError,
    OnlineProvider,
    Order,
    ProviderRefusedError,
    ProviderUnavailableError,
    RefundOrder,
    StatementNotReadyError,
    TradeState,
)
from gridhall.kit.clock import FixedClock
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import local_day
from gridhall.kit.money import Fen
from gridhall.simulators.app import Addresses
from tests.factories.paying import START, Statement, confirm_in_wechat, pay_keys, providers_at, public_pem, tell

PROVIDER = "wechatpay"


def an_order(fen: int = 12345) -> Order:
    return Order(new_id().hex, Fen(fen), "电费 1 笔", "o-wang", START + timedelta(hours=2))


async def a_paid_order(provider: OnlineProvider, http: httpx.AsyncClient, stands: Addresses, fen: int = 500) -> Order:
    order = an_order(fen)
    await confirm_in_wechat(http, stands, (await provider.place(order)).client)
    return order


async def test_an_order_is_placed_confirmed_and_known_as_paid(
    provider: OnlineProvider, http: httpx.AsyncClient, stands: Addresses
) -> None:
    order = an_order()
    placed, again = await provider.place(order), await provider.place(order)
    assert placed.client is not None
    assert again.client is not None
    assert placed.client["package"] != again.client["package"]
    assert (await provider.query(order.number)).state is TradeState.WAITING
    assert (await confirm_in_wechat(http, stands, again.client))["errMsg"] == "requestPayment:ok"
    trade = await provider.query(order.number)
    assert (trade.state, trade.total, bool(trade.provider_number)) == (TradeState.PAID, 12345, True)
    assert trade.paid_at is not None
    assert START - trade.paid_at < timedelta(seconds=1)
    assert await provider.close(order.number) is False


async def test_a_changed_parameter_of_the_mini_program_pays_nothing(
    provider: OnlineProvider, http: httpx.AsyncClient, stands: Addresses
) -> None:
    client = dict((await provider.place(an_order())).client or {})
    for changed in ({"timeStamp": "1"}, {"nonceStr": "x"}, {"package": "prepay_id=wx1"}, {"paySign": "eA=="}):
        answer = await http.post(f"{stands.pay_url}/wechatpay/request", json={**client, **changed})
        assert answer.status_code == 400


async def test_the_number_of_another_order_is_refused_and_so_is_an_order_without_a_payer(
    provider: OnlineProvider,
) -> None:
    order = an_order()
    await provider.place(order)
    with pytest.raises(ProviderRefusedError, match="OUT_TRADE_NO_USED"):
        await provider.place(Order(order.number, Fen(1), "电费", "o-wang"))
    with pytest.raises(ProviderRefusedError, match="NO_OPENID"):
        await provider.place(Order(new_id().hex, Fen(1), "电费"))


async def test_an_order_is_closed_once_and_for_all(provider: OnlineProvider) -> None:
    order = an_order()
    await provider.place(order)
    assert [await provider.close(order.number) for _ in range(2)] == [True, True]
    assert (await provider.query(order.number)).state is TradeState.CLOSED
    with pytest.raises(ProviderRefusedError, match="ORDER_CLOSED"):
        await provider.place(order)
    assert await provider.close(new_id().hex) is True


async def test_a_refund_is_one_refund_however_often_it_is_asked_for(
    provider: OnlineProvider, http: httpx.AsyncClient, stands: Addresses
) -> None:
    order = await a_paid_order(provider, http, stands)
    refund = RefundOrder(new_id().hex, order.number, Fen(200), order.total, "退款")
    unknown = await provider.query_refund(refund.number, trade_number=order.number)
    first, again = await provider.refund(refund), await provider.refund(refund)
    asked = await provider.query_refund(refund.number, trade_number=order.number)
    states = [unknown.state, first.state, again.state, asked.state]
    assert states == [TradeState.UNKNOWN, TradeState.WAITING, TradeState.REFUNDED, TradeState.REFUNDED]
    assert first.provider_number == asked.provider_number
    assert (asked.amount, asked.done_at is not None) == (200, True)
    with pytest.raises(ProviderRefusedError, match="NOT_ENOUGH"):
        await provider.refund(RefundOrder(new_id().hex, order.number, Fen(301), order.total, "退款"))
    assert (await provider.query(order.number)).state is TradeState.REFUNDED


async def test_a_refund_that_fails_says_so(
    provider: OnlineProvider, http: httpx.AsyncClient, stands: Addresses
) -> None:
    order = await a_paid_order(provider, http, stands)
    await tell(http, stands, refunds="failed")
    refund = RefundOrder(new_id().hex, order.number, Fen(200), order.total, "退款")
    await provider.refund(refund)
    assert (await provider.query_refund(refund.number, trade_number=order.number)).state is TradeState.FAILED


async def test_one_fault_is_tried_again_and_two_are_an_outage_and_all_are_counted(
    provider: OnlineProvider, http: httpx.AsyncClient, stands: Addresses
) -> None:
    failed = CALLS.labels("wechatpay", "query", "failed")
    before = failed._value.get()
    await tell(http, stands, status=503, times=1)
    assert (await provider.query(new_id().hex)).state is TradeState.UNKNOWN
    await tell(http, stands, status=503, times=2)
    with pytest.raises(ProviderUnavailableError, match="status 503"):
        await provider.query(new_id().hex)
    assert failed._value.get() - before == 3


async def test_a_slow_answer_is_an_outage_and_not_an_answer(stands: Addresses) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=0.2) as hurried:
        provider = providers_at(stands, hurried, clock=FixedClock(START))["wechatpay"]
        async with httpx.AsyncClient(trust_env=False) as http:
            await tell(http, stands, delay_seconds=1)
            with pytest.raises(ProviderUnavailableError, match="Timeout"):
                await provider.query(new_id().hex)
            await tell(http, stands)


async def test_many_at_once_fetch_the_certificates_once(stands: Addresses, http: httpx.AsyncClient) -> None:
    fetched = CALLS.labels("wechatpay", "certificates", "answered")
    before = fetched._value.get()
    provider = providers_at(stands, http, clock=FixedClock(START))["wechatpay"]
    trades = await asyncio.gather(*(provider.query(new_id().hex) for _ in range(8)))
    assert {trade.state for trade in trades} == {TradeState.UNKNOWN}
    assert fetched._value.get() - before == 1


async def test_a_new_certificate_is_fetched_once_a_minute_at_most(
    provider: OnlineProvider, http: httpx.AsyncClient, stands: Addresses, clock: FixedClock
) -> None:
    await provider.query(new_id().hex)
    await tell(http, stands, rotate=True)
    with pytest.raises(ProviderUnavailableError, match="names no key"):
        await provider.query(new_id().hex)
    clock.at += timedelta(seconds=61)
    assert (await provider.query(new_id().hex)).state is TradeState.UNKNOWN


@pytest.mark.parametrize("certificates", [True, False])
async def test_public_key_mode_fetches_no_certificate_and_a_switch_knows_both(
    stands: Addresses, http: httpx.AsyncClient, *, certificates: bool
) -> None:
    fetched = CALLS.labels("wechatpay", "certificates", "answered")
    before = fetched._value.get()
    keys = pay_keys().wechatpay
    provider = providers_at(
        stands,
        http,
        clock=FixedClock(START),
        wechatpay_public_key=public_pem(keys.public.public_key()),
        wechatpay_public_key_id=keys.public_id,
        wechatpay_certificates=certificates,
    )["wechatpay"]
    assert (await provider.query(new_id().hex)).state is TradeState.UNKNOWN
    assert fetched._value.get() == before


async def test_a_stranger_at_the_address_is_not_believed(stands: Addresses, http: httpx.AsyncClient) -> None:
    strange = public_pem(pay_keys().wechatpay.merchant)
    its_id = pay_keys().wechatpay.public_id
    given = {"wechatpay_public_key": strange, "wechatpay_public_key_id": its_id}
    provider = providers_at(stands, http, clock=FixedClock(START), **given)["wechatpay"]
    with pytest.raises(ProviderUnavailableError, match="the signature is wrong"):
        await provider.query(new_id().hex)


class TestStatements:
    async def test_every_line_of_the_day_is_read(
        self,
        provider: OnlineProvider,
        http: httpx.AsyncClient,
        stands: Addresses,
        clock: FixedClock,
        statement: Statement,
    ) -> None:
        order = await a_paid_order(provider, http, stands, 777)
        refund = RefundOrder(new_id().hex, order.number, Fen(77), order.total, "退款")
        await provider.refund(refund)
        day = local_day(clock.at, "Asia/Shanghai")
        with pytest.raises(StatementNotReadyError):
            await provider.statement(day)
        lines = await statement()
        ours = [(line.amount, line.refund_number) for line in lines if line.trade_number == order.number]
        assert ours == [(777, None), (-77, refund.number)]

    async def test_one_that_is_cut_off_or_late_is_no_statement(
        self, provider: OnlineProvider, http: httpx.AsyncClient, stands: Addresses, statement: Statement
    ) -> None:
        await a_paid_order(provider, http, stands)
        with pytest.raises(BadStatementError, match="where the sum says"):
            await statement("cut")
        with pytest.raises(StatementNotReadyError):
            await statement("late")

    async def test_a_day_without_a_trade_has_no_line(self, provider: OnlineProvider, clock: FixedClock) -> None:
        day = local_day(clock.at, "Asia/Shanghai") - timedelta(days=30)
        assert list(await provider.statement(day)) == []

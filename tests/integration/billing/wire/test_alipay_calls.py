"""Our client of Alipay over HTTP against the stand-in, with real signatures on both sides."""

from datetime import timedelta

import httpx
import pytest

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
from tests.factories.paying import START, Statement, confirm_page, pay_keys, providers_at, public_pem, tell

PROVIDER = "alipay"


def an_order(fen: int = 12345) -> Order:
    return Order(new_id().hex, Fen(fen), "电费 1 笔 & more", expires_at=START + timedelta(hours=2))


async def page_of(provider: OnlineProvider, order: Order) -> str:
    return str((await provider.place(order)).pay_url)


async def a_paid_order(provider: OnlineProvider, http: httpx.AsyncClient, fen: int = 500) -> Order:
    order = an_order(fen)
    await confirm_page(http, await page_of(provider, order))
    return order


async def test_an_order_is_opened_confirmed_and_known_as_paid(
    provider: OnlineProvider, http: httpx.AsyncClient
) -> None:
    order = an_order()
    page = await page_of(provider, order)
    assert (await provider.query(order.number)).state is TradeState.UNKNOWN
    shown = await http.get(page, follow_redirects=True)
    assert "123.45" in shown.text
    assert (await provider.query(order.number)).state is TradeState.WAITING
    await confirm_page(http, page)
    trade = await provider.query(order.number)
    assert (trade.state, trade.total, bool(trade.provider_number)) == (TradeState.PAID, 12345, True)
    assert trade.paid_at == START.replace(microsecond=0)
    assert await provider.close(order.number) is False


async def test_a_changed_page_is_not_shown(provider: OnlineProvider, http: httpx.AsyncClient) -> None:
    page = await page_of(provider, an_order())
    for changed in (page.replace("123.45", "0.01"), page.partition("&sign=")[0], page.replace("notify_url", "n")):
        assert (await http.get(changed, follow_redirects=True)).status_code == 400


async def test_an_order_past_its_time_cannot_be_paid(
    provider: OnlineProvider, http: httpx.AsyncClient, clock: FixedClock
) -> None:
    order = an_order()
    page = await page_of(provider, order)
    clock.at += timedelta(hours=2)
    assert (await confirm_page(http, page))["state"] == "closed"
    assert (await provider.query(order.number)).state is TradeState.CLOSED


async def test_an_order_is_closed_once_and_for_all(provider: OnlineProvider, http: httpx.AsyncClient) -> None:
    order = an_order()
    page = await page_of(provider, order)
    await http.get(page, follow_redirects=True)
    assert [await provider.close(order.number) for _ in range(2)] == [True, True]
    assert (await confirm_page(http, page))["state"] == "closed"
    assert await provider.close(new_id().hex) is True


async def test_a_refund_is_one_refund_however_often_it_is_asked_for(
    provider: OnlineProvider, http: httpx.AsyncClient
) -> None:
    order = await a_paid_order(provider, http)
    refund = RefundOrder(new_id().hex, order.number, Fen(200), order.total, "退款")
    unknown = await provider.query_refund(refund.number, trade_number=order.number)
    first, again = await provider.refund(refund), await provider.refund(refund)
    asked = await provider.query_refund(refund.number, trade_number=order.number)
    assert unknown.state is TradeState.UNKNOWN
    assert {one.state for one in (first, again, asked)} == {TradeState.REFUNDED}
    assert {one.amount for one in (first, again, asked)} == {200}
    with pytest.raises(ProviderRefusedError, match="REFUND_FEE"):
        await provider.refund(RefundOrder(new_id().hex, order.number, Fen(301), order.total, "退款"))
    assert (await provider.query(order.number)).state is TradeState.PAID
    rest = await provider.refund(RefundOrder(new_id().hex, order.number, Fen(300), order.total, "退款"))
    assert (rest.amount, (await provider.query(order.number)).state) == (300, TradeState.REFUNDED)


async def test_a_refund_under_way_is_not_a_refund_done(
    provider: OnlineProvider, http: httpx.AsyncClient, stands: Addresses
) -> None:
    order = await a_paid_order(provider, http)
    await tell(http, stands, refunds="waiting")
    refund = RefundOrder(new_id().hex, order.number, Fen(200), order.total, "退款")
    assert (await provider.refund(refund)).state is TradeState.WAITING


async def test_faults_are_tried_again_and_then_an_outage_and_a_no_is_a_no(
    provider: OnlineProvider, http: httpx.AsyncClient, stands: Addresses
) -> None:
    number = new_id().hex
    await tell(http, stands, status=502, times=1)
    assert (await provider.query(number)).state is TradeState.UNKNOWN
    await tell(http, stands, status=502, times=2)
    with pytest.raises(ProviderUnavailableError, match="status 502"):
        await provider.query(number)
    await tell(http, stands, errcode="ACQ.SYSTEM_ERROR")
    with pytest.raises(ProviderUnavailableError, match="SYSTEM_ERROR") as busy:
        await provider.query(number)
    assert not isinstance(busy.value, ProviderRefusedError)
    await tell(http, stands, errcode="ACQ.INVALID_PARAMETER")
    with pytest.raises(ProviderRefusedError, match="INVALID_PARAMETER"):
        await provider.query(number)


async def test_a_stranger_at_the_address_is_not_believed(stands: Addresses, http: httpx.AsyncClient) -> None:
    strange = public_pem(pay_keys().alipay.merchant)
    provider = providers_at(stands, http, clock=FixedClock(START), alipay_public_key=strange)["alipay"]
    with pytest.raises(ProviderUnavailableError, match="the signature is wrong"):
        await provider.query(new_id().hex)


class TestStatements:
    async def test_every_line_of_the_day_is_read(
        self, provider: OnlineProvider, http: httpx.AsyncClient, statement: Statement
    ) -> None:
        order = await a_paid_order(provider, http, 777)
        refund = RefundOrder(new_id().hex, order.number, Fen(77), order.total, "退款")
        await provider.refund(refund)
        with pytest.raises(StatementNotReadyError):
            await provider.statement(local_day(START, "Asia/Shanghai"))
        lines = await statement()
        ours = [(line.amount, line.refund_number) for line in lines if line.trade_number == order.number]
        assert ours == [(777, None), (-77, refund.number)]

    async def test_one_that_is_cut_off_is_no_statement(
        self, provider: OnlineProvider, http: httpx.AsyncClient, statement: Statement
    ) -> None:
        await a_paid_order(provider, http)
        with pytest.raises(BadStatementError, match="closing line"):
            await statement("cut")

    async def test_a_day_without_a_trade_has_no_line(self, provider: OnlineProvider) -> None:
        assert list(await provider.statement(local_day(START, "Asia/Shanghai") - timedelta(days=30))) == []

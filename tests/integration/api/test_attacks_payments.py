"""Callbacks that are forged, old, changed, or sent again, as both providers' stand-ins make them."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
from strawberry import relay

from gridhall.api.state import State
from gridhall.billing.cases.model import CaseKind
from gridhall.billing.cases.repository import Wanted
from gridhall.simulators.paying.alipay.notices import Notices as AlipayNotices
from gridhall.simulators.paying.alipay.views import local
from gridhall.simulators.paying.deliveries import Message
from gridhall.simulators.paying.orders_to_fail import Forgery
from gridhall.simulators.paying.wechatpay.notices import Notices as WechatPayNotices
from tests.factories.homes import Home, a_home
from tests.factories.paying import pay_keys

WECHATPAY, ALIPAY = "/v1/webhooks/payments/wechatpay", "/v1/webhooks/payments/alipay"


async def an_order(http: httpx.AsyncClient, home: Home, key: str = "12345678") -> dict[str, Any]:
    """The payment of its bill that the home just started, at Alipay: its number and amount."""
    pay = """mutation($account: ID!, $bill: ID!, $key: String!) {
        payBills(input: {accountId: $account, billIds: [$bill], idempotencyKey: $key}) {
            ... on PaymentReady { number amount { fen yuan } } } }"""
    ids = {
        "account": relay.GlobalID("Account", str(home.account.id)),
        "bill": relay.GlobalID("Bill", str(home.bill.id)),
    }
    variables = {**{name: str(id_) for name, id_ in ids.items()}, "key": key}
    answer = await http.post("/graphql", json={"query": pay, "variables": variables}, headers=home.headers)
    return dict(answer.json()["data"]["payBills"])


def paid(state: State, order: Mapping[str, Any], **changes: str) -> dict[str, str]:
    """What Alipay says of a paid order."""
    keys, now = pay_keys().alipay, local(state.clock.now())
    return {
        "notify_time": now,
        "app_id": keys.app_id,
        "seller_id": keys.seller_id,
        "trade_no": f"T{order['number']}",
        "out_trade_no": order["number"],
        "trade_status": "TRADE_SUCCESS",
        "total_amount": order["amount"]["yuan"],
        "subject": "电费",
        "gmt_payment": now,
        **changes,
    }


def of_alipay(told: Mapping[str, str], forgery: Forgery | None = None) -> Message | None:
    return AlipayNotices(keys=pay_keys().alipay).message(ALIPAY, told, forgery)


def of_wechatpay(state: State, forgery: Forgery | None, **changes: object) -> Message:
    """What WeChat Pay says of an order that nobody started, signed with its public key."""
    keys = pay_keys().wechatpay
    notices = WechatPayNotices(keys=keys, signer=lambda: (keys.public, keys.public_id), clock=state.clock)
    told = {
        "appid": keys.appid,
        "mchid": keys.mchid,
        "out_trade_no": "0" * 32,
        "transaction_id": "T1",
        "trade_state": "SUCCESS",
        "success_time": "2026-11-02T10:00:00+08:00",
        "payer": {"openid": "o1"},
        "amount": {"total": 100, "currency": "CNY"},
        **changes,
    }
    return notices.message(WECHATPAY, "TRANSACTION.SUCCESS", told, forgery)


async def send(http: httpx.AsyncClient, message: Message | None) -> httpx.Response:
    assert message is not None
    return await http.post(message.url, content=message.body, headers=dict(message.headers))


async def owed(state: State, home: Home) -> tuple[int, int]:
    account = (await state.hall.billing.accounts.load([home.account.id]))[home.account.id]
    return account.balance.owed, account.balance.prepaid


async def whys(state: State) -> list[str]:
    """Why there is a case of money, of each."""
    wanted = Wanted(region="zhejiang", units=("",), kinds=(CaseKind.UNMATCHED_MONEY,))
    page = await state.hall.billing.cases.cases.page(wanted, after=None, limit=50)
    return [dict(case.evidence)["why"] for case in page]


async def test_a_good_one_settles_once_however_often_and_at_once_it_comes(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    told = paid(state, await an_order(http, home))
    answers = await asyncio.gather(*(send(http, of_alipay(told)) for _ in range(6)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, "success")}
    assert await owed(state, home) == (0, 0)
    kept = await state.hall.billing.telling.callbacks.of_number(told["out_trade_no"])
    assert [(one["times"], "trade_status=TRADE_SUCCESS" in one["body"]) for one in kept] == [(6, True)]


async def test_no_forgery_of_alipay_is_taken_nor_kept(http: httpx.AsyncClient, state: State, home: Home) -> None:
    told = paid(state, await an_order(http, home))
    before = await owed(state, home)
    forged = [message for message in (of_alipay(told, forgery) for forgery in Forgery) if message]
    assert len(forged) == 6
    for message in forged:
        answer = await send(http, message)
        assert (answer.status_code, answer.json()["code"]) == (401, "callback.forged"), message
    assert await owed(state, home) == before
    assert await state.hall.billing.telling.callbacks.of_number(told["out_trade_no"]) == []


async def test_no_forgery_of_wechat_pay_is_taken_nor_kept(http: httpx.AsyncClient, state: State) -> None:
    for forgery in Forgery:
        answer = await send(http, of_wechatpay(state, forgery))
        assert (answer.status_code, answer.json()["code"]) == (401, "callback.forged"), forgery
    assert await state.hall.billing.telling.callbacks.of_number("0" * 32) == []
    assert await whys(state) == []


async def test_one_that_alipay_signed_and_that_cannot_be_read_changes_nothing(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    order, before = await an_order(http, home), await owed(state, home)
    for changes in (
        {"total_amount": "-1.00"},
        {"total_amount": "1.005"},
        {"total_amount": "1e3"},
        {"gmt_payment": "2026-11-02T10:00:00+08:00"},
        {"trade_no": ""},
        {"trade_status": "PAID"},
        {"app_id": ""},
    ):
        assert (await send(http, of_alipay(paid(state, order, **changes)))).status_code == 401, changes
    assert await owed(state, home) == before


async def test_one_that_wechat_pay_signed_and_that_cannot_be_read_is_refused(
    http: httpx.AsyncClient, state: State
) -> None:
    unreadable: list[dict[str, object]] = [
        {"amount": {"total": 100, "currency": "USD"}},
        {"amount": {"total": 0, "currency": "CNY"}},
        {"amount": {"total": True, "currency": "CNY"}},
        {"amount": {"total": "100", "currency": "CNY"}},
        {"success_time": "2026-11-02T10:00:00"},
        {"transaction_id": None},
        {"trade_state": "PAID"},
    ]
    for changes in unreadable:
        assert (await send(http, of_wechatpay(state, None, **changes))).status_code == 401, changes


async def test_what_is_no_callback_at_all_is_refused(http: httpx.AsyncClient) -> None:
    for body in (b"", b"x", b"[]", b"{}", b"\xff", b"a=1&a=2&sign=x&sign_type=RSA2"):
        for path in (WECHATPAY, f"{WECHATPAY}/refunds", ALIPAY):
            assert (await http.post(path, content=body)).status_code == 401, (path, body)


async def test_money_for_an_order_that_nobody_started_is_kept_and_opens_one_case(
    http: httpx.AsyncClient, state: State
) -> None:
    for _ in range(2):
        assert (await send(http, of_wechatpay(state, None))).status_code == 204
    assert await whys(state) == ["no_order"]
    (kept, again) = await state.hall.billing.telling.callbacks.of_number("0" * 32)
    assert kept["headers"]["wechatpay-signature"] != again["headers"]["wechatpay-signature"]


async def test_another_amount_than_was_ordered_is_not_posted_and_opens_a_case(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    told = paid(state, await an_order(http, home), total_amount="0.01")
    before = await owed(state, home)
    assert (await send(http, of_alipay(told))).text == "success"
    assert await owed(state, home) == before
    assert await whys(state) == ["other_amount"]


async def test_the_number_of_other_money_does_not_swallow_a_payment(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    other = await a_home(state, 2)
    first, second = await an_order(http, home), await an_order(http, other, key="87654321")
    assert (await send(http, of_alipay(paid(state, first)))).text == "success"
    before = await owed(state, other)
    clash = paid(state, second, trade_no=f"T{first['number']}")
    assert (await send(http, of_alipay(clash))).text == "success"
    assert (await owed(state, other), await whys(state)) == (before, ["number_taken"])
    assert (await send(http, of_alipay(paid(state, second)))).text == "success"
    assert await owed(state, other) == (0, 0)


async def test_a_bill_paid_by_two_orders_leaves_the_second_money_with_the_customer(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    first, second = await an_order(http, home), await an_order(http, home, key="87654321")
    for order in (first, second):
        assert (await send(http, of_alipay(paid(state, order)))).text == "success"
    assert await owed(state, home) == (0, second["amount"]["fen"])


async def test_no_callback_tells_a_stranger_which_payments_there_are(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    told = paid(state, await an_order(http, home))
    forged = (of_alipay(one, Forgery.WRONG_KEY) for one in (told, {**told, "out_trade_no": "x"}))
    assert len({(await send(http, message)).text[:40] for message in forged}) == 1


async def test_a_refund_that_nobody_asked_for_here_opens_a_case(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    order = await an_order(http, home)
    refund = {"out_biz_no": "R-console", "refund_fee": "1.00", "gmt_refund": "2026-11-02 10:00:00.123"}
    assert (await send(http, of_alipay(paid(state, order, **refund)))).text == "success"
    assert await whys(state) == ["no_refund"]

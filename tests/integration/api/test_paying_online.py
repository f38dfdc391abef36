"""Paying in the mini-program and in a browser, as a client asks for it."""

from typing import Any

import httpx
from strawberry import relay

from gridhall.api.state import State
from gridhall.kit.mongo import Transaction
from gridhall.simulators.app import Addresses
from tests.factories.homes import Home
from tests.factories.paying import confirm_in_wechat, confirm_page

PAY = """mutation($a: ID!, $b: ID!, $p: PaymentProvider!) {
  payBills(input: {accountId: $a, billIds: [$b], idempotencyKey: "paying-online", provider: $p}) {
    ... on PaymentReady { number payUrl wechatPay { timeStamp nonceStr package signType paySign } } } }"""


async def pay(http: httpx.AsyncClient, home: Home, provider: str) -> dict[str, Any]:
    ids = {"a": relay.GlobalID("Account", str(home.account.id)), "b": relay.GlobalID("Bill", str(home.bill.id))}
    variables = {**{name: str(id_) for name, id_ in ids.items()}, "p": provider}
    return dict((await http.post("/graphql", json={"query": PAY, "variables": variables}, headers=home.headers)).json())


async def test_wechat_pay_is_for_those_who_are_linked_to_wechat(
    http: httpx.AsyncClient, state: State, home: Home, stands: Addresses
) -> None:
    refused = await pay(http, home, "WECHAT_PAY")
    assert refused["errors"][0]["extensions"]["code"] == "WECHAT_NOT_LINKED"
    customers = state.hall.people.customers

    async def link(transaction: Transaction) -> None:
        await customers.link_openid(home.customer.id, "o-home", transaction=transaction)

    await state.mongo.transact(link)
    ready = (await pay(http, home, "WECHAT_PAY"))["data"]["payBills"]
    assert ready["payUrl"] is None
    async with httpx.AsyncClient(trust_env=False) as outside:
        assert (await confirm_in_wechat(outside, stands, ready["wechatPay"]))["errMsg"] == "requestPayment:ok"
    trade = await state.hall.providers["wechatpay"].query(ready["number"])
    assert trade.total == home.bill.total


async def test_alipay_is_a_page_for_everybody(http: httpx.AsyncClient, state: State, home: Home) -> None:
    ready = (await pay(http, home, "ALIPAY"))["data"]["payBills"]
    assert ready["wechatPay"] is None
    async with httpx.AsyncClient(trust_env=False) as outside:
        assert (await confirm_page(outside, ready["payUrl"]))["state"] == "paid"
    assert (await state.hall.providers["alipay"].query(ready["number"])).total == home.bill.total

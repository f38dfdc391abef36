"""Callbacks that are forged, old, changed, or sent again."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
from strawberry import relay

from gridhall.api.state import State
from gridhall.billing.accounts.model import Account
from gridhall.simulators.signatures import pay_headers
from tests.factories.homes import Home, a_home
from tests.factories.service import PAY_SECRET

URL = "/v1/webhooks/payments/simulated"


@pytest.fixture
async def home(state: State) -> Home:
    return await a_home(state, 1)


async def an_order(http: httpx.AsyncClient, home: Home, key: str = "12345678") -> dict[str, Any]:
    """What a provider would tell of the paid order that the home just started."""
    pay = """mutation($account: ID!, $bill: ID!, $key: String!) {
        payBills(input: {accountId: $account, billIds: [$bill], idempotencyKey: $key}) {
            ... on PaymentReady { number amount { fen } } } }"""
    ids = {
        "account": relay.GlobalID("Account", str(home.account.id)),
        "bill": relay.GlobalID("Bill", str(home.bill.id)),
    }
    variables = {**{name: str(id_) for name, id_ in ids.items()}, "key": key}
    answer = await http.post("/graphql", json={"query": pay, "variables": variables}, headers=home.headers)
    ready = answer.json()["data"]["payBills"]
    return {
        "out_trade_no": ready["number"],
        "transaction_id": f"T-{key}",
        "total_fen": ready["amount"]["fen"],
        "paid_at": "2026-11-02T10:00:00+08:00",
    }


async def tell(http: httpx.AsyncClient, state: State, told: object, *, secret: str = PAY_SECRET) -> httpx.Response:
    body = orjson.dumps(told)
    return await http.post(URL, content=body, headers=pay_headers(secret=secret, body=body, now=state.clock.now()))


async def account_of(state: State, home: Home) -> Account:
    return (await state.hall.billing.accounts.load([home.account.id]))[home.account.id]


async def owed(state: State, home: Home) -> tuple[int, int]:
    balance = (await account_of(state, home)).balance
    return balance.owed, balance.prepaid


async def test_a_good_one_settles_once_however_often_and_at_once_it_comes(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    told = await an_order(http, home)
    answers = await asyncio.gather(*(tell(http, state, told) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {204}
    assert await owed(state, home) == (0, 0)


async def test_one_that_is_not_signed_by_the_provider_is_forged(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    told = await an_order(http, home)
    before = await owed(state, home)
    body = orjson.dumps(told)
    good = pay_headers(secret=PAY_SECRET, body=body, now=state.clock.now())
    late = pay_headers(secret=PAY_SECRET, body=body, now=state.clock.now() - timedelta(minutes=6))
    early = pay_headers(secret=PAY_SECRET, body=body, now=state.clock.now() + timedelta(minutes=6))
    attempts: list[tuple[bytes, dict[str, str]]] = [
        (body, {}),
        (body, late),
        (body, early),
        (body, {**late, "X-Pay-Timestamp": good["X-Pay-Timestamp"]}),
        (body, {**good, "X-Pay-Nonce": "0" * 32}),
        (body, {**good, "X-Pay-Signature": good["X-Pay-Signature"].upper()}),
        (body, {**good, "X-Pay-Signature": ""}),
        (body + b" ", good),
        (body.replace(b"T-", b"U-"), good),
        (body, pay_headers(secret="demo-pay-secret", body=body, now=state.clock.now())),
    ]
    for sent, headers in attempts:
        answer = await http.post(URL, content=sent, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "callback.forged"), headers
    assert await owed(state, home) == before


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"total_fen": 1}, 404),
        ({"total_fen": -1}, 401),
        ({"total_fen": "100"}, 401),
        ({"total_fen": True}, 401),
        ({"total_fen": 1e30}, 401),
        ({"out_trade_no": "0" * 32}, 404),
        ({"out_trade_no": {"$ne": None}}, 404),
        ({"paid_at": "2026-11-02T10:00:00"}, 401),
        ({"paid_at": 5}, 401),
    ],
)
async def test_one_that_matches_no_payment_changes_nothing(
    http: httpx.AsyncClient, state: State, home: Home, change: dict[str, object], status: int
) -> None:
    told = {**await an_order(http, home), **change}
    before = await owed(state, home)
    assert (await tell(http, state, told)).status_code == status
    assert await owed(state, home) == before


@pytest.mark.parametrize("told", [None, [], "x", {}, {"out_trade_no": "x"}])
async def test_a_signed_one_that_is_no_payment_is_refused(http: httpx.AsyncClient, state: State, told: object) -> None:
    assert (await tell(http, state, told)).status_code == 401


async def test_the_number_of_other_money_does_not_swallow_a_payment(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    other = await a_home(state, 2)
    first, second = await an_order(http, home), await an_order(http, other, key="87654321")
    assert (await tell(http, state, first)).status_code == 204
    before = await owed(state, other)
    clash = await tell(http, state, {**second, "transaction_id": first["transaction_id"]})
    assert (clash.status_code, clash.json()["code"]) == (409, "callback.number_taken")
    assert await owed(state, other) == before
    assert (await tell(http, state, second)).status_code == 204
    assert await owed(state, other) == (0, 0)


async def test_a_bill_paid_by_two_orders_leaves_the_second_money_with_the_customer(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    first, second = await an_order(http, home), await an_order(http, home, key="87654321")
    assert (await tell(http, state, first)).status_code == (await tell(http, state, second)).status_code == 204
    assert await owed(state, home) == (0, second["total_fen"])


async def test_no_callback_tells_a_stranger_which_payments_there_are(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    told = await an_order(http, home)
    seen = {(await tell(http, state, one, secret="guessed")).text[:40] for one in (told, {**told, "out_trade_no": "x"})}
    assert len(seen) == 1

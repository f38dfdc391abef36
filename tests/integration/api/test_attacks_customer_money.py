"""Customers at money that is not theirs: as strangers, as members, as those who only look on; and odd callbacks."""

import asyncio
import gzip
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from strawberry import relay

from gridhall.api.state import State
from gridhall.crm.customers.model import Binding, Role
from gridhall.simulators.paying.alipay.notices import Notices as AlipayNotices
from gridhall.simulators.paying.alipay.views import local
from gridhall.simulators.paying.deliveries import Message
from gridhall.simulators.paying.wechatpay.notices import Notices as WechatPayNotices
from tests.factories.homes import Home, a_home
from tests.factories.paying import pay_keys

WECHATPAY, ALIPAY = "/v1/webhooks/payments/wechatpay", "/v1/webhooks/payments/alipay"
SAYS = "__typename ... on Refused { code }"
STEPS = {
    "topUp": '(input: {accountId: "%(account)s", fen: 1000, idempotencyKey: "12345678"})',
    "payBills": '(input: {accountId: "%(account)s", billIds: ["%(bill)s"], idempotencyKey: "12345678"})',
    "setAutoTopUp": '(input: {accountId: "%(account)s", belowFen: 1, amountFen: 1000, dailyMostFen: 1000})',
    "revokeAutoTopUp": '(accountId: "%(account)s")',
    "promiseToPay": '(input: {accountId: "%(account)s", by: "2026-12-01"})',
    "disputeBill": '(input: {billId: "%(bill)s", reason: "far too much"})',
    "requestInvoice": '(input: {billId: "%(bill)s", title: {kind: PERSON, name: "王"}})',
}
EVERYTHING = """query($id: ID!, $bill: ID!) { account: node(id: $id) { ... on Account {
  ledger { edges { node { text } } } refunds { state } bankMandate { bank } arrears { state }
  tariffOptions { __typename } prepayment { mode } } } bill: node(id: $bill) { ... on Bill { explanation { __typename }
  number } } }"""


def ids_of(home: Home) -> dict[str, str]:
    kinds = {"account": ("Account", home.account.id), "bill": ("Bill", home.bill.id)}
    return {name: str(relay.GlobalID(kind, str(one))) for name, (kind, one) in kinds.items()}


async def asked(http: httpx.AsyncClient, home: Home, document: str, **variables: object) -> dict[str, Any]:
    answer = await http.post("/graphql", json={"query": document, "variables": variables}, headers=home.headers)
    told: dict[str, Any] = answer.json()
    return told


async def outcomes(http: httpx.AsyncClient, home: Home, ids: dict[str, str]) -> dict[str, str]:
    """What came of each step: the code of its refusal, or the name of what it did."""
    found = {}
    for name, step in STEPS.items():
        below = "autoTopUp { since }" if name == "revokeAutoTopUp" else ""
        said = below or (SAYS if name not in {"topUp", "payBills"} else "__typename")
        told = await asked(http, home, f"mutation {{ {name}{step % ids} {{ {said} }} }}")
        done = (told.get("data") or {}).get(name) or {}
        found[name] = told["errors"][0]["extensions"]["code"] if "errors" in told else done.get("code", "done")
    return found


async def bound(state: State, home: Home, other: Home, role: Role) -> Home:
    """Another customer who is bound to the home's account as well."""
    await state.hall.people.customers.bind(other.customer.id, Binding(home.account.id, role, state.clock.now()))
    return other


async def test_a_stranger_does_and_reads_nothing(http: httpx.AsyncClient, state: State, home: Home) -> None:
    stranger, ids = await a_home(state, 2), ids_of(home)
    told = await outcomes(http, stranger, ids)
    assert set(told.values()) <= {"FORBIDDEN", "NOT_FOUND"}, told
    read = await asked(http, stranger, EVERYTHING, id=ids["account"], bill=ids["bill"])
    assert read["data"] == {"account": None, "bill": None}


async def test_who_only_looks_on_does_nothing(http: httpx.AsyncClient, state: State, home: Home) -> None:
    viewer = await bound(state, home, await a_home(state, 2), Role.VIEWER)
    told = await outcomes(http, viewer, ids_of(home))
    assert set(told.values()) <= {"FORBIDDEN", "NOT_FOUND"}, told


async def test_a_member_lets_nothing_be_collected_from_the_owners_card(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    member = await bound(state, home, await a_home(state, 2), Role.MEMBER)
    told = await outcomes(http, member, ids_of(home))
    assert {name for name, code in told.items() if code == "FORBIDDEN"} == {"setAutoTopUp"}, told


async def test_no_number_is_found_by_many_questions_in_one_document(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    other = await a_home(state, 2)
    many = " ".join(f'n{n}: payableByNumber(accountNumber: "330199{n:04d}") {{ owed {{ fen }} }}' for n in range(1, 21))
    told = await asked(http, other, f"{{ viewer {{ {many} }} }}")
    found = [one for one in ((told.get("data") or {}).get("viewer") or {}).values() if one]
    assert len(found) <= 3
    assert "TOO_OFTEN" in {one["extensions"]["code"] for one in told["errors"]}
    pays = " ".join(
        f'n{n}: payForOther(input: {{accountNumber: "{other.account.number}", fen: 100, idempotencyKey: "1234567{n}"}})'
        " { __typename }"
        for n in range(1, 6)
    )
    told = await asked(http, home, f"mutation {{ {pays} }}")
    assert "TOO_OFTEN" in {one["extensions"]["code"] for one in told["errors"]}


async def test_amounts_that_are_none_start_no_payment(http: httpx.AsyncClient, home: Home) -> None:
    ids = ids_of(home)
    for fen in ("0", "-1", "2147483647", "-2147483648", "2147483648", "1e3", "1.5", '"100"', "NaN"):
        for step in (
            f'topUp(input: {{accountId: "{ids["account"]}", fen: {fen}, idempotencyKey: "12345678"}})',
            f'payForOther(input: {{accountNumber: "{home.account.number}", fen: {fen}, idempotencyKey: "12345678"}})',
        ):
            told = await asked(http, home, f"mutation {{ pay: {step} {{ __typename }} }}")
            codes = {one["extensions"]["code"] for one in told.get("errors") or ()}
            assert "INTERNAL" not in codes, told
            assert codes or told["data"]["pay"]["__typename"] == "AmountNotAllowed", (step, told)


async def test_ten_thousand_bills_and_days_far_off_are_refused(http: httpx.AsyncClient, home: Home) -> None:
    ids = ids_of(home)
    pay = "mutation($i: PayBillsInput!) { payBills(input: $i) { __typename } }"
    for count in (0, 2, 200, 1_000):
        many = {"accountId": ids["account"], "billIds": [ids["bill"]] * count, "idempotencyKey": "12345678"}
        assert (await asked(http, home, pay, i=many))["errors"][0]["extensions"]["code"] == "BAD_INPUT", count
    too_many = {"query": pay, "variables": {"i": many | {"billIds": [ids["bill"]] * 10_000}}}
    assert (await http.post("/graphql", json=too_many, headers=home.headers)).status_code in {200, 413}
    for day in ("0001-01-01", "9999-12-31", "2026-02-30", "１-1-1"):
        promise = f'promiseToPay(input: {{accountId: "{ids["account"]}", by: "{day}"}}) {{ {SAYS} }}'
        told = await asked(http, home, f"mutation {{ {promise} }}")
        codes = {one["extensions"]["code"] for one in told.get("errors") or ()}
        assert "INTERNAL" not in codes, told
        assert codes or told["data"]["promiseToPay"]["__typename"] == "Refused"


@pytest.mark.parametrize("written", [str, str.upper, lambda id_: id_.replace("-", "")], ids=["same", "upper", "plain"])
async def test_an_account_is_paid_once_in_a_payment_however_its_id_is_written(
    http: httpx.AsyncClient, home: Home, written: Callable[[str], str]
) -> None:
    pay = "mutation($i: PayBillsInput!) { payBills(input: $i) { __typename } }"
    ids = [str(relay.GlobalID("Account", way(str(home.account.id)))) for way in (str, written)]
    accounts = [{"accountId": id_, "fen": 100} for id_ in ids]
    told = await asked(http, home, pay, i={"accounts": accounts, "idempotencyKey": "12345678"})
    assert told["errors"][0]["extensions"]["code"] == "BAD_INPUT", told


def told_of(state: State, number: str, **changes: str) -> Message:
    """What Alipay says of an order with our number."""
    keys, now = pay_keys().alipay, local(state.clock.now())
    told = {"notify_time": now, "app_id": keys.app_id, "seller_id": keys.seller_id, "trade_no": "T1"}
    told |= {"out_trade_no": number, "trade_status": "TRADE_SUCCESS", "total_amount": "1.00", "gmt_payment": now}
    message = AlipayNotices(keys=keys).message(ALIPAY, told | changes, None)
    assert message is not None
    return message


async def send(http: httpx.AsyncClient, message: Message, **headers: str) -> httpx.Response:
    return await http.post(message.url, content=message.body, headers=dict(message.headers) | headers)


class TestOddCallbacks:
    async def test_of_one_provider_for_an_order_at_the_other_pay_nothing(
        self, http: httpx.AsyncClient, state: State, home: Home
    ) -> None:
        step = f'payBills(input: {{accountId: "{ids_of(home)["account"]}", idempotencyKey: "12345678"}})'
        told = await asked(http, home, f"mutation {{ {step} {{ ... on PaymentReady {{ number }} }} }}")
        keys, number = pay_keys().wechatpay, told["data"]["payBills"]["number"]
        notices = WechatPayNotices(keys=keys, signer=lambda: (keys.public, keys.public_id), clock=state.clock)
        said = {
            "appid": keys.appid,
            "mchid": keys.mchid,
            "out_trade_no": number,
            "transaction_id": "W1",
            "trade_state": "SUCCESS",
            "success_time": "2026-11-02T10:00:00+08:00",
            "payer": {"openid": "o1"},
            "amount": {"total": home.bill.total, "currency": "CNY"},
        }
        message = notices.message(WECHATPAY, "TRANSACTION.SUCCESS", said, None)
        assert message is not None
        assert (await send(http, message)).status_code == 204
        account = (await state.hall.billing.accounts.load([home.account.id]))[home.account.id]
        assert account.balance.owed == home.bill.total
        assert (await send(http, replace(message, url=ALIPAY))).status_code == 401

    async def test_are_refused_in_any_coat(self, http: httpx.AsyncClient, state: State) -> None:
        message = told_of(state, "0" * 32)
        bomb = gzip.compress(b"0" * 50_000_000)
        for body, kind in (
            (gzip.compress(message.body), "gzip"),
            (bomb, "gzip"),
            (message.body + b"\x00", "identity"),
            (message.body[:-1], "identity"),
        ):
            answer = await send(http, replace(message, body=body), **{"content-encoding": kind})
            assert answer.status_code in {401, 413}, kind
            assert "Traceback" not in answer.text
        large = await http.post(ALIPAY, content=b"a=" + b"1" * 20_000_000)
        assert large.status_code == 413

    async def test_that_are_true_are_taken_whatever_kind_they_say_they_are(
        self, http: httpx.AsyncClient, state: State
    ) -> None:
        for kind in ("text/html", "multipart/form-data; boundary=x", "application/json", ""):
            answer = await send(http, told_of(state, "0" * 32), **{"content-type": kind})
            assert answer.status_code in {200, 401}, kind

    async def test_that_come_too_slowly_are_put_off(self, http: httpx.AsyncClient) -> None:
        async def slowly():  # type: ignore[no-untyped-def] # noqa: ANN202 - an async generator of bytes
            yield b"a="
            await asyncio.sleep(5)
            yield b"1"

        assert (await http.post(ALIPAY, content=slowly())).status_code in {401, 503}

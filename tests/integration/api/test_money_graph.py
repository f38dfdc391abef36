"""Money through the front door: paying for several, ahead and for others; the counter, refunds and the statement."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from strawberry import relay

from gridhall.api.state import State
from gridhall.crm.agents.model import Agent, AgentRole
from gridhall.crm.customers.model import Binding, Role
from tests.factories.agents import an_agent, headers_of
from tests.factories.homes import Home, a_home

STARTED = """__typename
  ... on PaymentReady { number amount { fen } payUrl parts { accountNumber amount { fen } } }
  ... on AmountNotAllowed { least { fen } most { fen } }
  ... on NothingIsOwed { accountNumber }"""
PAY = f"mutation($i: PayBillsInput!) {{ payBills(input: $i) {{ {STARTED} }} }}"
TOP_UP = f"mutation($i: TopUpInput!) {{ topUp(input: $i) {{ {STARTED} }} }}"
PAY_OTHER = f"mutation($i: PayForOtherInput!) {{ payForOther(input: $i) {{ {STARTED} }} }}"
PAYABLE = "query($n: String!) { viewer { payableByNumber(accountNumber: $n) { accountNumber holder owed { fen } } } }"
LEDGER = """{ viewer { accounts { balance { prepaid { fen } owed { fen } } refunds { state amount { fen } }
  ledger(first: 1) { pageInfo { hasNextPage endCursor }
    edges { node { kind text owed { fen } owedAfter { fen } prepaidAfter { fen } } } } } } }"""

Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def ask(http: httpx.AsyncClient) -> Ask:
    async def asked(headers: dict[str, str], query: str, **variables: object) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        answer = await http.post("/graphql", json=body, headers=headers)
        told: dict[str, Any] = answer.json()
        return told

    return asked


def account_id(home: Home) -> str:
    return str(relay.GlobalID("Account", str(home.account.id)))


def desk_id(home: Home) -> str:
    return str(relay.GlobalID("DeskAccount", str(home.account.id)))


class TestPaying:
    async def test_several_accounts_are_paid_in_one_go_one_of_them_in_part(
        self, ask: Ask, state: State, home: Home
    ) -> None:
        other = await a_home(state, 2)
        binding = Binding(other.account.id, Role.MEMBER, state.clock.now())
        await state.hall.people.customers.bind(home.customer.id, binding)
        accounts = [{"accountId": account_id(home)}, {"accountId": account_id(other), "fen": 150}]
        told = await ask(home.headers, PAY, i={"accounts": accounts, "idempotencyKey": "12345678"})
        ready = told["data"]["payBills"]
        assert ready["amount"]["fen"] == home.bill.total + 150
        assert all("*" in part["accountNumber"] for part in ready["parts"])
        own = await ask(home.headers, "{ viewer { payments { edges { node { number state } } } } }")
        assert own["data"]["viewer"]["payments"]["edges"] == [{"node": {"number": ready["number"], "state": "STARTED"}}]

    async def test_a_malformed_id_is_told_in_the_callers_language(self, ask: Ask, home: Home) -> None:
        told = await ask(home.headers, PAY, i={"accountId": "nonsense", "idempotencyKey": "12345678"})
        (error,) = told["errors"]
        assert (error["extensions"]["code"], error["message"]) == ("BAD_INPUT", "accountId：须为 Account 的 id。")
        bills = {"accountId": account_id(home), "billIds": ["%"], "idempotencyKey": "12345678"}
        assert (await ask(home.headers, PAY, i=bills))["errors"][0]["message"] == "billIds：须为 Bill 的 id。"

    @pytest.mark.parametrize("fen", [0, 99, -5, 5_000_001])
    async def test_a_top_up_lies_within_what_is_allowed(self, ask: Ask, home: Home, fen: int) -> None:
        told = await ask(
            home.headers, TOP_UP, i={"accountId": account_id(home), "fen": fen, "idempotencyKey": "12345678"}
        )
        assert told["data"]["topUp"] == {
            "__typename": "AmountNotAllowed",
            "least": {"fen": 100},
            "most": {"fen": 5_000_000},
        }

    async def test_a_top_up_is_started(self, ask: Ask, home: Home) -> None:
        wanted = {"accountId": account_id(home), "fen": 20_000, "idempotencyKey": "12345678"}
        told = await ask(home.headers, TOP_UP, i=wanted)
        assert (told["data"]["topUp"]["__typename"], told["data"]["topUp"]["amount"]["fen"]) == ("PaymentReady", 20_000)


class TestPayingForOthers:
    async def test_a_stranger_learns_the_amount_and_pays_it_and_sees_nothing_else(
        self, ask: Ask, state: State, home: Home
    ) -> None:
        payer = await a_home(state, 2)
        found = await ask(payer.headers, PAYABLE, n=home.account.number)
        assert found["data"]["viewer"]["payableByNumber"] == {
            "accountNumber": f"330{'*' * (len(home.account.number) - 6)}{home.account.number[-3:]}",
            "holder": "住***",
            "owed": {"fen": home.bill.total},
        }
        wanted = {"accountNumber": home.account.number, "idempotencyKey": "12345678"}
        told = await ask(payer.headers, PAY_OTHER, i=wanted)
        assert told["data"]["payForOther"]["amount"]["fen"] == home.bill.total
        for secret in (home.account.number, home.account.address, str(home.customer.name), home.bill.number):
            assert secret not in str(found) + str(told)
        refused = await ask(payer.headers, PAY, i={"accountId": account_id(home), "idempotencyKey": "87654321"})
        assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_numbers_cannot_be_tried_out(self, ask: Ask, home: Home) -> None:
        for number in ("3301000001", "3301000002", "3301000003"):
            told = await ask(home.headers, PAYABLE, n=number)
            assert told["data"]["viewer"]["payableByNumber"] is None
        told = await ask(home.headers, PAYABLE, n=home.account.number)
        assert told["errors"][0]["extensions"]["code"] == "TOO_OFTEN"
        assert told["errors"][0]["message"] == "按户号查询过于频繁，请稍后再试。"
        wanted = {"accountNumber": home.account.number, "idempotencyKey": "12345678"}
        assert (await ask(home.headers, PAY_OTHER, i=wanted))["errors"][0]["extensions"]["code"] == "TOO_OFTEN"


OPEN = """mutation { openShift(input: {region: "zhejiang", orgPath: "grid", floatFen: 0, idempotencyKey: "monday-1"}) {
  __typename ... on ShiftChanged { shift { id state } } } }"""
TAKE = """mutation($i: TakeCashInput!) { takeCash(input: $i) { __typename
  ... on ReceiptWritten { receipt { number text toPrepaid { fen } } } ... on Refused { code } } }"""
CLOSE = """mutation($c: [CountedInput!]!) { closeShift(counted: $c) { __typename
  ... on ShiftChanged { shift { id difference { fen } } } ... on Refused { code } } }"""
OVER = "mutation($id: ID!) { takeOverShift(id: $id) { __typename ... on Refused { code } } }"
REFUND = """mutation($i: AskRefundInput!) { askRefund(input: $i) { __typename
  ... on RefundAsked { refund { number state } } ... on Refused { code } } }"""
PAY_OUT = "mutation($n: String!) { payOutRefund(number: $n) { __typename ... on Refused { code } } }"


class TestCounter:
    async def test_a_shift_from_its_first_receipt_to_its_hand_over(self, ask: Ask, state: State, home: Home) -> None:
        cashier = await an_agent(state, "chen", role=AgentRole.CASHIER)
        boss = await an_agent(state, "boss", role=AgentRole.SUPERVISOR)

        async def by(agent: Agent, query: str, **variables: object) -> dict[str, Any]:
            told = await ask(headers_of(state, agent), query, **variables)
            assert "errors" not in told, told
            (answer,) = told["data"].values()
            return dict(answer)

        fen = home.bill.total + 5_000
        taken = {"accountId": desk_id(home), "fen": fen, "idempotencyKey": "receipt-1"}
        assert (await by(cashier, TAKE, i=taken))["code"] == "NO_SHIFT"
        shift = (await by(cashier, OPEN))["shift"]["id"]
        receipt = (await by(cashier, TAKE, i=taken))["receipt"]
        assert (await by(cashier, TAKE, i=taken))["receipt"] == receipt
        assert receipt["toPrepaid"]["fen"] == 5_000
        assert receipt["number"] in receipt["text"]
        assert home.account.number not in receipt["text"]

        wanted = {"accountId": desk_id(home), "fen": 5_000, "way": "CASH", "reason": "moved away"}
        asked = await by(cashier, REFUND, i=wanted | {"idempotencyKey": "refund-1"})
        assert asked["refund"]["state"] == "APPROVED"
        assert (await by(cashier, REFUND, i=wanted | {"idempotencyKey": "refund-2"}))["code"] == "TOO_MUCH"
        paid = await by(cashier, PAY_OUT, n=asked["refund"]["number"])
        assert paid["__typename"] == "RefundPaidOut"
        assert (await by(cashier, PAY_OUT, n=asked["refund"]["number"]))["code"] == "NOT_FOUND"

        closed = await by(cashier, CLOSE, c=[{"denomination": 100, "pieces": 1}])
        assert closed["shift"]["difference"]["fen"] == 100 - home.bill.total
        assert (await by(cashier, OVER, id=shift))["code"] == "NOT_NOW"
        assert (await by(boss, OVER, id=shift))["__typename"] == "ShiftChanged"

        (account,) = (await ask(home.headers, LEDGER))["data"]["viewer"]["accounts"]
        assert account["balance"] == {"prepaid": {"fen": 0}, "owed": {"fen": 0}}
        assert account["refunds"] == [{"state": "DONE", "amount": {"fen": 5_000}}]
        (edge,) = account["ledger"]["edges"]
        assert edge["node"] == {
            "kind": "REFUND",
            "text": "退款",
            "owed": {"fen": 0},
            "owedAfter": {"fen": 0},
            "prepaidAfter": {"fen": 0},
        }
        assert account["ledger"]["pageInfo"]["hasNextPage"]

    @pytest.mark.parametrize("role", [AgentRole.AGENT, AgentRole.REVIEWER, AgentRole.ACCOUNTANT])
    async def test_who_is_no_cashier_takes_no_cash(self, ask: Ask, state: State, home: Home, role: AgentRole) -> None:
        agent = await an_agent(state, "other", role=role)
        taken = {"accountId": desk_id(home), "fen": 100, "idempotencyKey": "receipt-1"}
        for query, variables in ((OPEN, {}), (TAKE, {"i": taken})):
            told = await ask(headers_of(state, agent), query, **variables)
            assert told["errors"][0]["extensions"]["code"] == "FORBIDDEN"


ADD_MANDATE = """mutation($i: AddMandateInput!) { addMandate(input: $i) { __typename
  ... on MandateChanged { mandate { bank cardEnd toDay } } ... on Refused { code message } } }"""
END_MANDATE = """mutation($id: ID!) { endMandate(accountId: $id) { __typename
  ... on MandateChanged { mandate { toDay } } ... on Refused { code } } }"""


async def test_a_mandate_is_noted_seen_by_its_end_only_and_ended(ask: Ask, state: State, home: Home) -> None:
    keeper = headers_of(state, await an_agent(state, "books", role=AgentRole.ACCOUNTANT))
    signed = {
        "accountId": desk_id(home),
        "bank": "icbc",
        "card": "6222000011112222",
        "holder": "住户1号",
        "signedAt": "2026-10-01T10:00:00+08:00",
    }
    for _ in range(2):
        told = (await ask(keeper, ADD_MANDATE, i=signed))["data"]["addMandate"]
        assert told["mandate"] == {"bank": "icbc", "cardEnd": "2222", "toDay": None}
    other = await ask(keeper, ADD_MANDATE, i=signed | {"card": "6222000011113333"})
    assert other["data"]["addMandate"]["code"] == "NOT_NOW"
    bad = await ask(keeper, ADD_MANDATE, i=signed | {"card": "62-22"})
    assert bad["data"]["addMandate"]["message"].startswith("card:")
    seen = await ask(home.headers, "{ viewer { accounts { bankMandate { bank cardEnd } } } }")
    assert seen["data"]["viewer"]["accounts"] == [{"bankMandate": {"bank": "icbc", "cardEnd": "2222"}}]
    assert (await ask(keeper, END_MANDATE, id=desk_id(home)))["data"]["endMandate"]["mandate"]["toDay"]
    assert (await ask(keeper, END_MANDATE, id=desk_id(home)))["data"]["endMandate"]["code"] == "NOT_FOUND"
    cashier = headers_of(state, await an_agent(state, "chen", role=AgentRole.CASHIER))
    assert (await ask(cashier, ADD_MANDATE, i=signed))["errors"][0]["extensions"]["code"] == "FORBIDDEN"

"""Prepayment and invoices through the front door: what is left, by consent and by two persons; an invoice as a file."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from strawberry import relay

from gridhall.api.state import State
from gridhall.billing.bank.model import Mandate, mandate_id
from gridhall.billing.invoices.operations import go_on
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.prepayment.watching import watch
from gridhall.crm.agents.model import Agent, AgentRole
from gridhall.kit.money import Fen
from gridhall.kit.settings import Settings
from gridhall.simulators.app import Addresses
from tests.factories.agents import an_agent, headers_of
from tests.factories.homes import Home, a_home

SWITCH = """mutation($id: ID!, $to: PaymentMode!) { switchMode(input: {accountId: $id, to: $to, reason: "asked for"}) {
  __typename ... on Refused { code } ... on ApprovalAsked { approval { id state } } } }"""
APPROVE = 'mutation($id: ID!) { approveRequest(input: {id: $id, reason: "looked at it"}) { __typename } }'
TOP_UP = """mutation($id: ID!, $amount: Int!) { setAutoTopUp(input: {accountId: $id, belowFen: 3000,
  amountFen: $amount, dailyMostFen: 20000}) { __typename ... on Refused { code } } }"""
SHOW = """query($id: ID!) { node(id: $id) { ... on Account { prepayment { mode modeTomorrow balance { fen }
  provisional { fen } paidAhead { fen } level days { days fen } autoTopUp { amount { fen } } } } } }"""
INVOICE = """mutation($id: ID!, $title: InvoiceTitleInput) { requestInvoice(input: {billId: $id, title: $title}) {
  __typename ... on Refused { code } ... on InvoiceRequested { invoice { state title net { fen } tax { fen } } } } }"""
SHOW_INVOICE = "query($id: ID!) { node(id: $id) { ... on Bill { invoice { state number pdfUrl ofdUrl } } } }"
FIRM = {"kind": "FIRM", "name": "杭州某某有限公司", "taxNumber": "91330100MA27X12345"}


@pytest.fixture
def settings(settings: Settings, stands: Addresses) -> Settings:
    return settings.model_copy(update={"tax_url": stands.tax_url, "tax_key": SecretStr("api-tax")})


async def ask(http: httpx.AsyncClient, headers: dict[str, str], query: str, **variables: object) -> dict[str, Any]:
    answer = await http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    told: dict[str, Any] = answer.json()
    return told


def account_of(home: Home, kind: str = "Account") -> str:
    return str(relay.GlobalID(kind, str(home.account.id)))


async def pay(state: State, home: Home, fen: int) -> None:
    now = state.clock.now()
    money = PaymentReceived.for_account("bank", f"{fen}", home.account.id, Fen(fen), now)
    await settle(payments=state.hall.billing.payments, payment=money, cash=Book.CASH_BANK, now=now)


async def switched(http: httpx.AsyncClient, state: State, home: Home, asks: Agent) -> dict[str, Any]:
    told = await ask(http, headers_of(state, asks), SWITCH, id=account_of(home, "DeskAccount"), to="PREPAID")
    return dict(told["data"]["switchMode"])


async def test_two_persons_switch_an_account_that_owes_nothing(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    agent = await an_agent(state)
    refused = await switched(http, state, home, agent)
    assert refused == {"__typename": "Refused", "code": "NOT_NOW"}
    await pay(state, home, home.bill.total + 5000)
    assert (await ask(http, home.headers, SHOW, id=account_of(home)))["data"]["node"]["prepayment"] is None
    asked = await switched(http, state, home, agent)
    assert asked["approval"]["state"] == "WAITING"
    supervisor = await an_agent(state, "zhao.lei", role=AgentRole.SUPERVISOR)
    await ask(http, headers_of(state, supervisor), APPROVE, id=asked["approval"]["id"])
    await watch(prepaying=state.hall.billing.prepaying, account_ids=[home.account.id], now=state.clock.now())
    shown = (await ask(http, home.headers, SHOW, id=account_of(home)))["data"]["node"]["prepayment"]
    assert (shown["mode"], shown["modeTomorrow"]) == ("POST_PAID", "PREPAID")
    assert shown["paidAhead"]["fen"] == 5000
    assert shown["balance"]["fen"] == 5000 - shown["provisional"]["fen"]
    assert sum(shown["days"]["fen"]) == shown["provisional"]["fen"]


async def test_a_consent_needs_a_mandate_is_shown_and_taken_back(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    no_prepayment = await ask(http, home.headers, TOP_UP, id=account_of(home), amount=10000)
    assert no_prepayment["data"]["setAutoTopUp"]["code"] == "NOT_NOW"
    await pay(state, home, home.bill.total)
    asked = await switched(http, state, home, await an_agent(state))
    supervisor = await an_agent(state, "zhao.lei", role=AgentRole.SUPERVISOR)
    await ask(http, headers_of(state, supervisor), APPROVE, id=asked["approval"]["id"])
    assert (await ask(http, home.headers, TOP_UP, id=account_of(home), amount=10000))["data"]["setAutoTopUp"][
        "code"
    ] == "NOT_NOW"
    now = state.clock.now()
    card = "6222020000000000001"
    mandate = Mandate(
        id=mandate_id(account_id=home.account.id, card=card, signed_at=now),
        account_id=home.account.id,
        region="zhejiang",
        bank="icbc",
        card=card,
        holder="王小明",
        from_day=now.date().replace(day=1),
        signed_at=now,
    )
    await state.hall.billing.collecting.mandates.add(mandate)
    bad = await ask(http, home.headers, TOP_UP, id=account_of(home), amount=999)
    assert bad["data"]["setAutoTopUp"]["code"] == "BAD_INPUT"
    done = await ask(http, home.headers, TOP_UP, id=account_of(home), amount=10000)
    assert done["data"]["setAutoTopUp"]["__typename"] == "AutoTopUpSet"
    shown = (await ask(http, home.headers, SHOW, id=account_of(home)))["data"]["node"]["prepayment"]
    assert shown["autoTopUp"] == {"amount": {"fen": 10000}}
    revoke = "mutation($id: ID!) { revokeAutoTopUp(accountId: $id) { autoTopUp { since } } }"
    assert (await ask(http, home.headers, revoke, id=account_of(home)))["data"]["revokeAutoTopUp"]["autoTopUp"] is None
    stranger = await a_home(state, 2)
    foreign = await ask(http, stranger.headers, TOP_UP, id=account_of(home), amount=10000)
    assert foreign["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_an_invoice_is_requested_and_opened_by_its_signed_link_alone(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    bill = str(relay.GlobalID("Bill", str(home.bill.id)))
    early = await ask(http, home.headers, INVOICE, id=bill, title=FIRM)
    assert early["data"]["requestInvoice"]["code"] == "NOT_NOW"
    await pay(state, home, home.bill.total)
    bad = await ask(http, home.headers, INVOICE, id=bill, title={"kind": "FIRM", "name": "某某公司"})
    assert bad["data"]["requestInvoice"]["code"] == "BAD_INPUT"
    invoice = (await ask(http, home.headers, INVOICE, id=bill, title=FIRM))["data"]["requestInvoice"]["invoice"]
    assert invoice["net"]["fen"] + invoice["tax"]["fen"] == home.bill.total
    await go_on(invoicing=state.hall.billing.invoicing, platform=state.tax, now=state.clock.now())
    shown = (await ask(http, home.headers, SHOW_INVOICE, id=bill))["data"]["node"]["invoice"]
    assert (shown["state"], len(shown["number"])) == ("ISSUED", 20)
    for url, start in ((shown["pdfUrl"], b"%PDF"), (shown["ofdUrl"], b"PK")):
        path = url.removeprefix("http://api.test")
        opened = await http.get(path)
        assert (opened.status_code, opened.content[: len(start)]) == (200, start)
        assert (await http.get(f"{path[:-1]}0" if path[-1] != "0" else f"{path[:-1]}1")).status_code == 403
    stranger = await a_home(state, 2)
    path = shown["pdfUrl"].removeprefix("http://api.test").partition("?")[0]
    assert (await http.get(path, headers=stranger.headers)).status_code == 404
    assert (await http.get(path)).status_code == 401
    foreign = await ask(http, stranger.headers, INVOICE, id=bill, title=FIRM)
    assert foreign["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_the_desk_sees_failed_invoices_of_its_district_without_the_title(
    http: httpx.AsyncClient, state: State, home: Home
) -> None:
    await pay(state, home, home.bill.total)
    bill = str(relay.GlobalID("Bill", str(home.bill.id)))
    await ask(http, home.headers, INVOICE, id=bill, title=FIRM)
    invoices = state.hall.billing.invoicing.invoices
    ((made,),) = (await invoices.of_bills([home.bill.id])).values()
    await invoices.put(replace(made.failed("购方税号不存在")), was=made)
    reviewer = await an_agent(state, "qian.hong", role=AgentRole.REVIEWER)
    listed = '{ desk { failedInvoices(region: "zhejiang") { edges { node { id why billNumber } } } } }'
    told = await ask(http, headers_of(state, reviewer), listed)
    (edge,) = told["data"]["desk"]["failedInvoices"]["edges"]
    assert edge["node"]["why"] == "购方税号不存在"
    assert FIRM["name"] not in str(told)
    retry = "mutation($id: ID!) { retryInvoice(id: $id) { __typename } }"
    again = await ask(http, headers_of(state, reviewer), retry, id=edge["node"]["id"])
    assert again["data"]["retryInvoice"]["__typename"] == "InvoiceRetried"

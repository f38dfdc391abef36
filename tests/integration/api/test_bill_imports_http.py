"""A supplier's billing system that hands its bills in over HTTP."""

import gzip
import io
from datetime import date
from typing import Any

import httpx
import orjson
import pytest
from pypdf import PdfReader
from strawberry import relay

from gridhall.api.state import State
from gridhall.billing import regions as served
from gridhall.billing.accounts.model import Account
from gridhall.crm.customers.model import Binding, Customer, Role
from gridhall.crm.customers.repository import new_customer_id
from gridhall.metering.feed.clients import add_client
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from tests.factories.accounts import an_account, point_of
from tests.factories.agents import an_agent, headers_of
from tests.factories.bills import a_bill_drafted
from tests.factories.reads import a_read
from tests.factories.supplier_bills import shadow_regions, told

NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(autouse=True)
def in_shadow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "regions", shadow_regions("zhejiang"))


@pytest.fixture
async def account(app: tuple[httpx.AsyncClient, State]) -> Account:
    _, state = app
    made = an_account(1)
    await state.hall.billing.accounts.add([made])
    await record_reads(reads=reads_of(made), registers=RegisterRepository(state.mongo), now=state.clock.now())
    return made


def reads_of(account: Account) -> list[Any]:
    days = ((date(2026, 1, 1), "1000.00"), (date(2026, 2, 1), "1200.00"))
    return [a_read(point_of(account), day, shown, meter="M1") for day, shown in days]


async def a_token(state: State, *scopes: Any, name: str = "sap") -> str:  # noqa: ANN401 - also such as there are not
    return await add_client(
        name=name, regions=["zhejiang"], scopes=scopes, clients=state.metering.clients, now=state.clock.now()
    )


async def test_bills_come_once_whatever_the_key_and_a_key_stands_for_one_body(
    app: tuple[httpx.AsyncClient, State], account: Account
) -> None:
    http, state = app
    token = await a_token(state, "bills")
    bill = told(a_bill_drafted(account, "2026-01", *reads_of(account)), account.number, "SAP-1")
    headers = {**NDJSON, "Authorization": f"Bearer {token}", "Idempotency-Key": "k1"}
    body = orjson.dumps(bill) + b"\n{}\n"
    first = await http.post("/v1/billing/bills", content=body, headers=headers)
    assert first.status_code == 200, first.text
    answer = first.json()
    assert (answer["accepted"], answer["verified"], answer["refused"]) == (1, 1, 1)
    assert (answer["refusals"][0]["line"], answer["refusals"][0]["field"]) == (2, "number")
    replayed = await http.post("/v1/billing/bills", content=body, headers=headers)
    assert replayed.headers["Idempotency-Replayed"] == "true"
    assert replayed.json() == {**answer, "replayed": True}
    other = await http.post("/v1/billing/bills", content=b"{}", headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "feed.key_used")
    # Small as it is sent, and without end once it is unpacked: no key keeps us reading.
    endless = gzip.compress(b"x" * 5_000_000)
    packed = await http.post("/v1/billing/bills", content=endless, headers={**headers, "Content-Encoding": "gzip"})
    assert packed.status_code == 413
    without = await http.post("/v1/billing/bills", content=body, headers={**headers, "Idempotency-Key": ""})
    assert (without.json()["accepted"], without.json()["duplicate"]) == (0, 1)


async def test_a_client_hands_in_what_its_scope_says_and_nothing_else(
    app: tuple[httpx.AsyncClient, State], account: Account
) -> None:
    http, state = app
    meters, bills = await a_token(state, "readings", name="head-end"), await a_token(state, "bills")
    for path, token in (
        ("/v1/billing/bills", meters),
        ("/v1/feed/readings", bills),
        ("/v1/billing/bills", "ghf.sap.x"),
    ):
        answer = await http.post(path, content=b"{}", headers={**NDJSON, "Authorization": f"Bearer {token}"})
        assert (path, answer.status_code) == (path, 401)
    del account


async def test_bodies_beyond_the_limit_and_other_forms_are_turned_away(app: tuple[httpx.AsyncClient, State]) -> None:
    http, state = app
    headers = {**NDJSON, "Authorization": f"Bearer {await a_token(state, 'bills')}"}
    large = await http.post("/v1/billing/bills", content=b" \n" * 200_000, headers=headers)
    assert large.status_code == 413
    table = await http.post("/v1/billing/bills", content=b"a", headers={**headers, "Content-Type": "text/csv"})
    assert table.status_code == 415


async def test_the_desk_sees_where_an_imported_bill_differs_and_its_customer_sees_and_prints_it(
    app: tuple[httpx.AsyncClient, State], account: Account
) -> None:
    http, state = app
    hall, now = state.hall, state.clock.now()
    bill = told(a_bill_drafted(account, "2026-01", *reads_of(account)), account.number, "SAP-7")
    bill["lines"][0] |= {"price": "0.60", "amount": "120.00"}
    bill["charges"] = [
        {"kind": "demand", "title": "需量电费", "quantity": "120", "unit": "kW", "price": "38", "amount": "4560.00"}
    ]
    bill["total"] = "4680.00"
    headers = {**NDJSON, "Authorization": f"Bearer {await a_token(state, 'bills')}"}
    taken = await http.post("/v1/billing/bills", content=orjson.dumps(bill), headers=headers)
    assert taken.json()["differing"] == 1, taken.text
    [kept] = await hall.billing.bills.payable(account.id)

    person = await hall.people.customers.get_or_add(
        Customer(new_customer_id(), phone="13900190001", name="𬭎小明"), now=now
    )
    await hall.people.holders.put({account.id: person.id})
    await hall.people.customers.bind(person.id, Binding(account.id, Role.OWNER, now))
    agent = await an_agent(state)
    query = """query ($id: ID!) { desk { customer(id: $id) { accounts { edges { node {
        bills(first: 1) { edges { node {
        shadow { supplierNumber agrees verdict differences { what } } } } } } } } } } }"""
    body = {"query": query, "variables": {"id": relay.to_base64("DeskCustomer", person.id)}}
    seen = (await http.post("/graphql", json=body, headers=headers_of(state, agent))).json()
    [of_person] = seen["data"]["desk"]["customer"]["accounts"]["edges"]
    [at_desk] = of_person["node"]["bills"]["edges"]
    shadow = at_desk["node"]["shadow"]
    assert (shadow["supplierNumber"], shadow["agrees"], shadow["verdict"]) == ("SAP-7", False, "DIFFERS")
    assert {one["what"] for one in shadow["differences"]} == {"line.price", "line.amount"}

    token = {"Authorization": f"Bearer {state.access_tokens.sign(person.id, now=now).text}"}
    query = "query ($id: ID!) { node(id: $id) { ... on Bill { number origin charges { title amount { fen } } } } }"
    body = {"query": query, "variables": {"id": relay.to_base64("Bill", kept.id)}}
    mine = (await http.post("/graphql", json=body, headers=token)).json()["data"]["node"]
    assert mine == {
        "number": "SAP-7",
        "origin": "IMPORTED",
        "charges": [{"title": "需量电费", "amount": {"fen": 456_000}}],
    }
    printed = await http.get(f"/v1/bills/{kept.id}.pdf", headers=token)
    [page] = PdfReader(io.BytesIO(printed.content)).pages
    text = page.extract_text()
    for shown in ("SAP-7", "𬭎**", "需量电费", "营业厅不作核算", "扫码缴费", "供电企业计费系统"):
        assert shown in text

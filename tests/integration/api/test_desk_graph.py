"""The agents' desk: masked by default, bounded by district, every unmasking and decision kept."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from graphql import GraphQLSchema, parse, validate
from strawberry import relay

from gridhall.api.state import State
from gridhall.billing.bills.model import Bill, BillStatus, Finding
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.crm.agents.model import Agent, AgentRole
from gridhall.crm.customers.model import Customer
from gridhall.graphql.schema import build_schema
from gridhall.kit.ids import new_id
from gridhall.kit.mongo import Transaction
from gridhall.kit.paging import to_cursor
from gridhall.kit.settings import Settings
from tests.factories.agents import an_agent, headers_of
from tests.factories.bills import a_bill
from tests.factories.homes import Home, a_home
from tests.factories.people import a_customer
from tests.factories.rooms import all_documents
from tests.integration.api.test_foreign_customers import object_type, selections_of

Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def ask(http: httpx.AsyncClient, state: State) -> Ask:
    async def post(agent: Agent, query: str, **variables: object) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        answer = await http.post("/graphql", json=body, headers=headers_of(state, agent))
        told: dict[str, Any] = answer.json()
        return told

    return post


@pytest.fixture
async def home(state: State) -> Home:
    return await a_home(state, 1)


@pytest.fixture
async def agent(state: State) -> Agent:
    return await an_agent(state)


@pytest.fixture
async def reviewer(state: State) -> Agent:
    return await an_agent(state, "qian.hong", role=AgentRole.REVIEWER)


@pytest.fixture
async def held(state: State, home: Home) -> Bill:
    """The home's bill of October, held by the review."""
    finding = Finding("jumped_against_last_month", (("kwh", "2000"), ("previous", "240")))
    used = {"peak": 1500, "valley": 500}
    bill = a_bill(home.account, "2026-10", used, status=BillStatus.HELD, findings=(finding,))

    async def write(transaction: Transaction) -> None:
        await state.hall.billing.bills.add([bill], transaction=transaction)

    await state.mongo.transact(write)
    return bill


def customer_id(customer: Customer) -> str:
    return str(relay.GlobalID("DeskCustomer", str(customer.id)))


def bill_id(bill: Bill) -> str:
    return str(relay.GlobalID("DeskBill", str(bill.id)))


NOTE = """mutation($id: ID!, $text: String!, $key: String!) {
  addNote(input: {customerId: $id, text: $text, idempotencyKey: $key}) {
    __typename ... on NoteAdded { agent text at } ... on Refused { code message } } }"""
UNMASK = """mutation($id: ID!, $fields: [PersonalField!]!, $reason: String!) {
  unmask(input: {customerId: $id, fields: $fields, reason: $reason}) {
    __typename ... on Unmasked { values { field value accountNumber } } ... on Refused { code message } } }"""
DECIDE = """mutation($id: ID!, $reason: String!) { %sBill(input: {id: $id, reason: $reason}) {
  __typename ... on Refused { code message } ... on BillNotHeld { bill { status decision { by reason } } }
  ... on Bill%sd { bill { status decision { by reason } } } } }"""
RELEASE, REJECT = DECIDE % ("release", "Release"), (DECIDE % ("reject", "Reject")).replace("Rejectd", "Rejected")


def together(one: object, other: object) -> object:
    """What two answers to parts of a question say together."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {**one, **{key: together(one.get(key), value) for key, value in other.items()}}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [together(*pair) for pair in zip(one, other, strict=True)]
    return other


class TestMasking:
    @pytest.mark.usefixtures("held")
    async def test_every_field_of_the_desk_is_masked(self, ask: Ask, state: State, home: Home, agent: Agent) -> None:
        schema: GraphQLSchema = build_schema(Settings())._schema
        customer = await self._with_mail(state, home)
        await ask(agent, NOTE, id=customer_id(customer), text="wants paper bills", key="note-0001")
        for search in (f'phone: "{home.customer.phone}"', f'accountNumber: "{home.account.number}"'):
            arguments = {
                "customers": f"(search: {{{search}}})",
                "customer": f'(id: "{customer_id(customer)}")',
                "heldBills": '(region: "zhejiang")',
                "approvals": '(filter: {region: "zhejiang"})',
                "billingCases": '(filter: {region: "zhejiang"})',
                "billingBoard": '(region: "zhejiang", month: "2026-10")',
                "billingBoardStage": '(region: "zhejiang", month: "2026-10", stage: HELD)',
                "billRuns": '(region: "zhejiang")',
                "Desk.refunds": '(region: "zhejiang")',
                "shifts": '(region: "zhejiang")',
                "arrearsQueue": '(filter: {region: "zhejiang"})',
                "arrearsFigures": '(region: "zhejiang")',
                "failedInvoices": '(region: "zhejiang")',
                "balanceCuts": '(region: "zhejiang")',
                "unmatchedTransfers": '(region: "zhejiang")',
                "irregularCases": '(filter: {region: "zhejiang"})',
                "irregularCase": f'(id: "{relay.GlobalID("IrregularCase", str(new_id()))}")',
                "districtLoss": '(district: "T001", from: "2026-09-01", to: "2026-09-08")',
                "proposedReads": '(region: "zhejiang")',
                "readingExceptions": '(filter: {region: "zhejiang"})',
                "billCorrections": '(region: "zhejiang")',
            }
            desk: dict[str, Any] = {}
            # Many small documents: all together are larger than a document may be.
            for selection in selections_of(object_type(schema, "Desk"), arguments=arguments):
                query = f"{{ desk {{ {selection} }} }}"
                assert validate(schema, parse(query)) == []
                told = await ask(agent, query)
                assert "errors" not in told, told
                merged = together(desk, told["data"]["desk"])
                assert isinstance(merged, dict)
                desk = merged
            assert len(desk["customers"]["edges"]) == len(desk["heldBills"]["edges"]) == 1
            assert desk["customer"]["phone"] == "139****0001"
            assert desk["customer"]["timeline"]["edges"]
            account = desk["customer"]["accounts"]["edges"][0]["node"]
            assert [edge["node"]["status"] for edge in account["bills"]["edges"]] == ["HELD", "ISSUED"]
            assert account["usage"]["total"] == 9.6
            secrets = [home.customer.phone, str(home.customer.name), home.account.address, str(customer.mail)]
            assert [secret for secret in secrets if secret in str(desk)] == []

    async def test_an_account_without_any_binding_shows_its_holder(self, ask: Ask, state: State, agent: Agent) -> None:
        home, other = await a_home(state, 1), a_customer(7)
        holder = await state.hall.people.customers.get_or_add(other, now=state.clock.now())
        await state.hall.people.holders.put({home.account.id: holder.id})
        told = await ask(
            agent,
            f'{{ desk {{ customer(id: "{customer_id(holder)}") {{ accounts {{ edges {{ node {{ role }} }} }} }} }} }}',
        )
        assert told["data"]["desk"]["customer"]["accounts"]["edges"] == [{"node": {"role": "holder"}}]

    @staticmethod
    async def _with_mail(state: State, home: Home) -> Customer:
        sealed = state.hall.people.customers._codec.seal("someone@mail.example", field="customer.mail")
        await state.mongo["customers"].update_one({"_id": home.customer.id}, {"$set": {"mail": sealed}})
        return replace(home.customer, mail="someone@mail.example")


class TestUnmasking:
    async def test_it_tells_the_plain_values_and_is_audited_once_a_call(
        self, ask: Ask, state: State, home: Home, agent: Agent
    ) -> None:
        fields = ["ADDRESS", "PHONE", "PHONE", "NAME"]
        told = await ask(agent, UNMASK, id=customer_id(home.customer), fields=fields, reason=" called back ")
        assert told["data"]["unmask"]["values"] == [
            {"field": "NAME", "value": home.customer.name, "accountNumber": None},
            {"field": "PHONE", "value": home.customer.phone, "accountNumber": None},
            {"field": "ADDRESS", "value": home.account.address, "accountNumber": home.account.number},
        ]
        (entry,) = await all_documents(state.mongo, "audit")
        assert (entry["action"], entry["agent_id"], entry["customer_id"]) == ("unmasked", agent.id, home.customer.id)
        assert entry["fields"] == ["name", "phone", "address"]
        assert "called back" not in str(entry)
        (shown,) = await state.hall.people.audit.of_customer(home.customer.id, action="unmasked", before=None, limit=5)  # type: ignore[arg-type]
        assert shown.reason == "called back"
        await ask(agent, UNMASK, id=customer_id(home.customer), fields=["PHONE"], reason="called back")
        assert len(await all_documents(state.mongo, "audit")) == 2

    @pytest.mark.parametrize("reason", ["", "   x   ", "abc", "x" * 201])
    async def test_without_a_reason_nothing_is_told(
        self, ask: Ask, state: State, home: Home, agent: Agent, reason: str
    ) -> None:
        told = await ask(agent, UNMASK, id=customer_id(home.customer), fields=["PHONE"], reason=reason)
        assert told["data"]["unmask"]["__typename"] == "Refused"
        assert await all_documents(state.mongo, "audit") == []

    async def test_where_the_trail_cannot_be_written_nothing_is_told(
        self, ask: Ask, state: State, home: Home, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def fail(*_: object) -> None:
            raise RuntimeError("disk full")

        monkeypatch.setattr(type(state.hall.people.audit), "add", fail)
        told = await ask(agent, UNMASK, id=customer_id(home.customer), fields=["PHONE"], reason="called back")
        assert told["errors"][0]["extensions"]["code"] == "INTERNAL"
        assert home.customer.phone not in str(told)

    async def test_a_search_is_audited(self, ask: Ask, state: State, home: Home, agent: Agent) -> None:
        query = "query($p: String!) { desk { customers(search: {phone: $p}) { edges { node { id } } } } }"
        await ask(agent, query, p=home.customer.phone)
        await ask(agent, query, p="13799999999")
        entries = await all_documents(state.mongo, "audit")
        assert [(one["action"], one["customer_id"]) for one in entries] == [
            ("searched", home.customer.id),
            ("searched", None),
        ]


class TestDistricts:
    @pytest.mark.parametrize("where", [("shaanxi", ""), ("zhejiang", "gr"), ("zhejiang", "grid/west")])
    async def test_a_foreign_agent_sees_and_does_nothing(
        self, ask: Ask, state: State, home: Home, held: Bill, where: tuple[str, str]
    ) -> None:
        region, org_path = where
        foreign = await an_agent(state, "sun.li", role=AgentRole.REVIEWER, region=region, org_path=org_path)
        query = """query($id: ID!, $p: String!, $n: String!) { desk { customer(id: $id) { phone }
          phone: customers(search: {phone: $p}) { edges { node { id } } }
          number: customers(search: {accountNumber: $n}) { edges { node { id } } }
          heldBills(region: "zhejiang") { edges { node { id } } pageInfo { hasNextPage } } } }"""
        told = await ask(foreign, query, id=customer_id(home.customer), p=home.customer.phone, n=home.account.number)
        none: dict[str, list[object]] = {"edges": []}
        assert told["data"]["desk"] == {
            "customer": None,
            "phone": none,
            "number": none,
            "heldBills": none | {"pageInfo": {"hasNextPage": False}},
        }
        for query in (UNMASK, NOTE):
            told = await ask(
                foreign, query, id=customer_id(home.customer), fields=["PHONE"], reason="called", text="x", key="k" * 8
            )
            (answer,) = told["data"].values()
            assert answer["code"] == "NOT_FOUND"
        for query in (RELEASE, REJECT):
            (answer,) = (await ask(foreign, query, id=bill_id(held), reason="looks right"))["data"].values()
            assert answer["code"] == "NOT_FOUND"
        assert len(await state.hall.billing.bills.held(region=None, after=None, limit=5)) == 1

    async def test_a_supervisor_of_all_sees_also_who_has_no_account(self, ask: Ask, state: State, agent: Agent) -> None:
        everywhere = await an_agent(state, "wu.gang", role=AgentRole.SUPERVISOR, region=None)
        bare = await state.hall.people.customers.get_or_add(a_customer(8), now=state.clock.now())
        query = f'{{ desk {{ customer(id: "{customer_id(bare)}") {{ phone }} }} }}'
        assert (await ask(everywhere, query))["data"]["desk"]["customer"] == {"phone": "138****0008"}
        assert (await ask(agent, query))["data"]["desk"]["customer"] is None

    async def test_no_customer_and_no_stranger_is_at_the_desk(
        self, http: httpx.AsyncClient, home: Home, held: Bill
    ) -> None:
        mutation = (
            f'mutation {{ releaseBill(input: {{id: "{bill_id(held)}", reason: "it is mine"}}) {{ __typename }} }}'
        )
        for headers, code in ((home.headers, "FORBIDDEN"), ({}, "UNAUTHENTICATED")):
            told = await http.post("/graphql", json={"query": "{ desk { agent } }"}, headers=headers)
            assert told.json() == {"data": {"desk": None}}
            refused = await http.post("/graphql", json={"query": mutation}, headers=headers)
            assert refused.json()["errors"][0]["extensions"]["code"] == code

    async def test_an_id_alone_opens_no_desk(self, ask: Ask, home: Home, agent: Agent) -> None:
        for found in (customer_id(home.customer), bill_id(home.bill), str(relay.GlobalID("Bill", str(home.bill.id)))):
            assert await ask(agent, f'{{ node(id: "{found}") {{ id }} }}') == {"data": {"node": None}}


class TestDecisions:
    async def test_a_reviewer_releases_once_however_often_it_is_clicked(
        self, ask: Ask, state: State, held: Bill, reviewer: Agent
    ) -> None:
        clicks = [ask(reviewer, RELEASE, id=bill_id(held), reason="a new heat pump") for _ in range(3)]
        told = [answer["data"]["releaseBill"] for answer in await asyncio.gather(*clicks)]
        assert sorted(one["__typename"] for one in told) == ["BillNotHeld", "BillNotHeld", "BillReleased"]
        decision = {"by": "qian.hong", "reason": "a new heat pump"}
        assert [one["bill"] for one in told] == [{"status": "ISSUED", "decision": decision}] * 3
        assert await state.mongo["postings"].count_documents({"_id": f"charge:{held.id}"}) == 1

    async def test_two_reviewers_who_differ_make_one_decision(
        self, ask: Ask, state: State, held: Bill, reviewer: Agent
    ) -> None:
        other = await an_agent(state, "wu.gang", role=AgentRole.SUPERVISOR, region=None)
        told = await asyncio.gather(
            ask(reviewer, RELEASE, id=bill_id(held), reason="it is right"),
            ask(other, REJECT, id=bill_id(held), reason="it is wrong"),
        )
        names = [answer["__typename"] for one in told for answer in one["data"].values()]
        bills = [answer["bill"] for one in told for answer in one["data"].values()]
        assert names.count("BillNotHeld") == 1
        assert bills[0] == bills[1]

    async def test_a_rejected_bill_is_seen_by_the_desk_and_not_by_the_customer(
        self, ask: Ask, http: httpx.AsyncClient, home: Home, held: Bill, reviewer: Agent
    ) -> None:
        told = await ask(reviewer, REJECT, id=bill_id(held), reason="misread meter")
        assert told["data"]["rejectBill"]["bill"]["status"] == "REJECTED"
        own = await http.post(
            "/graphql",
            json={"query": "{ viewer { accounts { bills { edges { node { month } } } } } }"},
            headers=home.headers,
        )
        edges = own.json()["data"]["viewer"]["accounts"][0]["bills"]["edges"]
        assert edges == [{"node": {"month": "2026-09"}}]

    @pytest.mark.parametrize("query", [RELEASE, REJECT])
    async def test_an_agent_does_not_decide(self, ask: Ask, state: State, held: Bill, agent: Agent, query: str) -> None:
        told = await ask(agent, query, id=bill_id(held), reason="looks right")
        assert told["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert len(await state.hall.billing.bills.held(region=None, after=None, limit=5)) == 1

    @pytest.mark.parametrize("query", [RELEASE, REJECT])
    async def test_no_decision_without_a_reason(self, ask: Ask, held: Bill, reviewer: Agent, query: str) -> None:
        (answer,) = (await ask(reviewer, query, id=bill_id(held), reason=" "))["data"].values()
        assert (answer["code"], answer["message"]) == ("BAD_INPUT", "reason: must be 4 to 200 characters.")


class TestNotes:
    async def test_a_repeated_request_writes_one_note(self, ask: Ask, state: State, home: Home, agent: Agent) -> None:
        whose = customer_id(home.customer)
        told = await asyncio.gather(*(ask(agent, NOTE, id=whose, text="needs 帮助", key="note-0001") for _ in range(3)))
        assert {str(one) for one in told} == {str(told[0])}
        (note,) = await all_documents(state.mongo, "notes")
        assert "帮助" not in str(note)
        reused = await ask(agent, NOTE, id=whose, text="another", key="note-0001")
        assert reused["data"]["addNote"]["__typename"] == "IdempotencyKeyReused"

    @pytest.mark.parametrize("text", ["", "  ", "x" * 2001])
    async def test_an_empty_or_endless_note_is_refused(self, ask: Ask, home: Home, agent: Agent, text: str) -> None:
        told = await ask(agent, NOTE, id=customer_id(home.customer), text=text, key="note-0001")
        assert told["data"]["addNote"]["code"] == "BAD_INPUT"


class TestTimeline:
    async def test_it_is_one_list_newest_first_in_pages_of_any_size(
        self, ask: Ask, state: State, home: Home, agent: Agent
    ) -> None:
        now = state.clock.now()
        for number in range(3):
            money = PaymentReceived.for_account("counter", f"R{number}", home.account.id, home.bill.total, now)
            # All at one instant: the order among them has to hold over the pages.
            await settle(payments=state.hall.billing.payments, payment=money, cash=Book.CASH_COUNTER, now=now)
            text = f"note {number}"
            await ask(agent, NOTE, id=customer_id(home.customer), text=text, key=f"note-000{number}")
        sent = {"_id": "k", "delivery_id": new_id(), "customer_id": home.customer.id, "kind": "bill_issued"}
        sent |= {"way": "mail", "state": "sent", "at": now, "reason": None, "attempts": 1}
        await state.mongo["deliveries"].insert_one(sent)
        await ask(agent, UNMASK, id=customer_id(home.customer), fields=["PHONE"], reason="called back")
        whole = await self._walk(ask, agent, home, size=100)
        kinds = [entry["kind"] for entry in whole]
        assert {kind: kinds.count(kind) for kind in kinds} == {
            "UNMASKING": 1,
            "NOTE": 3,
            "PAYMENT": 3,
            "MESSAGE": 1,
            "BINDING": 1,
            "BILL_ISSUED": 1,
        }
        assert [entry["at"] for entry in whole] == sorted((entry["at"] for entry in whole), reverse=True)
        for size in (1, 2, 3):
            assert await self._walk(ask, agent, home, size=size) == whole

    @staticmethod
    async def _walk(ask: Ask, agent: Agent, home: Home, *, size: int) -> list[dict[str, Any]]:
        query = """query($id: ID!, $first: Int!, $after: String) { desk { customer(id: $id) {
          timeline(first: $first, after: $after) { edges { node { id kind at } } pageInfo { hasNextPage endCursor }
          } } } }"""
        after, entries = None, []
        while True:
            told = await ask(agent, query, id=customer_id(home.customer), first=size, after=after)
            page = told["data"]["desk"]["customer"]["timeline"]
            entries += [edge["node"] for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return entries


class TestPages:
    @pytest.mark.parametrize("field", ["timeline", "messages", "accounts"])
    @pytest.mark.parametrize("first", [0, 101])
    async def test_no_page_is_longer_than_a_hundred(
        self, ask: Ask, home: Home, agent: Agent, field: str, first: int
    ) -> None:
        asked = f"{field}(first: {first}) {{ edges {{ cursor }} }}"
        told = await ask(agent, f'{{ desk {{ customer(id: "{customer_id(home.customer)}") {{ {asked} }} }} }}')
        assert told["errors"][0]["extensions"]["code"] == "BAD_INPUT"

    @pytest.mark.parametrize(
        ("field", "key"),
        [
            ("timeline", "x"),
            ("timeline", "2026-11-01 note x"),
            ("timeline", "2026-11-01T00:00:00+00:00 note x"),
            ("timeline", "0001-01-01T00:00:00+00:00 payment x"),
            ("messages", "x"),
            ("messages", "2026-11-01T00:00:00 x"),
        ],
    )
    async def test_a_cursor_of_nothing_is_the_callers_fault(
        self, ask: Ask, home: Home, agent: Agent, field: str, key: str
    ) -> None:
        asked = f'{field}(after: "{to_cursor(key)}") {{ edges {{ cursor }} }}'
        told = await ask(agent, f'{{ desk {{ customer(id: "{customer_id(home.customer)}") {{ {asked} }} }} }}')
        assert [error["extensions"]["code"] for error in told["errors"]] == ["BAD_INPUT"]

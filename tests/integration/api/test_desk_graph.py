"""The agents' desk: masked by default, bounded by district, in pages."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from graphql import GraphQLSchema, parse, validate
from strawberry import relay

from gridhall.api.state import State
from gridhall.billing.bills.model import Bill
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.crm.agents.model import Agent, AgentRole
from gridhall.crm.customers.model import Customer
from gridhall.graphql.schema import build_schema
from gridhall.kit.ids import new_id
from gridhall.kit.paging import to_cursor
from gridhall.kit.settings import Settings
from tests.factories.agents import an_agent
from tests.factories.desk import NOTE, REJECT, RELEASE, UNMASK, Ask, bill_id, customer_id
from tests.factories.homes import Home, a_home
from tests.factories.people import a_customer
from tests.integration.api.test_foreign_customers import object_type, selections_of


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
                "unprovenNotices": '(region: "zhejiang")',
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

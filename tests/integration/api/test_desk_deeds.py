"""What agents do at the desk: every unmasking, decision and note is kept, and made once."""

import asyncio

import httpx
import pytest

from gridhall.api.state import State
from gridhall.billing.bills.model import Bill
from gridhall.crm.agents.model import Agent, AgentRole
from tests.factories.agents import an_agent
from tests.factories.desk import NOTE, REJECT, RELEASE, UNMASK, Ask, bill_id, customer_id
from tests.factories.homes import Home
from tests.factories.rooms import all_documents


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

"""Cases of irregular use at the desk: for inspectors and supervisors of the district, and for nobody else."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from strawberry import relay

from gridhall.api.state import State
from gridhall.crm.agents.model import Agent, AgentRole
from gridhall.graphql.schema import sdl
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import local_day
from gridhall.metering.irregular.cases.model import Case, CaseId
from gridhall.metering.irregular.cases.repository import CaseFilter
from tests.factories.agents import an_agent, headers_of
from tests.factories.cases import a_case, evidence
from tests.factories.desk import Ask
from tests.factories.homes import ZONE, Home
from tests.factories.rooms import all_documents

LIST = """query($f: IrregularCaseFilter!, $first: Int, $after: String) { desk {
  irregularCases(filter: $f, first: $first, after: $after) {
    edges { node { id revision state score owner district dueOn signals { code title sentence added since
      numbers { name value } } curve { pointId fromDay toDay energy { kwh total } } history { by what note } } }
    pageInfo { hasNextPage endCursor } } } }"""
ONE = "query($id: ID!) { desk { irregularCase(id: $id) { state score photos { id by note } history { by what } } } }"
CHANGED = """{ __typename ... on Refused { code message }
  ... on IrregularCaseChanged { case { revision state owner inspector closing dueOn photos { id } } } }"""
ASSIGN = f"""mutation($id: ID!, $r: Int!, $owner: String!, $due: Date!) {{
  assignIrregularCase(input: {{id: $id, revision: $r, owner: $owner, dueOn: $due}}) {CHANGED} }}"""
START = f"mutation($id: ID!, $r: Int!) {{ startInspection(input: {{id: $id, revision: $r}}) {CHANGED} }}"
ADD = f"""mutation($id: ID!, $r: Int!, $photo: String!) {{
  addEvidence(input: {{id: $id, revision: $r, photoId: $photo, note: "seal"}}) {CHANGED} }}"""
CLOSE = """mutation($id: ID!, $r: Int!, $closing: IrregularClosing!) {
  %sIrregularCase(input: {id: $id, revision: $r, closing: $closing, note: "as found on site"}) """
CONFIRM, DISMISS = CLOSE % "confirm" + CHANGED + "}", CLOSE % "dismiss" + CHANGED + "}"
LOSS = """query($d: String!, $from: Date!, $to: Date!) { desk { districtLoss(district: $d, from: $from, to: $to) {
  members sumMeters days flowedKwh usedKwh lossKwh lossPercent measured coverage } } }"""
PHOTO = b"\xff\xd8\xff" + b"a broken seal" * 9


@pytest.fixture
async def inspector(state: State) -> Agent:
    return await an_agent(state, "he.jun", role=AgentRole.INSPECTOR)


@pytest.fixture
async def leader(state: State) -> Agent:
    return await an_agent(state, "wu.gang", role=AgentRole.SUPERVISOR)


@pytest.fixture
async def case(state: State, home: Home) -> Case:
    """A case at the home's own point, so that whatever leaks of it would leak to its customer."""
    (point,) = (await state.metering.points.by_ids([home.account.points[0].point_id])).values()
    made = a_case(evidence("step", 4.0), evidence("cap", 5.0), point=point, now=state.clock.now())
    await state.metering.irregular.cases.put([made])
    return made


def global_id(case: Case) -> str:
    return str(relay.GlobalID("IrregularCase", str(case.id)))


def answer_of(told: dict[str, Any]) -> dict[str, Any]:
    assert "errors" not in told, told
    (answer,) = told["data"].values()
    found: dict[str, Any] = answer
    return found


class TestReading:
    async def test_the_list_says_in_words_and_numbers_what_a_suspicion_rests_on(
        self, ask: Ask, inspector: Agent, case: Case, home: Home
    ) -> None:
        told = await ask(inspector, LIST, f={"region": "zhejiang", "states": ["OPEN"]})
        (edge,) = told["data"]["desk"]["irregularCases"]["edges"]
        node = edge["node"]
        assert (node["id"], node["state"], node["score"]) == (global_id(case), "OPEN", 0.9)
        curve = node["curve"]
        assert curve["pointId"] == str(home.account.points[0].point_id)
        assert (len(curve["energy"]["kwh"]), curve["energy"]["total"]) == (84, 9.6)
        assert [one["code"] for one in node["signals"]] == ["step", "cap"]
        assert node["signals"][0]["title"] == "A step down that stays"
        assert "it uses 3.2 kWh a day instead of 8: 60 % less" in node["signals"][0]["sentence"]
        assert {"name": "percent", "value": 60.0} in node["signals"][0]["numbers"]

    async def test_pages_and_filters(self, ask: Ask, state: State, inspector: Agent, case: Case) -> None:
        more = [
            replace(case, id=CaseId(new_id()), point_id=new_id(), score=0.8, owner="he.jun" if one else None)
            for one in range(3)
        ]
        await state.metering.irregular.cases.put(more)
        seen, after = [], None
        while True:
            told = await ask(inspector, LIST, f={"region": "zhejiang"}, first=2, after=after)
            page = told["data"]["desk"]["irregularCases"]
            seen += [edge["node"]["id"] for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert len(seen) == len(set(seen)) == 4
        told = await ask(inspector, LIST, f={"region": "zhejiang", "owner": "he.jun"})
        assert len(told["data"]["desk"]["irregularCases"]["edges"]) == 2
        bad = await ask(inspector, LIST, f={"region": "zhejiang"}, after="eA")
        assert bad["errors"][0]["extensions"]["code"] == "BAD_INPUT"

    @pytest.mark.parametrize("role", [AgentRole.AGENT, AgentRole.REVIEWER])
    async def test_other_roles_see_and_do_nothing(self, ask: Ask, state: State, case: Case, role: AgentRole) -> None:
        other = await an_agent(state, "sun.li", role=role)
        assert (await ask(other, LIST, f={"region": "zhejiang"}))["data"]["desk"]["irregularCases"]["edges"] == []
        assert (await ask(other, ONE, id=global_id(case)))["data"]["desk"]["irregularCase"] is None
        assert answer_of(await ask(other, START, id=global_id(case), r=1))["code"] == "NOT_FOUND"

    @pytest.mark.parametrize("where", [("shaanxi", ""), ("zhejiang", "grid/west")])
    async def test_an_inspector_of_another_district_sees_and_does_nothing(
        self, ask: Ask, state: State, case: Case, where: tuple[str, str]
    ) -> None:
        region, org_path = where
        foreign = await an_agent(state, "sun.li", role=AgentRole.INSPECTOR, region=region, org_path=org_path)
        assert (await ask(foreign, LIST, f={"region": "zhejiang"}))["data"]["desk"]["irregularCases"]["edges"] == []
        for query in (START, CONFIRM, DISMISS):
            told = answer_of(await ask(foreign, query, id=global_id(case), r=1, closing="OTHER"))
            assert told["code"] == "NOT_FOUND"


class TestDeciding:
    async def test_from_assignment_to_confirmation(  # noqa: PLR0917 - fixtures
        self, ask: Ask, http: httpx.AsyncClient, state: State, inspector: Agent, leader: Agent, case: Case
    ) -> None:
        due = (local_day(state.clock.now(), ZONE) + timedelta(days=3)).isoformat()
        id_ = global_id(case)
        refused = answer_of(await ask(leader, ASSIGN, id=id_, r=1, owner="nobody.here", due=due))
        assert refused["message"] == "owner: there is no such agent."
        told = answer_of(await ask(leader, ASSIGN, id=id_, r=1, owner="he.jun", due=due))
        assert (told["case"]["owner"], told["case"]["dueOn"], told["case"]["revision"]) == ("he.jun", due, 2)
        assert answer_of(await ask(inspector, START, id=id_, r=1))["code"] == "CHANGED_MEANWHILE"
        assert answer_of(await ask(inspector, START, id=id_, r=2))["case"]["inspector"] == "he.jun"
        assert answer_of(await ask(leader, CONFIRM, id=id_, r=3, closing="THEFT"))["code"] == "PHOTO_MISSING"
        sent = await http.post(
            "/v1/photos",
            content=PHOTO,
            headers={**headers_of(state, inspector), "Content-Type": "image/jpeg"},
        )
        photo = sent.json()["id"]
        assert answer_of(await ask(leader, ADD, id=id_, r=3, photo=photo))["code"] == "NOT_FOUND"
        added = answer_of(await ask(inspector, ADD, id=id_, r=3, photo=photo))
        assert added["case"]["photos"] == [{"id": photo}]
        same = answer_of(await ask(inspector, CONFIRM, id=id_, r=4, closing="THEFT"))
        assert (same["code"], same["message"]) == (
            "SECOND_PERSON_NEEDED",
            "Whoever inspected cannot also confirm; ask a second person.",
        )
        assert answer_of(await ask(leader, CONFIRM, id=id_, r=4, closing="VACANT"))["code"] == "BAD_INPUT"
        done = answer_of(await ask(leader, CONFIRM, id=id_, r=4, closing="THEFT"))
        assert (done["case"]["state"], done["case"]["closing"]) == ("CONFIRMED", "THEFT")
        assert answer_of(await ask(leader, DISMISS, id=id_, r=5, closing="OTHER"))["code"] == "NOT_NOW"
        shown = (await ask(inspector, ONE, id=id_))["data"]["desk"]["irregularCase"]
        whats = ["opened", "assign", "start_inspection", "add_photo", "confirm"]
        assert [entry["what"] for entry in shown["history"]] == whats
        events = [one for one in await all_documents(state.mongo, "outbox") if one["kind"].startswith("metering.")]
        assert [one["payload"]["closing"] for one in events] == ["theft"]
        seen = await http.get(f"/v1/photos/{photo}", headers=headers_of(state, leader))
        assert seen.content == PHOTO

    async def test_a_dismissal_needs_no_visit_but_a_reason(self, ask: Ask, inspector: Agent, case: Case) -> None:
        told = answer_of(await ask(inspector, DISMISS, id=global_id(case), r=1, closing="THEFT"))
        assert told["code"] == "BAD_INPUT"
        told = answer_of(await ask(inspector, DISMISS, id=global_id(case), r=1, closing="VACANT"))
        assert told["case"]["state"] == "DISMISSED"


class TestLoss:
    async def test_of_a_district_without_sum_meter_the_use_is_told_and_no_loss(
        self, ask: Ask, state: State, inspector: Agent, home: Home
    ) -> None:
        (point,) = (await state.metering.points.by_ids([home.account.points[0].point_id])).values()
        await state.metering.points.put([replace(point, district="T001")], [])
        told = await ask(inspector, LOSS, d="T001", **{"from": "2026-09-01", "to": "2026-09-03"})
        assert told["data"]["desk"]["districtLoss"] == {
            "members": 1,
            "sumMeters": 0,
            "days": ["2026-09-01", "2026-09-02"],
            "flowedKwh": [None, None],
            "usedKwh": [9.6, 0.0],
            "lossKwh": [None, None],
            "lossPercent": [None, None],
            "measured": [1, 0],
            "coverage": [1.0, 0.0],
        }
        other = await an_agent(state, "sun.li")
        told = await ask(other, LOSS, d="T001", **{"from": "2026-09-01", "to": "2026-09-03"})
        assert told["data"]["desk"]["districtLoss"] is None

    @pytest.mark.parametrize(("first", "end"), [("2026-09-03", "2026-09-03"), ("2024-01-01", "2026-01-01")])
    async def test_a_range_that_is_none_or_endless_is_refused(
        self, ask: Ask, inspector: Agent, first: str, end: str
    ) -> None:
        told = await ask(inspector, LOSS, d="T001", **{"from": first, "to": end})
        assert told["errors"][0]["extensions"]["code"] == "BAD_INPUT"


class TestCustomers:
    async def test_a_customer_with_an_open_case_sees_nothing_of_it(
        self, http: httpx.AsyncClient, state: State, home: Home, case: Case
    ) -> None:
        query = f"""{{ viewer {{ accounts {{ number balance {{ owed {{ fen }} }}
          usage(from: "2026-09-01", to: "2026-09-08", resolution: DAY) {{ total quality }} }}
          inbox(first: 20) {{ edges {{ node {{ id }} }} }} }}
          desk {{ agent }} node(id: "{global_id(case)}") {{ id }} }}"""
        told = (await http.post("/graphql", json={"query": query}, headers=home.headers)).json()
        assert told["data"]["desk"] is None
        assert told["data"]["node"] is None
        assert told["data"]["viewer"]["accounts"]
        assert not [word for word in (str(case.id), "irregular", "theft", "suspicio") if word in str(told).lower()]
        start = await http.post(
            "/graphql",
            json={"query": START, "variables": {"id": global_id(case), "r": 1}},
            headers=home.headers,
        )
        assert start.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        (kept,) = await state.metering.irregular.cases.page(CaseFilter("zhejiang"), after=None, limit=5)
        assert kept == case

    def test_no_type_of_the_customers_side_leads_to_a_case(self) -> None:
        leads: dict[str, set[str]] = {}
        name = ""
        for line in sdl().splitlines():
            if line.startswith("type "):
                name = line.split()[1]
            elif line.startswith("  ") and "IrregularCase" in line.rpartition(":")[2]:
                leads.setdefault(name, set()).add(line.strip().split("(")[0].split(":")[0])
        from_outside = {kind for kind in leads if not kind.startswith(("IrregularCase", "Mutation"))}
        assert from_outside == {"Desk"}

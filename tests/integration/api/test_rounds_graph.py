"""Rounds through the front door: lists, reads, photos, own reads, exchanges, each within its district only."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from graphql import GraphQLSchema, parse, validate
from strawberry import relay

from gridhall.api.state import State
from gridhall.billing.accounts.model import PointLink
from gridhall.crm.agents.model import Agent, AgentRole
from gridhall.crm.customers.model import Binding, Customer, Role
from gridhall.graphql.schema import build_schema
from gridhall.kit.settings import Settings
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.registers.origin import How
from gridhall.metering.registers.queries import reads_at
from gridhall.metering.rounds.making import make_worklist
from gridhall.metering.rounds.model import State as EntryState
from tests.factories.accounts import an_account
from tests.factories.agents import an_agent, headers_of
from tests.factories.people import a_customer
from tests.factories.rooms import all_documents
from tests.factories.rounds import DAY, NOON, a_route, manual_points
from tests.integration.api.test_foreign_customers import fields_of, object_type

JPEG = b"\xff\xd8\xff\xe0" + b"meter" * 100
LIST = "zhejiang/R1@2026-11-01"

Ask = Callable[..., Awaitable[dict[str, Any]]]

TAKE = """query($r: String!, $d: Date!, $v: Int) { rounds { worklist(route: $r, day: $d, known: $v) {
  key version mine entries(first: 10) { edges { node {
    pointId position address meter digits registers { name last least most possible } state } } } } } }"""
SUBMIT = """mutation($i: SubmitReadsInput!) { submitReads(input: $i) { __typename
  ... on ReadsBrought { reads { readId outcome standsFor beside entryState
    findings { doubt register message confirmable } } }
  ... on Refused { code message } } }"""
MARK = """mutation($i: MarkNotAccessibleInput!) { markNotAccessible(input: $i) { __typename
  ... on EntryChanged { entry { state obstacle } } ... on Refused { code } } }"""
REREAD = """mutation($i: AskEntryRereadInput!) { askEntryReread(input: $i) { __typename
  ... on EntryChanged { entry { state asked askedWhy } } ... on Refused { code } } }"""
GIVE = """mutation($i: GiveRouteInput!) { giveRoute(input: $i) { __typename
  ... on RouteGiven { route { key } } ... on Refused { code } } }"""
PROPOSE = """mutation($i: ProposeReadInput!) { proposeRead(input: $i) { __typename
  ... on ReadProposed { read { state standsFor findings { doubt } } } ... on Refused { code message } } }"""
QUEUE = """query($r: String!) { desk { proposedReads(region: $r) { edges { node {
  id meter photos read { registers { name value } } } } } } }"""
DECIDE = """mutation($i: DecideReadInput!) { decideRead(input: $i) { __typename
  ... on ReadDecided { read { read { state reason } } } ... on Refused { code } } }"""
EXCHANGE = """mutation($i: ExchangeMeterInput!) { exchangeMeter(input: $i) { __typename
  ... on MeterExchanged { fromDay } ... on Refused { code message } } }"""
RATES = """query($r: String!, $m: String!) { rounds { rates(region: $r, month: $m) { edges { node {
  route person planned read readingRate firstRightRate } } } } }"""


@pytest.fixture
def ask(http: httpx.AsyncClient, state: State) -> Ask:
    async def post(asking: Agent | Customer, query: str, **variables: object) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        told: dict[str, Any] = (await http.post("/graphql", json=body, headers=_headers(state, asking))).json()
        return told

    return post


@pytest.fixture
async def reader(state: State) -> Agent:
    return await an_agent(state, "chao.biao", role=AgentRole.READER)


@pytest.fixture
async def leader(state: State) -> Agent:
    return await an_agent(state, "wu.gang", role=AgentRole.SUPERVISOR, org_path="grid")


@pytest.fixture
async def points(state: State, reader: Agent) -> list[ServicePoint]:
    """Two points on the route of the reader, with the list of 1 November made."""
    rounds = state.metering.rounds
    points = await manual_points(rounds, "M1", "M2")
    route = a_route(points, reader=reader.id)
    await rounds.routes.put([route])
    await make_worklist(route=route, day=DAY, rounds=rounds, now=NOON)
    return points


@pytest.fixture
async def customer(state: State, points: list[ServicePoint]) -> Customer:
    """The customer who pays for the first point."""
    account = an_account(points=(PointLink(points[0].id, DAY.replace(month=1)),))
    await state.hall.billing.accounts.add([account])
    people = state.hall.people
    customer = await people.customers.get_or_add(a_customer(), now=state.clock.now())
    await people.customers.bind(customer.id, Binding(account.id, Role.OWNER, state.clock.now()))
    (bound,) = (await people.customers.load([customer.id])).values()
    return bound


def _headers(state: State, asking: Agent | Customer) -> dict[str, str]:
    if isinstance(asking, Agent):
        return headers_of(state, asking)
    token = state.access_tokens.sign(asking.id, now=state.clock.now()).text
    return {"Authorization": f"Bearer {token}", "Accept-Language": "en"}


def a_read(point: ServicePoint, total: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    return {
        "id": str(uuid4()),
        "pointId": str(point.id),
        "meter": point.links[0].meter,
        "registers": [{"name": "total", "value": total}],
        "takenAt": NOON.isoformat(),
        **changes,
    }


async def bring(http: httpx.AsyncClient, state: State, asking: Agent | Customer, content: bytes = JPEG) -> str:
    answer = await http.post("/v1/photos", content=content, headers=_headers(state, asking))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def submit(ask: Ask, asking: Agent, *reads: dict[str, Any]) -> list[dict[str, Any]]:
    told = (await ask(asking, SUBMIT, i={"worklist": LIST, "reads": list(reads)}))["data"]["submitReads"]
    assert told["__typename"] == "ReadsBrought", told
    return list(told["reads"])


class TestAReader:
    @pytest.mark.usefixtures("customer")
    async def test_takes_a_list_along_with_what_is_likely_and_the_address_masked(
        self, ask: Ask, reader: Agent, points: list[ServicePoint]
    ) -> None:
        found = (await ask(reader, TAKE, r="zhejiang/R1", d="2026-11-01"))["data"]["rounds"]["worklist"]
        first, second = (edge["node"] for edge in found["entries"]["edges"])
        assert (found["mine"], first["pointId"], first["address"][:4]) == (True, str(points[0].id), "浙江省杭")
        assert "良渚街道1号" not in first["address"]
        assert second["address"] is None
        (register,) = first["registers"]
        assert (register["name"], register["last"], register["least"]) == ("total", None, "1306.45")
        assert 1400 < float(register["most"]) < 1800 < float(register["possible"])
        known = await ask(reader, TAKE, r="zhejiang/R1", d="2026-11-01", v=found["version"])
        assert known["data"]["rounds"]["worklist"] is None

    async def test_brings_reads_back_and_is_told_of_each_what_became_of_it(
        self, ask: Ask, reader: Agent, state: State, points: list[ServicePoint]
    ) -> None:
        good, high = a_read(points[0], "1400.5"), a_read(points[1], "3000")
        told = await submit(ask, reader, good, high)
        assert [(one["outcome"], one["entryState"]) for one in told] == [
            ("ACCEPTED", "READ"),
            ("NEEDS_CONFIRMATION", "OPEN"),
        ]
        (finding,) = told[1]["findings"]
        assert (finding["doubt"], finding["register"], finding["confirmable"]) == ("TOO_HIGH", "total", True)
        assert "higher than before" in finding["message"]
        (confirmed,) = await submit(ask, reader, {**high, "confirmed": "新开了一家面馆"})
        assert confirmed["outcome"] == "ACCEPTED"
        found = await reads_at(point_ids=[points[0].id], days=[DAY], registers=state.metering.rounds.registers)
        assert found[points[0].id, DAY].origin.by == reader.id
        entries = [one for one in await all_documents(state.mongo, "audit") if one["action"] == "reads_brought"]
        assert [one["fields"] for one in entries] == [[f"worklist:{LIST}"]] * 2

    async def test_says_why_a_meter_could_not_be_read_and_is_asked_to_go_again(
        self, ask: Ask, reader: Agent, leader: Agent, points: list[ServicePoint]
    ) -> None:
        mark = {
            "id": str(uuid4()),
            "worklist": LIST,
            "pointId": str(points[0].id),
            "obstacle": "LOCKED",
            "at": NOON.isoformat(),
        }
        told = (await ask(reader, MARK, i=mark))["data"]["markNotAccessible"]
        assert told["entry"] == {"state": "NO_ACCESS", "obstacle": "LOCKED"}
        again = {"worklist": LIST, "pointId": str(points[0].id), "reason": "已联系物业开门"}
        assert (await ask(reader, REREAD, i=again))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        told = (await ask(leader, REREAD, i=again))["data"]["askEntryReread"]
        assert told["entry"] == {"state": "REREAD", "asked": 1, "askedWhy": "已联系物业开门"}

    async def test_sees_neither_customers_nor_bills(self, ask: Ask, reader: Agent) -> None:
        assert (await ask(reader, "{ desk { agent } rounds { agent } }"))["data"] == {
            "desk": None,
            "rounds": {"agent": "chao.biao"},
        }

    @pytest.mark.parametrize(("region", "org_path"), [("shaanxi", ""), ("zhejiang", "grid/other")])
    async def test_of_another_district_sees_and_changes_nothing(
        self, ask: Ask, state: State, points: list[ServicePoint], region: str, org_path: str
    ) -> None:
        foreign = await an_agent(state, "sun.li", role=AgentRole.READER, region=region, org_path=org_path)
        told = await ask(foreign, TAKE, r="zhejiang/R1", d="2026-11-01")
        assert told["data"]["rounds"]["worklist"] is None
        told = await ask(foreign, SUBMIT, i={"worklist": LIST, "reads": [a_read(points[0], "1400")]})
        assert told["data"]["submitReads"]["code"] == "NOT_FOUND"
        days = 'region: "zhejiang", from: "2026-11-01", to: "2026-11-02", mine: false'
        lists = f"{{ rounds {{ worklists({days}) {{ edges {{ node {{ key }} }} }} }} }}"
        told = await ask(foreign, lists)
        assert "errors" in told or told["data"]["rounds"]["worklists"]["edges"] == []

    @pytest.mark.parametrize(
        "changes",
        [
            {"takenAt": "2026-11-01T04:00:00"},
            {"registers": []},
            {"registers": [{"name": "to.tal", "value": "1"}]},
            {"registers": [{"name": "total", "value": "1"}] * 2},
            {"meter": ""},
            {"confirmed": "ok"},
            {"position": {"lat": 120.0, "lon": 30.0}},
        ],
    )
    async def test_is_told_what_is_wrong_with_the_input(
        self, ask: Ask, reader: Agent, points: list[ServicePoint], changes: dict[str, Any]
    ) -> None:
        read = a_read(points[0], "1400", **changes)
        told = await ask(reader, SUBMIT, i={"worklist": LIST, "reads": [read]})
        assert told["errors"][0]["extensions"]["code"] == "BAD_INPUT"


class TestASupervisor:
    async def test_gives_routes_to_readers_of_the_district_only(
        self, ask: Ask, state: State, leader: Agent, points: list[ServicePoint]
    ) -> None:
        del points
        await an_agent(state, "li.na", role=AgentRole.READER)
        await an_agent(state, "sun.li", role=AgentRole.READER, region="shaanxi")
        told = (await ask(leader, GIVE, i={"route": "zhejiang/R1", "reader": "sun.li"}))["data"]["giveRoute"]
        assert told["code"] == "NOT_FOUND"
        told = (await ask(leader, GIVE, i={"route": "zhejiang/R1", "reader": "li.na"}))["data"]["giveRoute"]
        assert told == {"__typename": "RouteGiven", "route": {"key": "zhejiang/R1"}}

    async def test_sees_how_well_routes_are_read(
        self, ask: Ask, reader: Agent, leader: Agent, points: list[ServicePoint]
    ) -> None:
        await submit(ask, reader, a_read(points[0], "1400"))
        told = (await ask(leader, RATES, r="zhejiang", m="2026-11"))["data"]["rounds"]["rates"]["edges"]
        assert [edge["node"] for edge in told] == [
            {
                "route": "zhejiang/R1",
                "person": "chao.biao",
                "planned": 2,
                "read": 1,
                "readingRate": "0.5000",
                "firstRightRate": "1.0000",
            }
        ]
        assert (await ask(reader, RATES, r="zhejiang", m="2026-11"))["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_enters_a_meter_exchange_once(
        self, ask: Ask, reader: Agent, leader: Agent, points: list[ServicePoint], state: State
    ) -> None:
        exchange = {
            "id": str(uuid4()),
            "pointId": str(points[0].id),
            "at": NOON.isoformat(),
            "oldMeter": "M1",
            "newMeter": {"number": "N1", "decimals": 2, "digits": 6},
            "closing": [{"name": "total", "value": "1410.2"}],
            "opening": [{"name": "total", "value": "0"}],
            "reason": "到期轮换",
        }
        assert (await ask(reader, EXCHANGE, i=exchange))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        for _ in range(2):
            told = (await ask(leader, EXCHANGE, i=exchange))["data"]["exchangeMeter"]
            assert told == {"__typename": "MeterExchanged", "fromDay": "2026-11-01"}
        other = {**exchange, "id": str(uuid4()), "closing": [{"name": "total", "value": "1"}]}
        told = (await ask(leader, EXCHANGE, i=other))["data"]["exchangeMeter"]
        assert told["code"] == "EXCHANGE_IMPOSSIBLE"
        kept = (await state.metering.points.by_ids([points[0].id]))[points[0].id]
        assert [link.meter for link in kept.links] == ["M1", "N1"]

    async def test_reads_every_field_of_the_rounds(
        self, ask: Ask, reader: Agent, leader: Agent, points: list[ServicePoint]
    ) -> None:
        await submit(ask, reader, a_read(points[0], "1400"))
        schema: GraphQLSchema = build_schema(Settings())._schema
        arguments = {
            "routes": '(region: "zhejiang", mine: false)',
            "worklists": '(region: "zhejiang", from: "2026-11-01", to: "2026-11-02", mine: false)',
            "worklist": '(route: "zhejiang/R1", day: "2026-11-01")',
            "worklistByKey": f'(key: "{LIST}")',
            "rates": '(region: "zhejiang", month: "2026-11")',
            "proposedReads": '(region: "zhejiang")',
        }
        for field in fields_of(object_type(schema, "Rounds"), arguments=arguments):
            query = f"{{ rounds {{ {field} }} }}"
            assert validate(schema, parse(query)) == []
            assert "errors" not in await ask(leader, query)


class TestACustomer:
    def proposal(self, customer: Customer, photo: str, total: str) -> dict[str, Any]:
        account = str(relay.GlobalID("Account", str(customer.bindings[0].account_id)))
        return {
            "id": str(uuid4()),
            "accountId": account,
            "meter": "M1",
            "registers": [{"name": "total", "value": total}],
            "takenAt": NOON.isoformat(),
            "photoIds": [photo],
        }

    async def test_reads_the_own_meter_and_the_history_confirms_it(
        self, ask: Ask, http: httpx.AsyncClient, state: State, customer: Customer, points: list[ServicePoint]
    ) -> None:
        photo = await bring(http, state, customer)
        proposal = self.proposal(customer, photo, "1400")
        for _ in range(2):
            told = (await ask(customer, PROPOSE, i=proposal))["data"]["proposeRead"]
            assert told["read"] == {"state": "CONFIRMED", "standsFor": "2026-11-01", "findings": []}
        found = await reads_at(point_ids=[points[0].id], days=[DAY], registers=state.metering.rounds.registers)
        read = found[points[0].id, DAY]
        assert (read.origin.how, read.origin.photos, read.quality) == (How.CUSTOMER, (UUID(photo),), 17)
        entries = await state.metering.rounds.entries.all_of(LIST)
        assert [entry.state for entry in entries] == [EntryState.DONE, EntryState.OPEN], (
            "nobody has to go there any more"
        )
        mine = "{ viewer { accounts { ownReads { state standsFor registers { value } } } } }"
        (account,) = (await ask(customer, mine))["data"]["viewer"]["accounts"]
        assert account["ownReads"] == [
            {"state": "CONFIRMED", "standsFor": "2026-11-01", "registers": [{"value": "1400"}]}
        ]

    async def test_whose_read_is_doubted_waits_for_an_agent_who_sees_the_photo(
        self, ask: Ask, http: httpx.AsyncClient, state: State, customer: Customer, points: list[ServicePoint]
    ) -> None:
        photo = await bring(http, state, customer)
        agent = await an_agent(state)
        told = (await ask(customer, PROPOSE, i=self.proposal(customer, photo, "2400")))["data"]["proposeRead"]
        assert (told["read"]["state"], told["read"]["findings"]) == ("PROPOSED", [{"doubt": "TOO_HIGH"}])
        registers = state.metering.rounds.registers
        assert not await reads_at(point_ids=[points[0].id], days=[DAY], registers=registers)
        (edge,) = (await ask(agent, QUEUE, r="zhejiang"))["data"]["desk"]["proposedReads"]["edges"]
        assert edge["node"]["photos"] == [photo]
        shown = await http.get(f"/v1/photos/{photo}", headers=headers_of(state, agent))
        assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, JPEG, "image/jpeg")
        decision = {"id": edge["node"]["id"], "confirm": True, "reason": "照片清楚"}
        for _ in range(2):
            told = (await ask(agent, DECIDE, i=decision))["data"]["decideRead"]
            assert told["read"]["read"] == {"state": "CONFIRMED", "reason": "照片清楚"}
        found = await reads_at(point_ids=[points[0].id], days=[DAY], registers=registers)
        assert found[points[0].id, DAY].quality == 18
        told = (await ask(agent, DECIDE, i={**decision, "confirm": False}))["data"]["decideRead"]
        assert told["code"] == "DECIDED_BEFORE"
        foreign = await an_agent(state, "sun.li", region="shaanxi")
        assert (await ask(foreign, DECIDE, i=decision))["data"]["decideRead"]["code"] == "NOT_FOUND"

    async def test_needs_a_photo_of_his_or_her_own_and_the_own_account(
        self, ask: Ask, http: httpx.AsyncClient, state: State, customer: Customer, reader: Agent
    ) -> None:
        others = await bring(http, state, reader)
        told = (await ask(customer, PROPOSE, i=self.proposal(customer, others, "1400")))["data"]["proposeRead"]
        assert told["code"] == "NO_PHOTO"
        stranger = await state.hall.people.customers.get_or_add(a_customer(2), now=state.clock.now())
        told = await ask(stranger, PROPOSE, i=self.proposal(customer, others, "1400"))
        assert told["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestPhotos:
    async def test_the_same_photo_again_is_the_same(self, http: httpx.AsyncClient, state: State, reader: Agent) -> None:
        assert await bring(http, state, reader) == await bring(http, state, reader)

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"%PDF-1.7", (415, "photos.not_a_photo")),
            (b"", (415, "photos.not_a_photo")),
            (JPEG + bytes(6 * 2**20), (413, "input.too_large")),
        ],
    )
    async def test_what_is_no_photo_or_too_large_is_refused(
        self, http: httpx.AsyncClient, state: State, reader: Agent, content: bytes, problem: tuple[int, str]
    ) -> None:
        answer = await http.post("/v1/photos", content=content, headers=headers_of(state, reader))
        assert (answer.status_code, answer.json()["code"]) == problem

    async def test_strangers_bring_none_and_others_see_none(
        self, http: httpx.AsyncClient, state: State, reader: Agent, customer: Customer
    ) -> None:
        assert (await http.post("/v1/photos", content=JPEG)).status_code == 401
        photo = await bring(http, state, customer)
        assert (await http.get(f"/v1/photos/{photo}", headers=headers_of(state, reader))).status_code == 404
        assert (await http.get(f"/v1/photos/{photo}")).status_code == 401
        assert (await http.get(f"/v1/photos/{photo}", headers=_headers(state, customer))).status_code == 200

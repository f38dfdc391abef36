"""Where no smart meter hangs: a reader takes the list along, errs, goes again, and the bill stands on what was read."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gridhall.billing.accounts.model import Account, AccountId, PointLink, TariffLink
from gridhall.billing.bills.model import Bill
from gridhall.crm.agents.model import Agent, AgentRole
from gridhall.kit.ids import new_id
from gridhall.kit.jobs import CeleryQueue, producer
from gridhall.kit.localdays import Month, day_start, local_day
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.rounds.making import make_worklist
from gridhall.workers import names
from tests.factories.agents import PASSWORD, an_agent
from tests.factories.app import eventually
from tests.factories.rounds import DAY, NOON, ZONE, a_route, manual_points
from tests.factories.service import Service

MONTH = Month(2026, 10)
LIST = "zhejiang/WALK@2026-11-01"
JPEG = b"\xff\xd8\xff\xe0" + b"the meter behind the door" * 40

TAKE = """query($k: String!) { rounds { worklistByKey(key: $k) { version entries { edges { node {
  pointId meter state registers { name least most possible } } } } } } }"""
SUBMIT = """mutation($i: SubmitReadsInput!) { submitReads(input: $i) { ... on ReadsBrought { reads {
  readId outcome beside entryState findings { doubt confirmable } } } } }"""
REREAD = """mutation($i: AskEntryRereadInput!) { askEntryReread(input: $i) { __typename
  ... on EntryChanged { entry { state } } } }"""
RATES = """{ rounds { rates(region: "zhejiang", month: "2026-11") { edges { node {
  route person planned read readingRate firstRightRate rereadRate } } } } }"""


class Phone:
    """The phone of a reader: signed in, then without a network as long as nobody calls `ask`."""

    def __init__(self, http: httpx.AsyncClient, name: str) -> None:
        self._http, self._name = http, name
        self._headers: dict[str, str] = {}

    async def sign_in(self) -> None:
        answer = await self._http.post("/v1/sign-in/agent", json={"name": self._name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def ask(self, query: str, **variables: object) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        told: dict[str, Any] = (await self._http.post("/graphql", json=body, headers=self._headers)).json()
        assert "errors" not in told, told["errors"]
        return dict(told["data"])

    async def photo(self) -> str:
        answer = await self._http.post("/v1/photos", content=JPEG, headers=self._headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def bring(self, *reads: dict[str, Any]) -> list[dict[str, Any]]:
        told = await self.ask(SUBMIT, i={"worklist": LIST, "reads": list(reads)})
        return list(told["submitReads"]["reads"])


def a_read(point: ServicePoint, total: str, *, hours: int = 0, **more: object) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "pointId": str(point.id),
        "meter": point.links[0].meter,
        "registers": [{"name": "total", "value": total}],
        "takenAt": (NOON + timedelta(hours=hours)).isoformat(),
        "position": {"lat": 30.25, "lon": 120.16, "accuracyM": 12.0},
        **more,
    }


async def hand_over(service: Service, reader: Agent) -> tuple[list[ServicePoint], list[Account]]:
    """Two manual meters on a route, the accounts that pay for them, and the list of the reading day."""
    rounds = service.state.metering.rounds
    points = await manual_points(rounds, "WALK1", "WALK2", org_path="grid/walk")
    route = a_route(points, code="WALK", org_path="grid/walk", reader=reader.id)
    await rounds.routes.put([route])
    await make_worklist(route=route, day=DAY, rounds=rounds, now=NOON)
    accounts = [
        Account(
            id=AccountId(new_id()),
            number=f"330177700{number}",
            region="zhejiang",
            org_path="grid/walk",
            address="浙江省杭州市上城区望江路2号",
            kept_since=MONTH.first,
            points=(PointLink(point.id, MONTH.first),),
            tariffs=(TariffLink("zhejiang-residential", MONTH.first),),
        )
        for number, point in enumerate(points)
    ]
    await service.state.hall.billing.accounts.add(accounts)
    return points, accounts


async def the_bill(service: Service, account: Account) -> Bill:
    """Let the worker bill October and return the bill."""
    routes = {name: {"queue": queue} for name, queue in names.QUEUES.items()}
    queue = CeleryQueue(producer(str(service.settings.redis_uri), routes=routes))
    await queue.send(names.ISSUE_CHUNK, month=str(MONTH), account_ids=[str(account.id)])

    async def look() -> Bill | None:
        found = await service.state.hall.billing.bills.payable(account.id)
        return found[0] if found else None

    return await eventually(look, what="the bill of October")


async def test_a_bill_stands_on_what_a_reader_brought_back(service: Service, http: httpx.AsyncClient) -> None:
    state = service.state
    reader = await an_agent(state, "walk.reader", role=AgentRole.READER, org_path="grid/walk")
    await an_agent(state, "walk.colleague", role=AgentRole.READER, org_path="grid/walk")
    await an_agent(state, "walk.leader", role=AgentRole.SUPERVISOR, org_path="grid/walk")
    points, accounts = await hand_over(service, reader)
    mine, other, lead = Phone(http, "walk.reader"), Phone(http, "walk.colleague"), Phone(http, "walk.leader")
    for phone in (mine, other, lead):
        await phone.sign_in()

    taken = (await mine.ask(TAKE, k=LIST))["rounds"]["worklistByKey"]
    assert [edge["node"]["meter"] for edge in taken["entries"]["edges"]] == ["WALK1", "WALK2"]

    # Offline: both walked. A colleague read the first meter too, and the second one cannot have run backwards.
    photo = await mine.photo()
    good = a_read(points[0], "1412.34", photoIds=[photo])
    wrong = a_read(points[1], "1142")
    (colleagues,) = await other.bring(a_read(points[0], "1412.9", hours=2))
    assert (colleagues["outcome"], colleagues["beside"]) == ("ACCEPTED", None)
    for _ in range(2):  # the network broke off after the first time
        first, second = await mine.bring(good, wrong)
        assert (first["outcome"], first["beside"], first["entryState"]) == ("ACCEPTED", None, "READ")
        assert (second["outcome"], second["entryState"]) == ("REFUSED", "REREAD")
        assert second["findings"] == [{"doubt": "BELOW_LAST", "confirmable": False}]

    asked = await lead.ask(REREAD, i={"worklist": LIST, "pointId": str(points[1].id), "reason": "示数倒走，请重抄"})
    assert asked["askEntryReread"]["entry"]["state"] == "REREAD"
    again = a_read(points[1], "1442", takenAt=state.clock.now().isoformat())
    (read,) = await other.bring(again)
    assert (read["outcome"], read["entryState"]) == ("ACCEPTED", "READ")

    bill = await the_bill(service, accounts[0])
    (row,) = bill.registers
    assert (str(row.opening), str(row.closing), row.meter) == ("1300.00", "1412.34", "WALK1")
    assert day_start(bill.days.end, ZONE) == day_start(DAY, ZONE)

    rates = [edge["node"] for edge in (await lead.ask(RATES))["rounds"]["rates"]["edges"]]
    counted = sorted((one["person"], one["planned"], one["read"]) for one in rates)
    assert counted == [("walk.colleague", 1, 1), ("walk.reader", 1, 1)]


@pytest.mark.usefixtures("http")
async def test_the_worker_ends_lists_whose_time_is_over_by_night(service: Service) -> None:
    """What the same job makes depends on the day of the month, and is tested where the clock stands still."""
    routes = {name: {"queue": queue} for name, queue in names.QUEUES.items()}
    queue = CeleryQueue(producer(str(service.settings.redis_uri), routes=routes))
    rounds, now = service.state.metering.rounds, service.state.clock.now()
    points = await manual_points(rounds, "WALK3", org_path="grid/night")
    route = a_route(points, code="NIGHT", org_path="grid/night")
    worklist = await make_worklist(route=route, day=local_day(now, ZONE) - timedelta(days=40), rounds=rounds, now=now)
    await queue.send(names.MAKE_WORKLISTS)

    async def look() -> bool:
        found = await rounds.lists.load(worklist.id)
        return found is not None and found.closed

    await eventually(look, what="the end of the list")
    (entry,) = await rounds.entries.all_of(worklist.id)
    assert entry.closed

"""Days that failed a check, at the desk: listed by district, decided with a reason, told to the customer plainly."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
import orjson
import pytest

from gridhall.api.state import State
from gridhall.crm.agents.model import Agent, AgentRole
from gridhall.kit.localdays import Days, local_day
from gridhall.metering.feed.intake import take
from gridhall.metering.feed.model import FeedSource
from gridhall.metering.histories.queries import interval_series
from gridhall.metering.vee.running import run_chunk
from tests.factories.agents import an_agent, headers_of
from tests.factories.homes import MONTH, ZONE, Home, a_home

DAY = date(2026, 9, 20)
GAPPY = [None if 30 <= slot < 60 else 0.1 for slot in range(96)]

Ask = Callable[..., Awaitable[dict[str, Any]]]

LIST = """query($region: String!) { desk { readingExceptions(filter: {region: $region}) { edges { node {
    id version day codes severity state dueOn owner checks { code verdict sentence } } } } } }"""
DECIDE = """mutation($id: ID!, $version: Int!, $reason: String!) {
  %s(input: {id: $id, version: $version, reason: $reason}) { __typename
    ... on Refused { code } ... on ExceptionDecided { exception { state owner steps { by reason } } } } }"""
EDIT = """mutation($id: ID!, $version: Int!, $slots: [SlotEdit!]!) {
  editReadings(input: {id: $id, version: $version, slots: $slots, reason: "read off the meter"}) { __typename
    ... on Refused { code } ... on ExceptionDecided { exception { state } } } }"""


@dataclass(frozen=True, slots=True)
class Failed:
    """A home of which a day has a gap that nobody can estimate yet, and the reviewer who sees it."""

    state: State
    home: Home
    reviewer: Agent
    ask: Ask

    async def listed(self, agent: Agent, region: str = "zhejiang") -> list[dict[str, Any]]:
        told = await self.ask(agent, LIST, region=region)
        return [edge["node"] for edge in told["data"]["desk"]["readingExceptions"]["edges"]]

    async def run(self) -> None:
        point = await self._point()
        now = self.state.clock.now()
        await run_chunk(
            vee=self.state.metering.vee,
            points=[point],
            days=Days(DAY, DAY + timedelta(days=1)),
            today=local_day(now, ZONE),
            now=now,
        )

    async def quality(self) -> list[int | None]:
        series = await interval_series(
            point=await self._point(),
            days=Days(DAY, DAY + timedelta(days=1)),
            histories=self.state.metering.stores.histories,
        )
        return list(series.quality)

    async def feed(self, *rows: dict[str, Any]) -> None:
        async def chunks():  # type: ignore[no-untyped-def] # noqa: ANN202 - an async generator of bytes
            yield b"\n".join(orjson.dumps(row) for row in rows)

        report = await take(
            chunks=chunks(),
            format="ndjson",
            source=FeedSource("test", None, "gap"),
            stores=self.state.metering.stores,
            limits=self.state.metering.limits,
            now=self.state.clock.now(),
        )
        assert report.quarantined == 0

    def row(self, day: date, kwh: list[float | None]) -> dict[str, Any]:
        return {"meter": self.home.bill.registers[0].meter, "day": day.isoformat(), "minutes": 15, "kwh": kwh}

    async def _point(self) -> Any:  # noqa: ANN401 - a service point
        point_id = self.home.account.points[0].point_id
        return (await self.state.metering.points.by_ids([point_id]))[point_id]


@pytest.fixture
async def failed(http: httpx.AsyncClient, app: tuple[httpx.AsyncClient, State]) -> Failed:
    state = app[1]

    async def ask(agent: Agent, query: str, **variables: object) -> dict[str, Any]:
        sent = {"query": query, "variables": variables}
        told: dict[str, Any] = (await http.post("/graphql", json=sent, headers=headers_of(state, agent))).json()
        return told

    made = Failed(state, await a_home(state, 1), await an_agent(state, role=AgentRole.REVIEWER), ask)
    await made.feed(made.row(DAY, GAPPY))
    await made.run()
    return made


async def decide(
    failed: Failed, name: str, *, agent: Agent | None = None, reason: str = "looked at it"
) -> dict[str, Any]:
    (node,) = await failed.listed(failed.reviewer)
    told = await failed.ask(
        agent or failed.reviewer, DECIDE % name, id=node["id"], version=node["version"], reason=reason
    )
    if "errors" in told:
        return {"__typename": told["errors"][0]["extensions"]["code"]}
    return dict(told["data"][name])


async def test_a_failed_day_is_listed_with_its_checks_to_those_of_its_district(failed: Failed) -> None:
    (node,) = await failed.listed(failed.reviewer)
    assert (node["codes"], node["state"], node["day"]) == (["missing"], "OPEN", "2026-09-20")
    said = {check["code"]: check["sentence"] for check in node["checks"]}
    assert said["missing"] == "30 of 96 intervals are missing, the longest gap is 450 minutes."
    elsewhere = await an_agent(failed.state, "li.na", role=AgentRole.REVIEWER, region="shaanxi")
    assert await failed.listed(elsewhere) == []


async def test_accepting_keeps_the_values_as_validated_and_stays_accepted(failed: Failed) -> None:
    outcome = await decide(failed, "acceptReadings")
    assert outcome["exception"]["state"] == "ACCEPTED"
    assert outcome["exception"]["steps"][-1] == {"by": failed.reviewer.name, "reason": "looked at it"}
    assert set(await failed.quality()) == {17, None}
    await failed.run()
    assert await failed.listed(failed.reviewer) == []


async def test_only_a_reviewer_decides_and_only_on_what_is_seen(failed: Failed) -> None:
    assert (await decide(failed, "acceptReadings", reason="no"))["code"] == "BAD_INPUT"
    plain = await an_agent(failed.state, "li.na")
    assert (await decide(failed, "acceptReadings", agent=plain))["__typename"] == "FORBIDDEN"
    (node,) = await failed.listed(failed.reviewer)
    stale = await failed.ask(
        failed.reviewer, DECIDE % "acceptReadings", id=node["id"], version=node["version"] + 1, reason="seen before"
    )
    assert stale["data"]["acceptReadings"]["code"] == "CHANGED_MEANWHILE"


async def test_an_edit_by_hand_outlives_a_replay_and_keeps_what_was_there(failed: Failed) -> None:
    (node,) = await failed.listed(failed.reviewer)
    slots = [{"slot": slot, "kwh": "0.125"} for slot in range(29, 60)]
    told = await failed.ask(failed.reviewer, EDIT, id=node["id"], version=node["version"], slots=slots)
    assert told["data"]["editReadings"]["exception"]["state"] == "EDITED"
    await failed.feed(failed.row(DAY, GAPPY))
    assert set((await failed.quality())[29:60]) == {7}
    point_id = failed.home.account.points[0].point_id
    older = await failed.state.metering.stores.histories.revisions(point_id=point_id, channel="import-kwh", day=DAY)
    assert older[0].unpacked()[29] == 100


@pytest.mark.parametrize(
    "slots", [[], [{"slot": 96, "kwh": "1"}], [{"slot": 1, "kwh": "-1"}], [{"slot": 1, "kwh": "0.00001"}]]
)
async def test_an_edit_that_no_meter_could_show_is_refused(failed: Failed, slots: list[dict[str, object]]) -> None:
    (node,) = await failed.listed(failed.reviewer)
    told = await failed.ask(failed.reviewer, EDIT, id=node["id"], version=node["version"], slots=slots)
    assert told["data"]["editReadings"] == {"__typename": "Refused", "code": "BAD_INPUT"}


async def test_estimating_needs_a_history_and_then_fills_the_gap(failed: Failed) -> None:
    assert (await decide(failed, "estimateReadings"))["code"] == "NOT_NOW"
    await failed.feed(*(failed.row(DAY - timedelta(days=back), [0.1] * 96) for back in range(1, 11)))
    outcome = await decide(failed, "estimateReadings")
    assert outcome["exception"]["state"] == "ESTIMATED"
    assert set(await failed.quality()) == {0, 8}


async def test_asking_for_a_reread_tells_the_readers(failed: Failed) -> None:
    assert (await decide(failed, "askReread"))["exception"]["state"] == "REREAD"
    events = await failed.state.hall.billing.issuing.outbox.waiting(
        before=failed.state.clock.now() + timedelta(1), limit=99
    )
    (event,) = [one for one in events if one.kind == "metering.reread_asked"]
    assert event.payload["day"] == "2026-09-20"


async def test_the_customer_reads_what_it_means_for_the_bill(failed: Failed, http: httpx.AsyncClient) -> None:
    query = """{ viewer { accounts { usage(from: "%s", to: "%s", resolution: DAY) { notices { day code text } } } } }"""
    sent = {"query": query % (MONTH.first, MONTH.shift(1).first)}
    told = (await http.post("/graphql", json=sent, headers={**failed.home.headers, "Accept-Language": "en"})).json()
    (notice,) = told["data"]["viewer"]["accounts"][0]["usage"]["notices"]
    assert (notice["day"], notice["code"]) == ("2026-09-20", "missing")
    assert "Bills stand on the meter's registers" in notice["text"]

"""Refused rows at the desk: who sees them, who mends them, and what is kept of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any

import httpx
import orjson
import pytest
from strawberry import relay

from gridhall.api.state import State
from gridhall.crm.agents.model import Agent, AgentRole
from gridhall.kit.ids import new_id
from gridhall.metering.feed.intake import take
from gridhall.metering.feed.model import FeedSource
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from tests.factories.agents import an_agent, headers_of

Ask = Callable[..., Awaitable[dict[str, Any]]]

SINCE, DAY = date(2026, 9, 1), "2026-09-02"
FIELDS = "id client batch line format code sentence meter day readings seen firstAt lastAt raw settled"  # every field
LIST = (
    "query($filter: RefusedRowFilter, $first: Int = 20, $after: String) { desk { refusedRows(filter: $filter, "
    f"first: $first, after: $after) {{ pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {FIELDS} }} }} }} }} }}"
)
CORRECT = """mutation($id: ID!, $row: String!, $reason: String!) {
    correctRefusedRow(input: {id: $id, row: $row, reason: $reason}) { __typename
    ... on RefusedRowCorrected { accepted duplicate corrected row { settled } } ... on Refused { code message } } }"""
REPLAY = """mutation($ids: [ID!]!, $reason: String!) { replayRefusedRows(input: {ids: $ids, reason: $reason}) {
    __typename ... on RefusedRowsReplayed { accepted moved refused rows { settled } } ... on Refused { code } } }"""


@pytest.fixture
def ask(http: httpx.AsyncClient, state: State) -> Ask:
    async def post(agent: Agent, query: str, **variables: object) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        answer = await http.post("/graphql", json=body, headers=headers_of(state, agent))
        told: dict[str, Any] = answer.json()
        return told

    return post


@pytest.fixture
async def town(state: State) -> None:
    """Meter 1 hangs in Hangzhou, 2 in Ningbo, 3 in another region."""
    for meter, region, org in (("1", "zhejiang", "zj/hz"), ("2", "zhejiang", "zj/nb"), ("3", "shaanxi", "sx/xa")):
        await register(state, meter, region, org)


async def register(state: State, meter: str, region: str = "zhejiang", org: str = "zj/hz") -> None:
    point = ServicePoint(new_id(), region, org, "Asia/Shanghai", "zhejiang-tou", (MeterLink(meter, SINCE),))
    await register_points(points=[point], meters=[Meter(meter)], repository=state.metering.points)


def reading(meter: str, kwh: str = "-1") -> str:
    return orjson.dumps({"meter": meter, "start": f"{DAY}T00:00:00+08:00", "kwh": kwh}).decode()


async def fed(
    state: State, *rows: str, client: str = "ami", regions: frozenset[str] | None = frozenset({"zhejiang"})
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield "\n".join(rows).encode()

    await take(
        chunks=chunks(),
        format="ndjson",
        source=FeedSource(client, regions, "b-1"),
        stores=state.metering.stores,
        limits=state.metering.limits,
        now=state.clock.now(),
    )


async def rows_of(ask: Ask, agent: Agent, **filter: object) -> list[dict[str, Any]]:
    told = await ask(agent, LIST, filter=filter)
    return [edge["node"] for edge in told["data"]["desk"]["refusedRows"]["edges"]]


async def a_reviewer(state: State, name: str, region: str | None = "zhejiang", org: str = "zj/hz") -> Agent:
    role = AgentRole.SUPERVISOR if region is None else AgentRole.REVIEWER
    return await an_agent(state, name, role=role, region=region, org_path=org)


@pytest.fixture
async def reviewer(state: State) -> Agent:
    return await a_reviewer(state, "qian.hong")


@pytest.mark.usefixtures("town")
class TestWhoSeesThem:
    async def test_rows_of_a_known_meter_are_for_its_district(self, ask: Ask, state: State, reviewer: Agent) -> None:
        await fed(state, reading("1"), reading("2"), reading("absent"), reading("3"))
        await fed(state, reading("1", "-2"), client="file", regions=None)
        assert sorted(row["meter"] for row in await rows_of(ask, reviewer)) == ["1", "1"]
        ningbo = await a_reviewer(state, "sun.li", org="zj/nb")
        assert [row["meter"] for row in await rows_of(ask, ningbo)] == ["2"]

    async def test_rows_of_no_known_meter_are_for_whoever_serves_all_that_the_sender_may_write(
        self, ask: Ask, state: State
    ) -> None:
        await fed(state, reading("absent"), reading("3", "1"))
        await fed(state, "nonsense", client="file", regions=None)
        whole = await a_reviewer(state, "zhou.wu", org="")
        everywhere = await a_reviewer(state, "zheng.wang", region=None, org="")
        assert sorted(row["code"] for row in await rows_of(ask, whole)) == ["foreign-meter", "unknown-meter"]
        assert len(await rows_of(ask, everywhere)) == 3

    async def test_only_reviewers_and_supervisors_do(self, ask: Ask, state: State) -> None:
        await fed(state, reading("1"))
        agent = await an_agent(state, "li.si", role=AgentRole.AGENT, region="zhejiang", org_path="")
        assert await rows_of(ask, agent) == []

    async def test_filters_and_pages_leave_nothing_out(self, ask: Ask, state: State, reviewer: Agent) -> None:
        await fed(state, *(reading("1", f"-{one}") for one in range(1, 8)), reading("1", "x"), reading("2"))
        assert len(await rows_of(ask, reviewer, reason="negative-energy")) == 7
        assert len(await rows_of(ask, reviewer, client="ami", batch="b-1")) == 8
        assert await rows_of(ask, reviewer, batch="b-2") == []
        seen, after = [], None
        while True:
            told = (await ask(reviewer, LIST, first=3, after=after))["data"]["desk"]["refusedRows"]
            seen += [edge["node"]["raw"] for edge in told["edges"]]
            if not told["pageInfo"]["hasNextPage"]:
                break
            after = told["pageInfo"]["endCursor"]
        assert len(seen) == len(set(seen)) == 8


@pytest.mark.usefixtures("town")
class TestACorrection:
    async def test_is_stored_audited_and_settles_the_row(self, ask: Ask, state: State, reviewer: Agent) -> None:
        await fed(state, reading("1"))
        (row,) = await rows_of(ask, reviewer)
        told = await ask(reviewer, CORRECT, id=row["id"], row=reading("1", "0.5"), reason="抄表员核实为正")
        assert told["data"]["correctRefusedRow"] == {
            "__typename": "RefusedRowCorrected",
            "accepted": 1,
            "duplicate": 0,
            "corrected": 0,
            "row": {"settled": "CORRECTED"},
        }
        assert await rows_of(ask, reviewer) == []
        (entry,) = [one async for one in state.mongo["audit"].find({"action": "feed_corrected"})]
        assert entry["agent"] == "qian.hong"
        again = await ask(reviewer, CORRECT, id=row["id"], row=reading("1", "0.5"), reason="再来一次")
        assert again["data"]["correctRefusedRow"]["code"] == "NOT_NOW"

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"row": reading("1", "-5"), "reason": "good reason"}, "BAD_INPUT"),
            ({"row": "nonsense", "reason": "good reason"}, "BAD_INPUT"),
            ({"row": "", "reason": "good reason"}, "BAD_INPUT"),
            ({"row": reading("1", "0.5"), "reason": "no"}, "BAD_INPUT"),
            ({"row": reading("2", "0.5"), "reason": "good reason"}, "FORBIDDEN"),
        ],
    )
    async def test_that_is_none_changes_nothing(
        self, ask: Ask, state: State, reviewer: Agent, given: dict[str, str], code: str
    ) -> None:
        await fed(state, reading("1"))
        before = await rows_of(ask, reviewer)
        told = await ask(reviewer, CORRECT, id=before[0]["id"], **given)
        assert told["data"]["correctRefusedRow"]["code"] == code
        assert await rows_of(ask, reviewer) == before
        assert await state.mongo["usage_days"].count_documents({}) == 0

    async def test_of_a_row_of_another_district_finds_none(self, ask: Ask, state: State, reviewer: Agent) -> None:
        await fed(state, reading("2"))
        (kept,) = await state.metering.stores.quarantine.page(limit=5)
        global_id = str(relay.GlobalID("RefusedRow", kept.id.hex()))
        told = await ask(reviewer, CORRECT, id=global_id, row=reading("2", "0.5"), reason="good reason")
        assert told["data"]["correctRefusedRow"]["code"] == "NOT_FOUND"
        replayed = await ask(reviewer, REPLAY, ids=[global_id], reason="good reason")
        assert replayed["data"]["replayRefusedRows"]["code"] == "NOT_FOUND"


@pytest.mark.usefixtures("town")
class TestAReplay:
    async def test_takes_rows_again_once_their_meter_is_registered(self, ask: Ask, state: State) -> None:
        await fed(state, reading("9", "0.5"), reading("8", "0.5"))
        whole = await a_reviewer(state, "zhou.wu", org="")
        ids = [row["id"] for row in await rows_of(ask, whole)]
        await register(state, "9")
        told = await ask(whole, REPLAY, ids=ids, reason="电表已建档")
        replayed = told["data"]["replayRefusedRows"]
        assert (replayed["accepted"], replayed["moved"], replayed["refused"]) == (1, 0, 1)
        assert sorted(str(row["settled"]) for row in replayed["rows"]) == ["ACCEPTED", "None"]
        assert await state.mongo["audit"].count_documents({"action": "feed_replayed"}) == 1

    async def test_of_nothing_or_too_many_is_told(self, ask: Ask, reviewer: Agent) -> None:
        for ids in ([], [str(relay.GlobalID("RefusedRow", "00"))] * 101, ["RefusedRow:zz"]):
            told = await ask(reviewer, REPLAY, ids=ids, reason="good reason")
            assert told["errors"][0]["extensions"]["code"] in {"BAD_INPUT", "BAD_DOCUMENT"}

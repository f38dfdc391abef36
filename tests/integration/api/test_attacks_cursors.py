"""Cursors, ids and dates that this service never gave out, in every list of the desk, the rounds and the customer."""

from typing import Any

import httpx
import pytest
from strawberry import relay

from gridhall.api.state import State
from gridhall.billing.board.model import Stage
from gridhall.crm.agents.model import AgentRole
from gridhall.kit.paging import to_cursor
from tests.factories.agents import an_agent, headers_of
from tests.factories.homes import a_home

EXPORT = "usageExport(from: $f, to: $t) { url }"
ID = "01a201b2-d000-724d-b6f7-be878f209279"
KEYS = (
    "", "\x00", ID, f"nan {ID}", f"1e999 {ID}", "0.5 x", f"0001-01-01T00:00:00+14:00 {ID}",
    f"9999-12-31T23:59:59-14:00 {ID}", f"2026-01-01 {ID}", f"2026-01-01T00:00:00 {ID}", f"0001-01-01 {'0' * 64}",
    "0" * 64, "zz" * 16, "9999-12", "9" * 5000, f"{'9' * 30} {ID}", f"-{2**63} {ID}", "$ne", "é 漢", "a:b:c",
)  # fmt: skip
DESK = (
    'proposedReads(region: "zhejiang", first: 2, after: $a)',
    'irregularCases(filter: {region: "zhejiang"}, first: 2, after: $a)',
    'readingExceptions(filter: {region: "zhejiang"}, first: 2, after: $a)',
    'billCorrections(region: "zhejiang", first: 2, after: $a)',
    'billRuns(region: "zhejiang", first: 2, after: $a)',
    "refusedRows(first: 2, after: $a)",
    'heldBills(region: "zhejiang", first: 2, after: $a)',
    'approvals(filter: {region: "zhejiang"}, first: 2, after: $a)',
    'refunds(region: "zhejiang", first: 2, after: $a)',
    'unmatchedTransfers(region: "zhejiang", first: 2, after: $a)',
    "reconciliations(first: 2, after: $a)",
    'shifts(region: "zhejiang", first: 2, after: $a)',
    'arrearsQueue(filter: {region: "zhejiang"}, first: 2, after: $a)',
    'failedInvoices(region: "zhejiang", first: 2, after: $a)',
    'balanceCuts(region: "zhejiang", first: 2, after: $a)',
    'billingCases(filter: {region: "zhejiang"}, first: 2, after: $a)',
    *(
        f'billingBoardStage(region: "zhejiang", month: "2026-10", stage: {stage.name}, first: 2, after: $a)'
        for stage in (Stage.NOT_RUN, Stage.WAITING_READING, Stage.OVERDUE)
    ),
    'customers(search: {phone: "13900190001"}, first: 2, after: $a)',
)
ROUNDS = (
    'proposedReads(region: "zhejiang", first: 2, after: $a)',
    'routes(region: "zhejiang", first: 2, after: $a)',
    'worklists(region: "zhejiang", from: "2026-11-01", to: "2026-12-01", first: 2, after: $a)',
    'rates(region: "zhejiang", month: "2026-11", first: 2, after: $a)',
)


async def codes(http: httpx.AsyncClient, headers: dict[str, str], query: str, **variables: object) -> set[str]:
    answer = await http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    told: dict[str, Any] = answer.json()
    return {one["extensions"]["code"] for one in told.get("errors", [])}


@pytest.fixture
async def leader(state: State) -> dict[str, str]:
    return headers_of(state, await an_agent(state, "wu.lan", role=AgentRole.SUPERVISOR, region=None))


class TestCursors:
    @pytest.mark.parametrize(
        "field",
        [*(f"desk {{ {one}" for one in DESK), *(f"rounds {{ {one}" for one in ROUNDS)],
        ids=lambda field: field.partition("(")[0].replace(" { ", "-"),
    )
    async def test_of_agents_are_refused_or_lead_nowhere(
        self, http: httpx.AsyncClient, leader: dict[str, str], field: str
    ) -> None:
        query = f"query($a: String) {{ {field} {{ edges {{ cursor }} }} }} }}"
        assert await codes(http, leader, query, a=None) == set()
        for key in KEYS:
            assert await codes(http, leader, query, a=to_cursor(key)) <= {"BAD_INPUT"}, key

    async def test_of_customers_are_refused_or_lead_nowhere(self, http: httpx.AsyncClient, state: State) -> None:
        home = await a_home(state, 1)
        for field in ("accounts { bills(first: 2, after: $a)", "inbox(first: 2, after: $a)"):
            end = "}" * field.count("{")
            query = f"query($a: String) {{ viewer {{ {field} {{ edges {{ cursor }} }} {end} }} }}"
            for key in KEYS:
                assert await codes(http, home.headers, query, a=to_cursor(key)) <= {"BAD_INPUT"}, (field, key)


class TestIdsAndDates:
    @pytest.mark.parametrize("kind", ["IrregularCase", "ReadingException", "RefusedRow", "ProposedRead", "Account"])
    async def test_of_another_kind_open_nothing(
        self, http: httpx.AsyncClient, leader: dict[str, str], kind: str
    ) -> None:
        for node in (ID, "", "x", "00" * 32, "00", "$ne", "9" * 3000):
            id_ = str(relay.GlobalID(kind, node))
            assert await codes(http, leader, "query($i: ID!) { node(id: $i) { id } }", i=id_) <= {"BAD_INPUT"}
            query = "query($i: ID!) { desk { irregularCase(id: $i) { id } customer(id: $i) { id } } }"
            assert await codes(http, leader, query, i=id_) <= {"BAD_INPUT"}

    async def test_at_the_ends_of_time_are_no_fault(
        self, http: httpx.AsyncClient, leader: dict[str, str], state: State
    ) -> None:
        home = await a_home(state, 1)
        spans = [("0001-01-01", "0001-01-02"), ("9999-12-30", "9999-12-31"), ("2026-09-02", "2026-09-01")]
        for start, end in [*spans, ("0001-01-01", "9999-12-31")]:
            loss = "query($f: Date!, $t: Date!) { desk { districtLoss(%s, from: $f, to: $t) { district } } }"
            place = 'district: "T001"'
            assert await codes(http, leader, loss % place, f=start, t=end) <= {"BAD_INPUT"}, (start, end)
            lists = "query($f: Date!, $t: Date!) { rounds { worklists(%s, from: $f, to: $t) { edges { cursor } } } }"
            assert await codes(http, leader, lists % 'region: "zhejiang"', f=start, t=end) <= {"BAD_INPUT"}, (
                start,
                end,
            )
            for resolution in ("INTERVAL", "DAY", "MONTH", "YEAR"):
                fields = f"usage(from: $f, to: $t, resolution: {resolution}) {{ total comparison {{ comparedDays }} }}"
                usage = f"query($f: Date!, $t: Date!) {{ viewer {{ accounts {{ {fields} {EXPORT} }} }} }}"
                assert await codes(http, home.headers, usage, f=start, t=end) <= {"BAD_INPUT"}, (start, end, resolution)
        for month in ("0000-01", "0001-01", "9999-12", "2026-13", "2026-00", "x", "", "2026-09-01", "٢٠٢٦-٠٩"):
            fields = "load(month: $m) { month } similarHomes(month: $m) { month }"
            query = f"query($m: String!) {{ viewer {{ accounts {{ {fields} }} }} }}"
            assert await codes(http, home.headers, query, m=month) <= {"BAD_INPUT"}, month
            rates = 'query($m: String!) { rounds { rates(region: "zhejiang", month: $m) { edges { cursor } } } }'
            assert await codes(http, leader, rates, m=month) <= {"BAD_INPUT"}, month
        for last in (0, -1, 2**31 - 1, 4000):
            for resolution in ("INTERVAL", "DAY", "MONTH", "YEAR"):
                fields = f"usage(last: $l, resolution: {resolution}) {{ total }}"
                usage = f"query($l: Int!) {{ viewer {{ accounts {{ {fields} }} }} }}"
                assert await codes(http, home.headers, usage, l=last) <= {"BAD_INPUT"}, (last, resolution)

"""The desk's part in a billing cycle: queue, second person, board, cases, explanation, through the front door."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from strawberry import relay

from gridhall.api.state import State
from gridhall.billing.bills.holds import hold_from
from gridhall.billing.bills.model import Bill, BillStatus, Finding
from gridhall.billing.cases.model import CaseKind, case_of
from gridhall.billing.cases.operations import open_cases
from gridhall.crm.agents.model import Agent, AgentRole
from gridhall.kit.localdays import local_day
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction
from tests.factories.agents import an_agent
from tests.factories.bills import a_bill
from tests.factories.desk import Ask
from tests.factories.homes import Home

RELEASE = """mutation($id: ID!) { releaseBill(input: {id: $id, reason: "a new heat pump"}) { __typename
  ... on BillReleasePrepared { approval { id kind amount { yuan } state barred } bill { hold { awaitsApproval } } }
  ... on BillReleased { bill { status } } ... on Refused { code } } }"""
APPROVE = """mutation($id: ID!) { %sRequest(input: {id: $id, reason: "seen the invoice"}) { __typename
  ... on ApprovalDecided { approval { state decidedBy } } ... on Refused { code message } } }"""
ASSIGN = """mutation($id: ID!, $owner: String) { assignBill(input: {id: $id, owner: $owner}) { __typename
  ... on BillAssigned { bill { hold { owner dueOn steps { what by note } } } } ... on Refused { code } } }"""
REJECT = """mutation($id: ID!) { rejectBill(input: {id: $id, reason: "peak was misread"}) { __typename } }"""
STAGE = """{ desk { billingBoardStage(region: "zhejiang", month: "2026-10", stage: %s) {
  edges { node { accountNumber billNumber owner why { name value } } } } } }"""
BOARD = """{ desk { billingBoard(region: "zhejiang", month: "2026-10") { accounts stages {
  stage title count amount { yuan } owners { name count } reasons { name count } } } } }"""


@pytest.fixture
async def second(state: State) -> Agent:
    return await an_agent(state, "sun.li", role=AgentRole.REVIEWER)


@pytest.fixture
async def large(state: State, home: Home) -> Bill:
    """A held bill of more than one person may release alone."""
    today = local_day(state.clock.now(), "Asia/Shanghai")
    finding = Finding("jumped_against_last_month", (("kwh", "20000"), ("previous", "240")))
    bill = a_bill(
        home.account,
        "2026-10",
        {"peak": 15000, "valley": 5000},
        status=BillStatus.HELD,
        findings=(finding,),
        hold=hold_from(today - timedelta(days=30)),
    )

    async def write(transaction: Transaction) -> None:
        await state.hall.billing.bills.add([bill], transaction=transaction)

    await state.mongo.transact(write)
    return bill


def bill_id(bill: Bill) -> str:
    return str(relay.GlobalID("DeskBill", str(bill.id)))


async def test_a_large_release_is_prepared_by_one_and_approved_by_another(
    ask: Ask, large: Bill, reviewer: Agent, second: Agent
) -> None:
    told = (await ask(reviewer, RELEASE, id=bill_id(large)))["data"]["releaseBill"]
    assert (told["__typename"], told["approval"]["kind"]) == ("BillReleasePrepared", "RELEASE")
    assert told["bill"]["hold"]["awaitsApproval"]
    own = (await ask(reviewer, APPROVE % "approve", id=told["approval"]["id"]))["data"]["approveRequest"]
    assert own["code"] == "SECOND_PERSON_NEEDED"
    waiting = await ask(
        second, '{ desk { approvals(filter: {region: "zhejiang"}) { edges { node { id preparedBy } } } } }'
    )
    (edge,) = waiting["data"]["desk"]["approvals"]["edges"]
    assert edge["node"] == {"id": told["approval"]["id"], "preparedBy": "qian.hong"}
    other = (await ask(second, APPROVE % "approve", id=edge["node"]["id"]))["data"]["approveRequest"]
    assert other["approval"] == {"state": "APPROVED", "decidedBy": "sun.li"}
    query = '{ desk { approvals(filter: {region: "zhejiang"}) { edges { cursor } } } }'
    assert (await ask(second, query))["data"]["desk"]["approvals"]["edges"] == []


async def test_an_agent_who_only_answers_approves_nothing(ask: Ask, state: State, large: Bill, reviewer: Agent) -> None:
    told = (await ask(reviewer, RELEASE, id=bill_id(large)))["data"]["releaseBill"]
    answering = await an_agent(state)
    refused = await ask(answering, APPROVE % "approve", id=told["approval"]["id"])
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    far = await an_agent(state, "far.away", role=AgentRole.REVIEWER, region="shaanxi")
    hidden = (await ask(far, APPROVE % "approve", id=told["approval"]["id"]))["data"]["approveRequest"]
    assert hidden["code"] == "NOT_FOUND"


async def test_a_held_bill_is_taken_and_handed_over_to_who_may_have_it(
    ask: Ask, state: State, large: Bill, reviewer: Agent, second: Agent
) -> None:
    mine = (await ask(reviewer, ASSIGN, id=bill_id(large)))["data"]["assignBill"]
    assert mine["bill"]["hold"]["owner"] == reviewer.name
    theirs = (await ask(reviewer, ASSIGN, id=bill_id(large), owner=second.name))["data"]["assignBill"]
    assert [step["note"] for step in theirs["bill"]["hold"]["steps"]] == [reviewer.name, second.name]
    answering = await an_agent(state)
    refused = (await ask(reviewer, ASSIGN, id=bill_id(large), owner=answering.name))["data"]["assignBill"]
    assert refused["code"] == "BAD_INPUT"


async def test_the_board_says_what_waits_with_whom_and_opens_each_stage(
    ask: Ask, large: Bill, home: Home, reviewer: Agent
) -> None:
    await ask(reviewer, ASSIGN, id=bill_id(large))
    board = (await ask(reviewer, BOARD))["data"]["desk"]["billingBoard"]
    held = next(stage for stage in board["stages"] if stage["stage"] == "HELD")
    assert (board["accounts"], held["count"], held["title"]) == (1, 1, "held for review")
    assert held["owners"] == [{"name": "qian.hong", "count": 1}]
    query = """query($after: String) { desk { billingBoardStage(
      region: "zhejiang", month: "2026-10", stage: HELD, first: 1, after: $after) {
        edges { node { accountNumber owner why { name value } } } pageInfo { hasNextPage } } } }"""
    page = (await ask(reviewer, query))["data"]["desk"]["billingBoardStage"]
    assert page["pageInfo"]["hasNextPage"] is False
    assert page["edges"][0]["node"]["accountNumber"] == home.account.number
    assert page["edges"][0]["node"]["why"][0] == {
        "name": "jumped_against_last_month",
        "value": "kwh 20000, previous 240",
    }
    bad = await ask(reviewer, query, after="bm93aGVyZQ")
    assert bad["errors"][0]["extensions"]["code"] == "BAD_INPUT"


async def test_the_board_says_who_sent_a_month_back_and_why(
    ask: Ask, large: Bill, home: Home, reviewer: Agent, second: Agent
) -> None:
    told = (await ask(reviewer, RELEASE, id=bill_id(large)))["data"]["releaseBill"]
    await ask(second, APPROVE % "refuse", id=told["approval"]["id"])
    (refused,) = await entries_of(ask, reviewer, "RELEASE_SENT_BACK")
    assert refused["billNumber"] == large.number
    assert [one["value"] for one in refused["why"] if one["name"] == "sent_back"] == ["seen the invoice"]
    assert (await ask(reviewer, REJECT, id=bill_id(large)))["data"]["rejectBill"]["__typename"] == "BillRejected"
    assert await entries_of(ask, reviewer, "RELEASE_SENT_BACK") == []
    (rejected,) = await entries_of(ask, reviewer, "SENT_BACK")
    assert rejected == {
        "accountNumber": home.account.number,
        "billNumber": None,
        "owner": reviewer.name,
        "why": [{"name": "sent_back", "value": "peak was misread"}],
    }


async def entries_of(ask: Ask, agent: Agent, stage: str) -> list[dict[str, Any]]:
    found = (await ask(agent, STAGE % stage))["data"]["desk"]["billingBoardStage"]["edges"]
    return [edge["node"] for edge in found]


async def test_a_difference_is_taken_and_closed_once(ask: Ask, state: State, reviewer: Agent) -> None:
    now = state.clock.now()
    case = case_of(
        kind=CaseKind.UNMATCHED_MONEY,
        key="bank:2026-11-01:7",
        region="zhejiang",
        amount=Fen(7812),
        now=now,
        today=local_day(now, "Asia/Shanghai"),
    )
    await open_cases(state.hall.billing.cases, [case])
    listed = await ask(
        reviewer,
        '{ desk { billingCases(filter: {region: "zhejiang"}) { edges { node { id kind amount { yuan } } } } } }',
    )
    reached = [edge["node"] for edge in listed["data"]["desk"]["billingCases"]["edges"]]
    assert [one["kind"] for one in reached] == ["UNMATCHED_MONEY"]
    supervisor = await an_agent(state, "wu.gang", role=AgentRole.SUPERVISOR, region=None, org_path="")
    case_id = str(relay.GlobalID("BillingCase", str(case.id)))
    take = """mutation($id: ID!) { takeBillingCase(input: {id: $id}) {
      ... on BillingCaseChanged { case { owner state } } } }"""
    taken = (await ask(supervisor, take, id=case_id))["data"]["takeBillingCase"]
    assert taken["case"] == {"owner": "wu.gang", "state": "TAKEN"}
    close = """mutation($id: ID!) { closeBillingCase(input: {id: $id, reason: "found the payer"}) {
      __typename ... on BillingCaseChanged { case { closing steps { by state } } } } }"""
    closed = (await ask(supervisor, close, id=case_id))["data"]["closeBillingCase"]
    assert closed["case"]["closing"] == "found the payer"
    again = (await ask(supervisor, close, id=case_id))["data"]["closeBillingCase"]
    assert again["__typename"] == "BillingCaseClosedBefore"


async def test_a_customer_reads_how_the_own_bill_was_calculated(http: httpx.AsyncClient, home: Home) -> None:
    query = """{ viewer { accounts { bills(first: 1) { edges { node {
      total { fen } explanation { agrees recomputed { fen } steps { section title text } } } } } } } }"""
    answer = await http.post("/graphql", json={"query": query}, headers=home.headers)
    (account,) = answer.json()["data"]["viewer"]["accounts"]
    bill = account["bills"]["edges"][0]["node"]
    assert bill["explanation"]["agrees"] is True
    assert bill["explanation"]["recomputed"] == bill["total"]
    sections = [step["section"] for step in bill["explanation"]["steps"]]
    assert list(dict.fromkeys(sections)) == ["READINGS", "TIERS", "PRICE", "LINES", "TOTAL"]
    assert any("与账单一致" in step["text"] for step in bill["explanation"]["steps"])

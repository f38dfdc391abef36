"""Arrears through the front door: the customer's side, the collectors', and who may not."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from strawberry import relay

from gridhall.api.state import State
from gridhall.billing.arrears.following import bills_issued
from gridhall.billing.arrears.operations import scan
from gridhall.crm.agents.model import AgentRole
from gridhall.kit.localdays import local_day
from gridhall.kit.mongo import Transaction
from tests.factories.agents import an_agent, headers_of
from tests.factories.homes import Home, a_home

Ask = Callable[..., Awaitable[dict[str, Any]]]

PROMISE = """mutation($input: PromiseToPayInput!) {
  promiseToPay(input: $input) { __typename ... on Promised { by amount { fen } } ... on Refused { code } }
}"""
DISPUTE = """mutation($input: DisputeBillInput!) {
  disputeBill(input: $input) { __typename ... on BillDisputed { answerBy } ... on Refused { code } }
}"""
OBJECTION = "query($id: ID!) { node(id: $id) { ... on Bill { dispute { state reason answer } } } }"
CONTACT = """mutation($input: NoteContactInput!) {
  noteContact(input: $input) {
    __typename ... on ArrearsChanged { account { accountNumber } } ... on Refused { code message }
  }
}"""
CUT = "mutation($input: AskForCutInput!) { askForCut(input: $input) { __typename ... on Refused { code } } }"
SHIELD, RESOLVE, WAIVE, WRITE_OFF, PLAN = (
    f"mutation($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ __typename"
    " ... on ArrearsChanged { account { state } } ... on Refused { code } } }"
    for name in ("shieldAccount", "resolveDispute", "askForWaiver", "askForWriteOff", "askForPlan")
)
TOLD = """mutation($input: NoteAuthorityToldInput!) { noteAuthorityTold(input: $input) { __typename
  ... on ArrearsChanged { account { state history { event by note } } } ... on Refused { code } } }"""
ARREARS = "{ viewer { accounts { arrears { state overdue { fen } penalty { fen } oldestDue payUntil } } } }"
QUEUE = """{ desk {
  arrearsQueue(filter: {region: "zhejiang"}) { edges { node {
    id accountNumber state chance reasons overdue { fen } expected { fen } history { event by }
  } } }
  arrearsFigures(region: "zhejiang") {
    aging { days bills overdue { fen } } months { month rate } daysOutstanding
  }
} }"""


@pytest.fixture
def ask(http: httpx.AsyncClient) -> Ask:
    async def post(headers: dict[str, str], query: str, **variables: object) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        told: dict[str, Any] = (await http.post("/graphql", json=body, headers=headers)).json()
        return told

    return post


@pytest.fixture
async def late(state: State) -> Home:
    """A home whose bill has been due for five days."""
    home = await a_home(state, 1)
    today = local_day(state.clock.now(), "Asia/Shanghai")
    due = today - timedelta(days=5)
    following = state.hall.billing.arrears.following
    await following.bills._bills.update_one({"_id": home.bill.id}, {"$set": {"due_on": due.isoformat()}})
    await following.debts._debts.delete_one({"_id": home.bill.id})

    async def work(transaction: Transaction) -> None:
        bills = await following.bills.payable(home.account.id, transaction=transaction)
        await bills_issued(following=following, bills=bills, transaction=transaction)

    await state.hall.billing.arrears.mongo.transact(work)
    await scan(arrears=state.hall.billing.arrears, region="zhejiang", today=today, now=state.clock.now())
    return home


def account_id(home: Home, kind: str = "Account") -> str:
    return str(relay.GlobalID(kind, str(home.account.id)))


async def test_a_customer_sees_the_penalty_apart_from_the_bills_and_promises_to_pay(
    state: State, ask: Ask, late: Home
) -> None:
    (shown,) = (await ask(late.headers, ARREARS))["data"]["viewer"]["accounts"]
    assert shown["arrears"]["state"] == "OVERDUE"
    assert shown["arrears"]["overdue"]["fen"] == late.bill.owed
    assert shown["arrears"]["penalty"]["fen"] == (late.bill.owed * 5 * 100 + 50_000) // 100_000
    day = local_day(state.clock.now(), "Asia/Shanghai") + timedelta(days=3)
    far = await ask(late.headers, PROMISE, input={"accountId": account_id(late), "by": "2099-01-01"})
    assert far["data"]["promiseToPay"] == {"__typename": "Refused", "code": "BAD_INPUT"}
    made = await ask(late.headers, PROMISE, input={"accountId": account_id(late), "by": day.isoformat()})
    assert made["data"]["promiseToPay"]["amount"]["fen"] == late.bill.owed
    (shown,) = (await ask(late.headers, ARREARS))["data"]["viewer"]["accounts"]
    assert (shown["arrears"]["state"], shown["arrears"]["payUntil"]) == ("PROMISED", day.isoformat())


async def test_a_customer_objects_to_a_bill_and_nobody_to_anothers(state: State, ask: Ask, late: Home) -> None:
    other = await a_home(state, 2)
    bill = str(relay.GlobalID("Bill", str(late.bill.id)))
    foreign = await ask(other.headers, DISPUTE, input={"billId": bill, "reason": "not mine"})
    assert foreign["data"]["disputeBill"] == {"__typename": "Refused", "code": "NOT_FOUND"}
    opened = await ask(late.headers, DISPUTE, input={"billId": bill, "reason": "the meter runs too fast"})
    assert date.fromisoformat(opened["data"]["disputeBill"]["answerBy"]) > date.today()  # noqa: DTZ011 - a day is enough
    theirs = await ask(other.headers, PROMISE, input={"accountId": account_id(late), "by": "2099-01-01"})
    assert theirs["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_collector_sees_the_queue_with_its_reasons_and_the_figures(state: State, ask: Ask, late: Home) -> None:
    collector = headers_of(state, await an_agent(state, "xu.li", role=AgentRole.COLLECTOR))
    desk = (await ask(collector, QUEUE))["data"]["desk"]
    (edge,) = desk["arrearsQueue"]["edges"]
    assert edge["node"]["accountNumber"] == late.account.number
    assert edge["node"]["reasons"] == ["The oldest bill is 5 days overdue."]
    assert edge["node"]["history"][0] == {"event": "fell_overdue", "by": "system"}
    (figures,) = desk["arrearsFigures"]
    assert figures["aging"] == [{"days": "0-30", "bills": 1, "overdue": {"fen": late.bill.owed}}]
    elsewhere = headers_of(state, await an_agent(state, "far.away", role=AgentRole.COLLECTOR, region="shaanxi"))
    desk = (await ask(elsewhere, QUEUE))["data"]["desk"]
    assert (desk["arrearsQueue"]["edges"], desk["arrearsFigures"]) == ([], [])


async def test_a_collector_notes_contacts_and_an_agent_who_only_answers_does_not(
    state: State, ask: Ask, late: Home
) -> None:
    said = {"id": account_id(late, "ArrearsAccount"), "way": "CALL", "outcome": "REACHED", "note": "will pay on Friday"}
    collector = headers_of(state, await an_agent(state, "xu.li", role=AgentRole.COLLECTOR))
    noted = await ask(collector, CONTACT, input=said)
    assert noted["data"]["noteContact"]["account"] == {"accountNumber": late.account.number}
    visit = await ask(collector, CONTACT, input={**said, "way": "VISIT"})
    assert visit["data"]["noteContact"]["code"] == "NO_PHOTO"
    answers = headers_of(state, await an_agent(state))
    refused = await ask(answers, CONTACT, input=said)
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    foreign = headers_of(state, await an_agent(state, "far.away", role=AgentRole.COLLECTOR, region="shaanxi"))
    assert (await ask(foreign, CONTACT, input=said))["data"]["noteContact"]["code"] == "NOT_FOUND"
    early = await ask(collector, CUT, input={"id": account_id(late, "ArrearsAccount"), "reason": "does not pay"})
    assert early["data"]["askForCut"]["code"] == "CUT_NOT_ALLOWED"


async def test_a_collector_shields_an_account_and_answers_an_objection(state: State, ask: Ask, late: Home) -> None:
    collector = headers_of(state, await an_agent(state, "xu.li", role=AgentRole.COLLECTOR))
    arrears_id, bill_id = account_id(late, "ArrearsAccount"), str(relay.GlobalID("DeskBill", str(late.bill.id)))
    opened = await ask(
        late.headers, DISPUTE, input={"billId": str(relay.GlobalID("Bill", str(late.bill.id))), "reason": "too high"}
    )
    assert opened["data"]["disputeBill"]["__typename"] == "BillDisputed"
    shield = {"id": arrears_id, "why": "LIFE_SUPPORT", "reason": "a ventilator at home"}
    for variables, expected in (
        (shield, "SHIELDED"),
        ({**shield, "why": None, "reason": "moved out"}, "DISPUTED"),
    ):
        told = await ask(collector, SHIELD, input=variables)
        assert told["data"]["shieldAccount"]["account"]["state"] == expected
    answer = {"id": arrears_id, "billId": bill_id, "upheld": False, "resolution": "the meter was tested"}
    told = await ask(collector, RESOLVE, input=answer)
    assert told["data"]["resolveDispute"]["account"]["state"] == "OVERDUE"
    own = str(relay.GlobalID("Bill", str(late.bill.id)))
    shown = (await ask(late.headers, OBJECTION, id=own))["data"]["node"]["dispute"]
    assert shown == {"state": "REFUSED", "reason": "too high", "answer": "the meter was tested"}
    other = await a_home(state, 2)
    assert (await ask(other.headers, OBJECTION, id=own))["data"]["node"] is None
    again = await ask(collector, RESOLVE, input=answer)
    assert again["data"]["resolveDispute"]["code"] == "NOT_FOUND"


async def test_that_the_authority_was_told_is_noted_of_critical_customers_only(
    state: State, ask: Ask, late: Home
) -> None:
    collector = headers_of(state, await an_agent(state, "xu.li", role=AgentRole.COLLECTOR))
    arrears_id = account_id(late, "ArrearsAccount")
    note = {"id": arrears_id, "note": "letter 7 to the bureau"}
    assert (await ask(collector, TOLD, input=note))["data"]["noteAuthorityTold"]["__typename"] == "Refused"
    await ask(collector, SHIELD, input={"id": arrears_id, "why": "CRITICAL", "reason": "a waterworks"})
    told = (await ask(collector, TOLD, input=note))["data"]["noteAuthorityTold"]["account"]
    assert told["state"] == "SHIELDED"
    assert told["history"][0] == {"event": "authority_told", "by": "xu.li", "note": "letter 7 to the bureau"}
    agent = headers_of(state, await an_agent(state, "zhou.qi"))
    assert (await ask(agent, TOLD, input=note))["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_plan_and_a_small_waiver_are_made_at_once_and_a_write_off_waits(
    state: State, ask: Ask, late: Home
) -> None:
    collector = headers_of(state, await an_agent(state, "xu.li", role=AgentRole.COLLECTOR))
    arrears_id, bill_id = account_id(late, "ArrearsAccount"), str(relay.GlobalID("DeskBill", str(late.bill.id)))
    penalty = (late.bill.owed * 5 * 100 + 50_000) // 100_000
    waived = {"id": arrears_id, "billId": bill_id, "amountFen": penalty, "reason": "our app was down"}
    assert (await ask(collector, WAIVE, input=waived))["data"]["askForWaiver"]["__typename"] == "ArrearsChanged"
    (shown,) = (await ask(late.headers, ARREARS))["data"]["viewer"]["accounts"]
    assert shown["arrears"]["penalty"]["fen"] == 0
    gone = {"id": arrears_id, "reason": "the firm is gone"}
    told = await ask(collector, WRITE_OFF, input=gone)
    assert told["data"]["askForWriteOff"]["account"]["state"] == "OVERDUE"
    today = local_day(state.clock.now(), "Asia/Shanghai")
    days = [(today + timedelta(days=offset)).isoformat() for offset in (10, 40)]
    told = await ask(collector, PLAN, input={"id": arrears_id, "days": days, "reason": "lost the job"})
    assert told["data"]["askForPlan"]["account"]["state"] == "IN_PLAN"

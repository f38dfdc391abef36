"""Rebilling at the desk, and bill runs shown there."""

from strawberry import relay

from gridhall.api.state import State
from gridhall.billing.bills.model import BillStatus
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.runs.operations import open_run, work
from gridhall.crm.agents.model import Agent
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Month
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from tests.factories.agents import an_agent
from tests.factories.desk import Ask
from tests.factories.homes import Home
from tests.factories.reads import a_read

REBILL = """mutation($id: ID!) { rebill(input: {id: $id, reason: "photo differs"}) {
  __typename ... on Refused { code } ... on BillUnchanged { bill { status } } } }"""
SWAP = """mutation($id: ID!) { rebill(input: {id: $id, reason: "photo differs"}) {
  __typename ... on Refused { code } ... on BillUnchanged { bill { status } }
  ... on BillRebilled { creditNotes { amount { fen } toPrepaid { fen } } bills { month status total { fen } } } } }"""
LEAVE = """mutation($id: ID!) { leaveCorrection(input: {id: $id, reason: "no money in it"}) {
  __typename ... on Refused { code } } }"""
RUNS = """{ desk { billRuns(region: "zhejiang") { edges { node {
  month number startedBy accounts done issued held waiting already notDue workers finishedAt } } } } }"""


async def test_only_a_reviewer_rebills(ask: Ask, state: State, home: Home) -> None:
    told = await ask(await an_agent(state), REBILL, id=str(relay.GlobalID("DeskBill", str(home.bill.id))))
    assert told["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert told["errors"][0]["message"] == "Only a reviewer or a supervisor of this district may do this."


async def test_a_bill_that_is_right_is_left_as_it_is(ask: Ask, reviewer: Agent, home: Home) -> None:
    told = await ask(reviewer, REBILL, id=str(relay.GlobalID("DeskBill", str(home.bill.id))))
    assert told["data"]["rebill"] == {"__typename": "BillUnchanged", "bill": {"status": "ISSUED"}}


async def test_a_wrong_bill_is_swapped_for_a_right_one_and_the_money_follows(
    ask: Ask, reviewer: Agent, state: State, home: Home
) -> None:
    billing, now, old = state.hall.billing, state.clock.now(), home.bill
    money = PaymentReceived.for_account("bank", "B1", home.account.id, old.total, now)
    await settle(payments=billing.payments, payment=money, cash=Book.CASH_BANK, now=now)
    # The photo shows 10 kWh less at peak than 1,150.
    shown = {"total": "1730.00", "peak": "1140.00", "valley": "590.00"}
    row = old.registers[0]
    read = a_read(home.account.points[0].point_id, old.days.end, shown, meter=row.meter)
    await record_reads(reads=[read], registers=RegisterRepository(state.mongo), now=now)

    told = (await ask(reviewer, SWAP, id=str(relay.GlobalID("DeskBill", str(old.id)))))["data"]["rebill"]
    assert told["__typename"] == "BillRebilled", told
    found = (await billing.bills.since([home.account.id], month=old.month))[home.account.id]
    gone, new = found
    assert (gone.id, gone.status) == (old.id, BillStatus.CANCELLED)
    assert (new.status, new.replaces, new.kwh) == (BillStatus.PAID, old.id, old.kwh - 10)
    (note,), (bill,) = told["creditNotes"], told["bills"]
    assert (note["amount"]["fen"], note["toPrepaid"]["fen"]) == (old.total, old.total)
    assert (bill["month"], bill["total"]["fen"], bill["status"]) == (str(old.month), new.total, "PAID")
    sums = await billing.ledger.sums(home.account.id)
    assert -sums[Book.PREPAID] == old.total - new.total > 0
    assert sum(sums.values()) == 0
    again = await ask(reviewer, SWAP, id=str(relay.GlobalID("DeskBill", str(old.id))))
    assert again["data"]["rebill"] == {"__typename": "Refused", "code": again["data"]["rebill"]["code"]}


async def test_a_correction_that_nobody_knows_is_not_left(ask: Ask, reviewer: Agent) -> None:
    told = await ask(reviewer, LEAVE, id=str(relay.GlobalID("BillCorrection", str(new_id()))))
    assert told["data"]["leaveCorrection"] == {"__typename": "Refused", "code": "NOT_FOUND"}


async def test_a_run_is_shown_with_its_counts(ask: Ask, reviewer: Agent, state: State, home: Home) -> None:
    running, now = state.hall.billing.running, state.clock.now()
    run = await open_run(running=running, region=home.account.region, month=Month(2026, 1), by="Li Na", now=now)
    await work(running=running, run=run, clock=state.clock, owner="one")
    (edge,) = (await ask(reviewer, RUNS))["data"]["desk"]["billRuns"]["edges"]
    node = edge["node"]
    assert (node["month"], node["number"], node["startedBy"], node["workers"]) == ("2026-01", 1, "Li Na", 0)
    assert node["done"] == node["accounts"] == node["issued"] + node["held"] + node["waiting"] + node["already"]
    assert node["finishedAt"]

"""Every step of the desk that moves money or cuts a supply, tried by whoever must not, and with what nobody means."""

from typing import Any

import httpx
import pytest
from strawberry import relay

from gridhall.api.state import State
from gridhall.billing.accounts.model import Account
from gridhall.billing.approvals.model import Kind, request_for
from gridhall.billing.approvals.operations import prepare
from gridhall.billing.cases.model import CaseKind, case_of
from gridhall.billing.cases.operations import open_cases
from gridhall.crm.agents.model import Agent, AgentRole
from gridhall.kit.localdays import local_day
from gridhall.kit.money import Fen
from tests.factories.agents import an_agent, headers_of
from tests.factories.homes import Home

SAYS = "__typename ... on Refused { code }"
STEPS = {
    "askRefund": '(input: {accountId: "%(account)s", fen: 100, way: CASH, reason: "paid twice", '
    'idempotencyKey: "12345678"})',
    "takeCash": '(input: {accountId: "%(account)s", fen: 100, idempotencyKey: "12345678"})',
    "openShift": '(input: {region: "zhejiang", orgPath: "grid", idempotencyKey: "12345678"})',
    "addMandate": '(input: {accountId: "%(account)s", bank: "icbc", card: "62220000", holder: "王", '
    'signedAt: "2026-10-01T00:00:00Z"})',
    "endMandate": '(accountId: "%(account)s")',
    "assignTransfer": '(input: {serial: "B1", accountNumber: "%(number)s", reason: "asked them"})',
    "releaseBill": '(input: {id: "%(bill)s", reason: "looked at"})',
    "rejectBill": '(input: {id: "%(bill)s", reason: "looked at"})',
    "rebill": '(input: {id: "%(bill)s", reason: "looked at"})',
    "approveRequest": '(input: {id: "%(request)s", reason: "looked at"})',
    "refuseRequest": '(input: {id: "%(request)s", reason: "looked at"})',
    "takeBillingCase": '(input: {id: "%(case)s"})',
    "closeBillingCase": '(input: {id: "%(case)s", reason: "looked at"})',
    "noteContact": '(input: {id: "%(arrears)s", way: CALL, outcome: REACHED, note: "was kind"})',
    "askForWaiver": '(input: {id: "%(arrears)s", billId: "%(bill)s", amountFen: 1, reason: "was ill"})',
    "askForWriteOff": '(input: {id: "%(arrears)s", reason: "was gone"})',
    "askForPlan": '(input: {id: "%(arrears)s", days: ["2026-12-01", "2027-01-01"], reason: "was ill"})',
    "askForCut": '(input: {id: "%(arrears)s", reason: "never pays"})',
    "shieldAccount": '(input: {id: "%(arrears)s", why: null, reason: "no more"})',
    "noteAuthorityTold": '(input: {id: "%(arrears)s", note: "letter 7"})',
    "resolveDispute": '(input: {id: "%(arrears)s", billId: "%(bill)s", upheld: false, resolution: "is right"})',
}
"""One call of each."""

CASH = {"takeCash", "openShift"}
BOOKS = {"addMandate", "endMandate", "assignTransfer"}
BILLS = {"releaseBill", "rejectBill", "rebill"}
ARREARS = {
    "noteContact",
    "askForWaiver",
    "askForWriteOff",
    "askForPlan",
    "askForCut",
    "shieldAccount",
    "noteAuthorityTold",
    "resolveDispute",
}
DECIDING = {"approveRequest", "refuseRequest"}
CASES = {"takeBillingCase", "closeBillingCase"}
MAY_NOT = {
    AgentRole.AGENT: CASH | BOOKS | BILLS | ARREARS | DECIDING | CASES,
    AgentRole.READER: set(STEPS),
    AgentRole.INSPECTOR: {"askRefund"} | CASH | BOOKS | BILLS | ARREARS | DECIDING,
    AgentRole.CASHIER: BOOKS | BILLS | ARREARS | DECIDING,
    AgentRole.COLLECTOR: {"askRefund"} | CASH | BOOKS | BILLS | DECIDING,
    AgentRole.REVIEWER: {"askRefund"} | CASH | BOOKS | ARREARS | DECIDING,
    AgentRole.ACCOUNTANT: CASH | BILLS | ARREARS,
}
"""What each role must not do, not even at home; the request that waits is a refund."""


@pytest.fixture
async def ids(state: State, home: Home) -> dict[str, str]:
    """What the steps are tried on: the home, a refund that waits for a second person, and a case."""
    billing, now, account = state.hall.billing, state.clock.now(), home.account
    request = request_for(
        account, kind=Kind.REFUND, key="R1", amount=Fen(90_000), reason="paid twice", by="zhou", now=now
    )
    await prepare(approvals=billing.approvals, request=request)
    case = a_case(state, account)
    await open_cases(billing.cases, [case])
    named = {
        "account": relay.GlobalID("DeskAccount", str(account.id)),
        "arrears": relay.GlobalID("ArrearsAccount", str(account.id)),
        "bill": relay.GlobalID("DeskBill", str(home.bill.id)),
        "request": relay.GlobalID("Approval", str(request.id)),
        "case": relay.GlobalID("BillingCase", str(case.id)),
    }
    return {**{name: str(one) for name, one in named.items()}, "number": account.number}


def a_case(state: State, account: Account) -> Any:  # noqa: ANN401 - a case
    now = state.clock.now()
    return case_of(
        kind=CaseKind.UNMATCHED_MONEY,
        key="case",
        region=account.region,
        org_path=account.org_path,
        now=now,
        today=local_day(now, "Asia/Shanghai"),
    )


async def tried(http: httpx.AsyncClient, headers: dict[str, str], document: str, **variables: object) -> dict[str, Any]:
    answer = await http.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
    told: dict[str, Any] = answer.json()
    return told


async def outcomes(
    http: httpx.AsyncClient, headers: dict[str, str], ids: dict[str, str], names: set[str]
) -> dict[str, str]:
    """What came of each step: the code of its refusal, or the name of what it did."""
    found = {}
    for name in sorted(names):
        told = await tried(http, headers, f"mutation {{ {name}{STEPS[name] % ids} {{ {SAYS} }} }}")
        if told.get("errors"):
            found[name] = told["errors"][0]["extensions"]["code"]
        else:
            found[name] = told["data"][name].get("code") or told["data"][name]["__typename"]
    return found


async def everything(state: State) -> str:
    """What there is of money, bills and arrears."""
    names = ("accounts", "bills", "postings", "approvals", "billing_cases", "refunds", "bank_mandates")
    kept = [[one async for one in state.mongo[name].find().sort("_id")] for name in names]
    return str(kept)


async def test_nobody_of_another_district_does_any_of_it(
    http: httpx.AsyncClient, state: State, ids: dict[str, str]
) -> None:
    before = await everything(state)
    for number, where in enumerate(({"region": "shaanxi"}, {"org_path": "grid/far"})):
        agent = await an_agent(state, f"far{number}", role=AgentRole.SUPERVISOR, **where)  # type: ignore[arg-type]
        told = await outcomes(http, headers_of(state, agent), ids, set(STEPS))
        assert set(told.values()) <= {"FORBIDDEN", "NOT_FOUND"}, told
    assert await everything(state) == before


async def test_nobody_whose_role_it_is_not_does_it_at_home(
    http: httpx.AsyncClient, state: State, ids: dict[str, str]
) -> None:
    before = await everything(state)
    for role, names in MAY_NOT.items():
        agent = await an_agent(state, f"is.{role}", role=role)
        told = await outcomes(http, headers_of(state, agent), ids, names)
        assert set(told.values()) == {"FORBIDDEN"}, (role, told)
    assert await everything(state) == before


async def test_no_customer_and_no_stranger_does_any_of_it(
    http: httpx.AsyncClient, state: State, home: Home, ids: dict[str, str]
) -> None:
    before = await everything(state)
    assert set((await outcomes(http, home.headers, ids, set(STEPS))).values()) == {"FORBIDDEN"}
    assert set((await outcomes(http, {}, ids, set(STEPS))).values()) == {"UNAUTHENTICATED"}
    assert await everything(state) == before


MOST, LEAST = 2**31 - 1, -(2**31)
BROKEN = [
    (
        '{ askRefund(input: {accountId: "%(account)s", fen: FEN, way: CASH, reason: "paid twice", '
        'idempotencyKey: "12345678"}) { S } }'
    ),
    (
        '{ askRefund(input: {accountId: "%(account)s", fen: 100, way: ONLINE, reason: "paid twice", '
        'provider: "\\u0000$gt", providerNumber: "x", idempotencyKey: "12345678"}) { S } }'
    ),
    '{ takeCash(input: {accountId: "%(account)s", fen: FEN, idempotencyKey: "12345678"}) { S } }',
    '{ openShift(input: {region: "zhejiang", orgPath: "grid", floatFen: FEN, idempotencyKey: "12345678"}) { S } }',
    "{ closeShift(counted: [{denomination: FEN, pieces: FEN}]) { S } }",
    "{ closeShift(counted: [{denomination: 100, pieces: -1}]) { S } }",
    (
        '{ addMandate(input: {accountId: "%(account)s", bank: "icbc", card: "62220000", holder: "王", '
        'signedAt: "0001-01-01T00:00:00+14:00"}) { S } }'
    ),
    (
        '{ addMandate(input: {accountId: "%(account)s", bank: "icbc", card: "62220000", holder: "王", '
        'signedAt: "9999-12-31T23:59:59-14:00"}) { S } }'
    ),
    '{ askForPlan(input: {id: "%(arrears)s", days: [DAYS], reason: "was ill"}) { S } }',
    '{ askForPlan(input: {id: "%(arrears)s", days: ["0001-01-01", "9999-12-31"], reason: "was ill"}) { S } }',
    '{ askForWaiver(input: {id: "%(arrears)s", billId: "%(bill)s", amountFen: FEN, reason: "was ill"}) { S } }',
    '{ payOutRefund(number: "\\u0000") { S } }',
    '{ reverseReceipt(number: "x\\u0000", reason: "wrong one") { S } }',
    '{ takeOverShift(id: "%(account)s") { S } }',
    '{ assignTransfer(input: {serial: "\\u0000", accountNumber: "%(number)s", reason: "asked them"}) { S } }',
    '{ assignTransfer(input: {serial: "B1", accountNumber: "\\u0000$ne", reason: "asked them"}) { S } }',
]


async def test_no_figure_no_day_and_no_name_breaks_anything(
    http: httpx.AsyncClient, state: State, ids: dict[str, str]
) -> None:
    boss = headers_of(state, await an_agent(state, "boss", role=AgentRole.SUPERVISOR))
    days = ", ".join(f'"{2027 + n // 336}-{n // 28 % 12 + 1:02}-{n % 28 + 1:02}"' for n in range(3_000))
    before = await everything(state)
    for document in BROKEN:
        for fen in (0, -1, MOST, LEAST) if "FEN" in document else (0,):
            asked = document % ids
            asked = asked.replace("FEN", str(fen)).replace("DAYS", days).replace("{ S }", f"{{ {SAYS} }}")
            told = await tried(http, boss, f"mutation {asked}")
            codes = {one["extensions"]["code"] for one in told.get("errors") or ()}
            assert "INTERNAL" not in codes, (asked[:200], told)
            if not codes and not (fen == 0 and "openShift" in asked):
                (answer,) = told["data"].values()
                assert answer["__typename"] == "Refused", (asked[:200], told)
    assert await everything(state) == before


async def test_one_document_does_not_do_a_step_forty_times(
    http: httpx.AsyncClient, state: State, ids: dict[str, str]
) -> None:
    boss: Agent = await an_agent(state, "boss", role=AgentRole.SUPERVISOR)
    step = STEPS["takeCash"] % ids
    many = " ".join(f"a{n}: takeCash{step.replace('12345678', f'1234567{n}')} {{ __typename }}" for n in range(40))
    told = await tried(http, headers_of(state, boss), f"mutation {{ {many} }}")
    assert told.get("data") is None
    assert "aliases" in told["errors"][0]["message"]

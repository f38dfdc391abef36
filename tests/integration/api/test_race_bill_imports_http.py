"""Bills of a supplier that come several times at once, change under their number, are of others, or are nonsense."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import orjson
import pytest

from gridhall.api.state import State
from gridhall.billing import regions as served
from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.ledger.checking import balance_of
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from gridhall.metering.feed.clients import add_client
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill
from tests.factories.supplier_bills import shadow_regions, told

Send = Callable[..., Awaitable[httpx.Response]]
JANUARY = Month(2026, 1)


@pytest.fixture(autouse=True)
def in_shadow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "regions", shadow_regions("zhejiang", "guangzhou"))


@pytest.fixture
async def account(state: State) -> Account:
    made = an_account(1)
    await state.hall.billing.accounts.add([made])
    return made


@pytest.fixture
async def send(http: httpx.AsyncClient, state: State) -> Send:
    clients, now = state.metering.clients, state.clock.now()
    token = await add_client(name="sap", regions=["zhejiang"], scopes=("bills",), clients=clients, now=now)

    async def post(content: bytes, **headers: str) -> httpx.Response:
        common = {"Content-Type": "application/x-ndjson", "Authorization": f"Bearer {token}"}
        return await http.post("/v1/billing/bills", content=content, headers=common | headers)

    return post


def of_january(account: Account, number: str = "SAP-1", used: int = 200, **changes: Any) -> bytes:  # noqa: ANN401
    return orjson.dumps(told(a_bill(account, "2026-01", used), account.number, number, **changes)) + b"\n"


async def balance(state: State, account: Account) -> Balance:
    billing = state.hall.billing
    stored = (await billing.accounts.load([account.id]))[account.id].balance
    assert balance_of(await billing.ledger.sums(account.id)) == stored
    return stored


async def figures(state: State, account: Account) -> tuple[int, Fen]:
    """How many bills of January stand, and what is owed."""
    bills = (await state.hall.billing.bills.since([account.id], month=JANUARY))[account.id]
    return sum(bill.status.counts for bill in bills), (await balance(state, account)).owed


async def test_one_delivery_several_times_at_once_is_one_bill(state: State, account: Account, send: Send) -> None:
    body = of_january(account)
    answers = [one.json() for one in await asyncio.gather(*(send(body) for _ in range(4)))]
    assert (sum(one["accepted"] for one in answers), sum(one["duplicate"] for one in answers)) == (1, 3), answers
    assert await figures(state, account) == (1, 10_760)


async def test_other_figures_under_one_number_at_once_leave_one_bill_and_what_it_says(
    state: State, account: Account, send: Send
) -> None:
    bodies = [of_january(account, used=used) for used in (200, 210, 220, 230)]
    answers = await asyncio.gather(*(send(body) for body in bodies))
    assert {one.status_code for one in answers} <= {200, 429}
    count, owed = await figures(state, account)
    (bill,) = await state.hall.billing.bills.payable(account.id)
    assert (count, owed) == (1, bill.total)


async def test_other_figures_while_it_is_paid_never_change_what_was_paid(
    state: State, account: Account, send: Send
) -> None:
    await send(of_january(account))
    money = PaymentReceived.for_account("bank", "B1", account.id, Fen(10_760), state.clock.now())
    paid = settle(payments=state.hall.billing.payments, payment=money, cash=Book.CASH_BANK, now=state.clock.now())
    answer, _ = await asyncio.gather(send(of_january(account, used=100)), paid)
    taken = answer.json()
    assert (taken["revised"], taken["refused"]) in {(1, 0), (0, 1)}
    stands = await balance(state, account)
    assert stands.owed == 0
    assert stands.prepaid == (10_760 - 5_380 if taken["revised"] else 0)


async def test_two_numbers_for_one_month_at_once_are_one_bill_and_a_refusal(
    state: State, account: Account, send: Send
) -> None:
    answers = await asyncio.gather(*(send(of_january(account, number=f"SAP-{one}")) for one in range(3)))
    assert sum(one.json()["accepted"] for one in answers) == 1
    assert await figures(state, account) == (1, 10_760)


async def test_bills_of_another_region_or_of_nobody_are_refused(state: State, account: Account, send: Send) -> None:
    other = an_account(2, region="guangzhou")
    await state.hall.billing.accounts.add([other])
    nobody = an_account(3)
    lines = b"".join(of_january(one, number=f"SAP-{one.number}") for one in (other, nobody, account))
    answer = (await send(lines)).json()
    assert (answer["accepted"], answer["refused"]) == (1, 2)
    assert {one["field"] for one in answer["refusals"]} == {"account"}
    assert (
        len(
            {
                (one["code"], one["reason"].replace(other.number, "").replace(nobody.number, ""))
                for one in answer["refusals"]
            }
        )
        == 1
    ), "whether an account is elsewhere is not told"
    assert await figures(state, other) == (0, 0)


ODD_FIELDS: list[dict[str, Any]] = [
    {"number": "x" * 5_000},
    {"number": "\x00"},
    {"number": {"$ne": 1}},
    {"number": " "},
    {"account": ["3301000000001"]},
    {"month": "2026-13"},
    {"month": "9999-12"},
    {"from": "0000-01-01"},
    {"to": "2025-01-01"},
    {"total": "NaN"},
    {"total": "1e9"},
    {"total": "-107.60"},
    {"total": 1e308},
    {"total": 107.6000001},
    {"total": "9" * 400},
    {"total": None},
    {"total": True},
    {"registers": None},
    {"registers": {"a": 1}},
    {"registers": [[]] * 10},
    {"lines": [{}]},
    {"lines": "x"},
    {"lines": [{"kind": "energy"}] * 2_000},
    {"issued_on": "2026-02-30"},
    {"due_on": "2020-01-01"},
    {"replaces": {"a": 1}},
    {"charges": [{"kind": "demand", "title": "\ud83d", "quantity": "1", "unit": "kW", "price": "1", "amount": "1"}]},
]


async def test_fields_that_mean_nothing_are_refused_one_by_one(state: State, account: Account, send: Send) -> None:
    bill = told(a_bill(account, "2026-01", 200), account.number, "SAP-1")

    for field in ODD_FIELDS:
        answer = await send(json.dumps({**bill, **field}).encode())
        assert answer.status_code in {200, 413, 422}, (field, answer.text)
        if answer.status_code == 200:
            assert (answer.json()["accepted"], answer.json()["refused"]) == (0, 1), (str(field)[:80], answer.text)
    assert await figures(state, account) == (0, 0)


ODD_BODIES: list[tuple[bytes, dict[str, str]]] = [
    (b"", {}),
    (b"\xff\xfe\x00{}", {}),
    (b"[" * 100_000, {}),
    (b'{"number":' * 20_000, {}),
    (b"{}\n" * 20_000, {}),
    (b"\x1f\x8b" + b"\x00" * 100, {"Content-Encoding": "gzip"}),
    (gzip.compress(b"{}\n" * 10, mtime=0)[:-9], {"Content-Encoding": "gzip"}),
    (gzip.compress(b" " * 50_000_000, mtime=0), {"Content-Encoding": "gzip"}),
    (b"{}", {"Content-Encoding": "br"}),
    (b"{}", {"Idempotency-Key": "x" * 2_000}),
    (b"{}", {"Idempotency-Key": "\x7f"}),
    (b"{}", {"Content-Length": "-1"}),
    (b"{}", {"Content-Type": "application/x-ndjson; charset=utf-16"}),
]


@pytest.mark.parametrize(("body", "headers"), ODD_BODIES)
async def test_bodies_that_are_none_are_turned_away(
    state: State, account: Account, send: Send, body: bytes, headers: dict[str, str]
) -> None:
    answer = await send(body, **headers)
    assert answer.status_code < 500, answer.text
    assert answer.status_code >= 400 or answer.json()["accepted"] == 0
    assert await figures(state, account) == (0, 0)


async def test_one_key_for_two_bodies_at_once_remembers_one(state: State, account: Account, send: Send) -> None:
    bodies = [of_january(account, number="SAP-1"), of_january(account, number="SAP-2")]
    await asyncio.gather(*(send(body, **{"Idempotency-Key": "k"}) for body in bodies))
    again = [(await send(body, **{"Idempotency-Key": "k"})).status_code for body in bodies]
    assert sorted(again) == [200, 422]
    assert await figures(state, account) == (1, 10_760)

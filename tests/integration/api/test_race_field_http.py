"""Field systems that are somebody else, speak nonsense, tell twice at once, or tell in the wrong order."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from gridhall.api.state import State
from gridhall.billing.accounts.model import Account
from gridhall.billing.supply.model import ARREARS, SupplyKind, SupplyRequest, SupplyState, requests_for
from gridhall.kit.mongo import Transaction
from gridhall.kit.paging import to_cursor
from gridhall.metering.feed.clients import add_client
from tests.factories.accounts import an_account

Call = Callable[..., Awaitable[httpx.Response]]
PATH = "/v1/field/requests"
ODD = [
    b"",
    b"null",
    b"[]",
    b"\xff\xfe",
    b'{"reference": 1, "note": 1}',
    b'{"reference": {"$gt": ""}, "note": {"$gt": ""}}',
    b'{"reference": "' + b"x" * 501 + b'", "note": "' + b"x" * 501 + b'"}',
    b'{"reference": "\\ud800", "note": "\\ud800"}',
    b"[" * 50_000,
    b'{"reference": "' + b"x" * 2_000_000 + b'"}',
]


@pytest.fixture
async def account(state: State) -> Account:
    made = an_account(1)
    await state.hall.billing.accounts.add([made])
    return made


@pytest.fixture
async def asked(state: State, account: Account) -> SupplyRequest:
    """A request to give an account its supply back."""
    now = state.clock.now()
    (made,) = requests_for(account, kind=SupplyKind.RECONNECT, cause="test", reason=ARREARS, by="system", now=now)

    async def work(transaction: Transaction) -> None:
        await state.hall.billing.field_work.supply.ask([made], transaction=transaction)

    await state.mongo.transact(work)
    return made


async def a_token(state: State, region: str = "zhejiang") -> str:
    clients = state.hall.billing.field_work.clients
    return await add_client(name=f"{region}-field", regions=[region], clients=clients, now=state.clock.now())


@pytest.fixture
async def call(http: httpx.AsyncClient, state: State, asked: SupplyRequest) -> Call:
    token = await a_token(state)

    async def post(deed: str, **body: str) -> httpx.Response:
        return await http.post(f"{PATH}/{asked.id}/{deed}", json=body, headers={"Authorization": f"Bearer {token}"})

    return post


async def kept(state: State, asked: SupplyRequest) -> SupplyRequest:
    return (await state.hall.billing.field_work.supply.load([asked.id]))[asked.id]


async def test_strangers_learn_and_change_nothing(http: httpx.AsyncClient, state: State, asked: SupplyRequest) -> None:
    meters = await add_client(
        name="head-end", regions=["zhejiang"], clients=state.metering.clients, now=state.clock.now()
    )
    own = await a_token(state)
    for token in ("", "Bearer", f"Bearer {meters}", f"Bearer {own}x", f"Bearer {own[:-1]}", "Bearer " + "x" * 9_000):
        headers = {"Authorization": token}
        assert (await http.get(PATH, headers=headers)).status_code == 401
        assert (await http.post(f"{PATH}/{asked.id}/done", json={}, headers=headers)).status_code == 401
    elsewhere = {"Authorization": f"Bearer {await a_token(state, 'guangzhou')}"}
    assert (await http.get(PATH, headers=elsewhere)).json()["requests"] == []
    for deed in ("acknowledge", "done", "failed"):
        assert (await http.post(f"{PATH}/{asked.id}/{deed}", json={}, headers=elsewhere)).status_code == 404
    assert (await kept(state, asked)) == asked


@pytest.mark.parametrize("deed", ["acknowledge", "done", "failed"])
async def test_nonsense_is_refused_and_changes_nothing(
    http: httpx.AsyncClient, state: State, asked: SupplyRequest, deed: str
) -> None:
    headers = {"Authorization": f"Bearer {await a_token(state)}", "Content-Type": "application/json"}
    for body in ODD:
        answer = await http.post(f"{PATH}/{asked.id}/{deed}", content=body, headers=headers)
        assert answer.status_code in {400, 413, 422}, (body[:60], answer.text)
        assert answer.headers["Content-Type"] == "application/problem+json"
    for request_id in ("1", "0" * 32, f"{asked.id}%00", "..%2f..%2fhealth"):
        answer = await http.post(f"{PATH}/{request_id}/{deed}", json={}, headers=headers)
        assert answer.status_code in {404, 422}, answer.text
    assert (await kept(state, asked)) == asked


async def test_odd_places_of_the_list_are_refused(http: httpx.AsyncClient, state: State, asked: SupplyRequest) -> None:
    headers = {"Authorization": f"Bearer {await a_token(state)}"}
    last = str(asked.id)
    wrong = ["x", to_cursor("x"), to_cursor(f"9999-12-31T23:59:59-23:59 {last}")]
    for params in [*({"after": one} for one in wrong), {"limit": 0}, {"limit": 201}, {"state": "done"}]:
        answer = await http.get(PATH, params=params, headers=headers)  # type: ignore[arg-type]
        assert answer.status_code in {400, 422}, (params, answer.text)


async def test_of_those_who_take_it_at_once_one_names_it(state: State, asked: SupplyRequest, call: Call) -> None:
    answers = await asyncio.gather(*(call("acknowledge", reference=f"job-{number}") for number in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    names: set[Any] = {answer.json()["reference"] for answer in answers}
    assert names == {(await kept(state, asked)).reference}


async def test_what_was_done_stays_done_in_whatever_order_it_is_told(
    state: State, asked: SupplyRequest, call: Call
) -> None:
    deeds = ["failed", "done", "acknowledge", "failed", "done", "acknowledge"]
    answers = await asyncio.gather(*(call(deed) for deed in deeds))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert (await kept(state, asked)).state is SupplyState.DONE
    for deed in ("acknowledge", "failed", "done"):
        assert (await call(deed)).status_code in {200, 409}
        assert (await kept(state, asked)).state is SupplyState.DONE

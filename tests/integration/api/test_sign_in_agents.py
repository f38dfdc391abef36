"""Agents sign in by name and password, and their tokens open the desk and nothing else."""

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest
from argon2 import PasswordHasher

from gridhall.api.state import State
from gridhall.crm.agents.operations import sign_in
from gridhall.crm.agents.passwords import Passwords
from gridhall.kit.subject import Refusal
from tests.factories.agents import PASSWORD, an_agent
from tests.factories.homes import a_home
from tests.factories.rooms import all_documents

PATH = "/v1/sign-in/agent"
SignIn = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def ask(http: httpx.AsyncClient) -> SignIn:
    async def post(name: str = "zhou.min", password: str = PASSWORD, path: str = PATH, **more: str) -> httpx.Response:
        return await http.post(
            path, json={"name": name, "password": password, **more}, headers={"Accept-Language": "en"}
        )

    return post


async def test_the_right_password_opens_the_desk(ask: SignIn, http: httpx.AsyncClient, state: State) -> None:
    await an_agent(state)
    answer = await ask(" Zhou.Min ")
    assert answer.status_code == 200
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    told = await http.post("/graphql", json={"query": "{ desk { agent grants { role region } } }"}, headers=headers)
    grants = [{"role": "agent", "region": "zhejiang"}]
    assert told.json() == {"data": {"desk": {"agent": "zhou.min", "grants": grants}}}


async def test_a_wrong_password_and_an_unknown_name_are_answered_alike(ask: SignIn, state: State) -> None:
    await an_agent(state)
    wrong, unknown = await ask(password="wrong"), await ask("nobody")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "agents.wrong")
    assert {**wrong.json(), "requestId": ""} == {**unknown.json(), "requestId": ""}


async def test_a_name_is_locked_after_five_wrong_passwords_known_or_not(ask: SignIn, state: State) -> None:
    await an_agent(state)
    for name in ("zhou.min", "nobody"):
        assert [(await ask(name, "wrong")).status_code for _ in range(6)] == [401] * 5 + [429]
        locked = await ask(name)
        assert (locked.status_code, locked.json()["code"]) == (429, "agents.locked")
        assert locked.headers["retry-after"] == "900"


async def test_a_lock_ends_by_itself_and_trying_on_does_not_lengthen_it(state: State) -> None:
    await an_agent(state)
    agents, start = state.hall.people.agents, state.clock.now()

    async def tried(password: str, minutes: float) -> object:
        now = start + timedelta(minutes=minutes)
        return await sign_in(agents=agents, name="zhou.min", password=password, now=now)

    for minutes in range(5):
        await tried("wrong", minutes)
    for minutes in range(5, 18):
        refused = await tried(PASSWORD, minutes)
        assert isinstance(refused, Refusal)
        assert refused.code == "agents.locked"
    assert not isinstance(await tried(PASSWORD, 19.1), Refusal)


async def test_a_right_password_forgets_the_wrong_ones(ask: SignIn, state: State) -> None:
    await an_agent(state)
    for _ in range(2):
        for _ in range(4):
            await ask(password="wrong")
        assert (await ask()).status_code == 200


async def test_an_unknown_name_costs_about_what_a_wrong_password_costs() -> None:
    passwords = Passwords(memory_kib=32 * 1024, passes=2)
    kept = await passwords.hash(PASSWORD)

    async def cost(hashed: str | None) -> float:
        times = []
        for _ in range(5):
            began = time.process_time()
            assert not await passwords.verify("wrong", kept=hashed)
            times.append(time.process_time() - began)
        return min(times)

    known, unknown = await cost(kept), await cost(None)
    assert 0.5 < unknown / known < 2


async def test_a_hash_of_older_parameters_is_made_anew_at_sign_in(ask: SignIn, state: State) -> None:
    agent = await an_agent(state)
    repository = state.hall.people.agents.agents
    old = PasswordHasher(time_cost=2, memory_cost=32, parallelism=1).hash(PASSWORD)
    ((_, kept),) = [found for found in [await repository.by_name("zhou.min")] if found]
    await repository.set_password(agent.id, old=kept, new=old, must_change=False)
    assert (await ask()).status_code == 200
    found = await repository.by_name("zhou.min")
    assert found is not None
    assert found[1] != old
    assert "m=64,t=1,p=1" in found[1]


async def test_a_one_time_password_is_good_for_nothing_but_choosing_another(ask: SignIn, state: State) -> None:
    await an_agent(state, must_change=True)
    assert (await ask()).json()["code"] == "agents.change_password_first"
    for bad in (PASSWORD, "short"):
        refused = await ask(path=f"{PATH}/password", new_password=bad)
        assert (refused.status_code, refused.json()["code"]) == (422, "agents.bad_password")
    assert (await ask(path=f"{PATH}/password", new_password="another long one")).status_code == 200
    assert (await ask()).status_code == 401
    assert (await ask(password="another long one")).status_code == 200


async def test_a_changed_password_ends_the_other_sign_ins(ask: SignIn, http: httpx.AsyncClient, state: State) -> None:
    await an_agent(state)
    before = (await ask()).json()["refresh_token"]
    await ask(path=f"{PATH}/password", new_password="another long one")
    assert (await http.post(f"{PATH}/refresh", json={"refresh_token": before})).status_code == 401


async def test_a_refresh_token_is_good_once_and_at_its_own_door(
    ask: SignIn, http: httpx.AsyncClient, state: State
) -> None:
    await an_agent(state)
    first = (await ask()).json()["refresh_token"]
    assert (await http.post("/v1/sign-in/refresh", json={"refresh_token": first})).status_code == 401
    second = await http.post(f"{PATH}/refresh", json={"refresh_token": first})
    assert second.status_code == 200
    assert (await http.post(f"{PATH}/refresh", json={"refresh_token": first})).status_code == 401
    assert (
        await http.post(f"{PATH}/refresh", json={"refresh_token": second.json()["refresh_token"]})
    ).status_code == 401
    home = await a_home(state, 1)
    customers = await state.refresh_tokens.first(home.customer.id, now=state.clock.now())
    assert (await http.post(f"{PATH}/refresh", json={"refresh_token": customers})).status_code == 401


async def test_a_closed_agent_is_out_at_once(ask: SignIn, http: httpx.AsyncClient, state: State) -> None:
    agent = await an_agent(state)
    tokens = (await ask()).json()
    await state.hall.people.agents.agents.close(agent.id, now=state.clock.now())
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    told = await http.post("/graphql", json={"query": "{ desk { agent } }"}, headers=headers)
    assert told.json() == {"data": {"desk": None}}
    assert (await http.post(f"{PATH}/refresh", json={"refresh_token": tokens["refresh_token"]})).status_code == 401
    assert (await ask()).status_code == 401


async def test_an_agents_token_is_no_customers_and_the_other_way_round(http: httpx.AsyncClient, state: State) -> None:
    home, agent = await a_home(state, 1), await an_agent(state)
    now = state.clock.now()
    query = {"query": "{ viewer { phone } desk { agent } }"}
    # The same id in both: only type and audience tell the two apart.
    for token in (state.desk_tokens.sign(home.customer.id, now=now), state.access_tokens.sign(agent.id, now=now)):
        headers = {"Authorization": f"Bearer {token.text}"}
        told = await http.post("/graphql", json=query, headers=headers)
        assert told.json() == {"data": {"viewer": None, "desk": None}}
        assert (await http.get(f"/v1/bills/{home.bill.id}.pdf", headers=headers)).status_code == 401


async def test_every_sign_in_is_in_the_audit_trail_and_no_typed_text_is(ask: SignIn, state: State) -> None:
    agent = await an_agent(state)
    await ask()
    await ask(password="wrong")
    await ask("typed-password-here")
    entries = await all_documents(state.mongo, "audit")
    told = [(one["action"], one["agent_id"], one["agent"]) for one in entries]
    assert told == [
        ("signed_in", agent.id, "zhou.min"),
        ("sign_in_refused", agent.id, "zhou.min"),
        ("sign_in_refused", None, ""),
    ]
    assert "typed-password" not in str(await all_documents(state.mongo, "agent_tries"))


async def test_no_password_is_readable_at_rest(state: State) -> None:
    await an_agent(state)
    (document,) = await all_documents(state.mongo, "agents")
    assert PASSWORD not in str(document)
    assert document["password"].startswith("$argon2id$")

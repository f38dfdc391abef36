"""Guessing codes, asking for too many, and finding out who is a customer."""

import asyncio
import statistics
import time
from typing import Any

import httpx

from gridhall.api.state import State
from gridhall.crm.codes.model import Code, Purpose
from tests.factories.homes import Home, a_home

PHONE, OTHER = "13700000001", "13700000002"


async def ask_code(http: httpx.AsyncClient, phone: str = PHONE) -> httpx.Response:
    return await http.post("/v1/sign-in/code", json={"phone": phone}, headers={"Accept-Language": "en"})


async def guess(http: httpx.AsyncClient, code: str, phone: str = PHONE) -> httpx.Response:
    body = {"phone": phone, "code": code}
    return await http.post("/v1/sign-in/token", json=body, headers={"Accept-Language": "en"})


async def newest(state: State, purpose: Purpose = Purpose.SIGN_IN) -> Code:
    codes = state.hall.people.codes.codes
    found = await state.mongo["one_time_codes"].find_one({"purpose": purpose}, sort=[("_id", -1)])
    assert found
    code = await codes.load(found["_id"])
    assert code
    return code


def wrong(code: Code) -> str:
    return f"{(int(code.digits) + 1) % 10**6:06d}"


async def test_a_code_signs_one_of_many_in(http: httpx.AsyncClient, state: State) -> None:
    await ask_code(http)
    digits = (await newest(state)).digits
    answers = await asyncio.gather(*(guess(http, digits) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422, 422]


async def test_many_guesses_at_once_are_counted_one_by_one(http: httpx.AsyncClient, state: State) -> None:
    await ask_code(http)
    code = await newest(state)
    await asyncio.gather(*(guess(http, wrong(code)) for _ in range(20)))
    right = await guess(http, code.digits)
    assert (right.status_code, right.json()["code"]) == (422, "codes.too_many_tries")


async def test_of_many_requests_for_a_code_at_once_one_sends_one(http: httpx.AsyncClient, state: State) -> None:
    answers = await asyncio.gather(*(ask_code(http) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [202] + [429] * 9
    assert await state.mongo["one_time_codes"].count_documents({}) == 1


async def test_other_ways_of_writing_a_number_are_the_same_number(http: httpx.AsyncClient) -> None:
    assert (await ask_code(http, "137 0000 0001")).status_code == 202
    for same in (PHONE, f"+86{PHONE}", f"0086-{PHONE}", f"({PHONE})"):
        assert (await ask_code(http, same)).status_code == 429, same


async def test_the_code_of_one_phone_is_wrong_for_another_and_for_another_purpose(
    http: httpx.AsyncClient, state: State
) -> None:
    home = await a_home(state, 1)
    await ask_code(http)
    digits = (await newest(state)).digits
    assert (await guess(http, digits, OTHER)).status_code == 422
    assert await confirm(http, home, home.account.number, digits) == "CODE_WRONG"


async def test_asking_and_guessing_say_the_same_of_a_customer_and_of_nobody(
    http: httpx.AsyncClient, state: State
) -> None:
    home = await a_home(state, 1)
    known, nobody = await ask_code(http, home.customer.phone), await ask_code(http, PHONE)
    assert known.status_code == nobody.status_code == 202
    assert known.json().keys() == nobody.json().keys()
    said = [(await guess(http, "000000", phone)).json()["code"] for phone in (home.customer.phone, PHONE, OTHER)]
    assert set(said) == {"codes.wrong"}


async def confirm(http: httpx.AsyncClient, asker: Home, number: str, code: str) -> str:
    query = """mutation($n: String!, $c: String!) {
        confirmBinding(input: {accountNumber: $n, code: $c}) { ... on Refused { code } __typename } }"""
    body = {"query": query, "variables": {"n": number, "c": code}}
    told: dict[str, Any] = (await http.post("/graphql", json=body, headers=asker.headers)).json()
    return str(told["data"]["confirmBinding"]["code"])


async def ask_binding(http: httpx.AsyncClient, asker: Home, number: str) -> str:
    query = "mutation($n: String!) { askBinding(input: {accountNumber: $n}) { __typename } }"
    body = {"query": query, "variables": {"n": number}}
    told = (await http.post("/graphql", json=body, headers=asker.headers)).json()
    return str(told["data"]["askBinding"]["__typename"])


async def test_no_answer_tells_an_account_number_that_is_one(http: httpx.AsyncClient, state: State) -> None:
    home, asker = await a_home(state, 1), await a_home(state, 2)
    for number in (home.account.number, "3301990099"):
        await state.mongo["code_quotas"].delete_many({})
        assert await ask_binding(http, asker, number) == "BindingCodeSent"
        assert {await confirm(http, asker, number, "000000") for _ in range(8)} == {"CODE_WRONG"}


async def test_the_time_of_an_answer_tells_no_account_number(http: httpx.AsyncClient, state: State) -> None:
    home, asker = await a_home(state, 1), await a_home(state, 2)

    async def took(number: str) -> float:
        await state.mongo["code_quotas"].delete_many({})
        started = time.perf_counter()
        await ask_binding(http, asker, number)
        return time.perf_counter() - started

    times = [(await took(home.account.number), await took("3301990099")) for _ in range(15)]
    known, unknown = (statistics.median(column) for column in zip(*times, strict=True))
    assert known < 1.25 * unknown

"""Documents, bodies and ids that a client of good will never sends."""

import base64
from typing import Any

import httpx
import orjson
import pytest
from strawberry import relay

from gridhall.api.state import State
from tests.factories.homes import Home

JSON = {"Content-Type": "application/json"}


async def ask(http: httpx.AsyncClient, home: Home, query: str, **variables: object) -> dict[str, Any]:
    answer = await http.post("/graphql", json={"query": query, "variables": variables}, headers=home.headers)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def codes(told: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in told.get("errors", [])]


class TestBodies:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"null",
            b"[]",
            b'"{ viewer { phone } }"',
            b"[" * 100_000,
            b"\xff\xfe{}",
            b"{}",
            b'{"query": null}',
            b'{"query": 5}',
            b'{"query": ["{ viewer { phone } }"]}',
            b'{"query": "{ __typename }", "variables": [1]}',
            b'{"query": "{ __typename }", "variables": "x"}',
            b'{"query": "{ __typename }", "operationName": 7}',
            b'{"query": "{ __typename }", "operationName": "Absent"}',
            b'{"query": "{ __typename }", "variables": {"x": NaN}}',
            b'{"query": "{ __typename }", "extensions": 3}',
        ],
    )
    async def test_what_is_no_request_is_the_callers_fault(self, http: httpx.AsyncClient, body: bytes) -> None:
        answer = await http.post("/graphql", content=body, headers=JSON)
        assert answer.status_code in {200, 400}, answer.text
        if answer.status_code == 200:
            assert codes(answer.json()) == ["BAD_DOCUMENT"]

    async def test_half_a_surrogate_is_refused_before_it_can_spoil_an_answer(self, http: httpx.AsyncClient) -> None:
        body = b'{"query": "query($x: Int) { __typename }", "variables": {"x": "\\ud800"}}'
        assert (await http.post("/graphql", content=body, headers=JSON)).status_code == 400

    async def test_batches_are_not_taken(self, http: httpx.AsyncClient) -> None:
        batch = [{"query": "{ __typename }"}] * 100
        assert (await http.post("/graphql", json=batch)).status_code == 400

    async def test_reading_by_get_is_not_taken(self, http: httpx.AsyncClient) -> None:
        answer = await http.get("/graphql", params={"query": "{ __typename }"})
        assert answer.status_code in {400, 404, 405}
        assert "Query" not in answer.text

    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "image/png"]
    )
    async def test_what_a_foreign_page_could_send_is_not_taken(self, http: httpx.AsyncClient, kind: str) -> None:
        body = b'{"query": "{ __typename }"}'
        answer = await http.post("/graphql", content=body, headers={"Content-Type": kind})
        assert answer.status_code in {400, 415}, answer.text


class TestIds:
    @pytest.mark.parametrize(
        "id_",
        [
            "",
            "x",
            "QWNjb3VudDox",
            base64.b64encode(b"Query:1").decode(),
            base64.b64encode(b"Viewer:1").decode(),
            base64.b64encode(b"Money:1").decode(),
            base64.b64encode(b"PayBillsInput:1").decode(),
            base64.b64encode(b"Node:1").decode(),
            base64.b64encode(b"Fen:1").decode(),
            base64.b64encode(b"Absent:1").decode(),
            base64.b64encode(b":").decode(),
            base64.b64encode(b"__Schema:1").decode(),
            base64.b64encode(b"Account:" + b"\x00" * 16).decode(),
            base64.b64encode(b"Account:{'$ne': null}").decode(),
            base64.b64encode(b"\xff\xfe:1").decode(),
            "漢字",
            "A" * 5000,
        ],
    )
    async def test_what_is_no_id_of_ours_finds_nothing_and_breaks_nothing(
        self, http: httpx.AsyncClient, home: Home, id_: str
    ) -> None:
        told = await ask(http, home, "query($id: ID!) { node(id: $id) { id } }", id=id_)
        assert (told["data"] or {}).get("node") is None
        assert set(codes(told)) <= {"BAD_INPUT", "BAD_DOCUMENT"}, told

    async def test_an_id_of_one_type_is_not_taken_for_another(self, http: httpx.AsyncClient, home: Home) -> None:
        account, bill = str(home.account.id), str(home.bill.id)
        pay = """mutation($account: ID!, $bills: [ID!]!) {
            payBills(input: {accountId: $account, billIds: $bills, idempotencyKey: "12345678"}) { __typename } }"""
        wrong = {"account": str(relay.GlobalID("Bill", account)), "bills": [str(relay.GlobalID("Bill", bill))]}
        assert codes(await ask(http, home, pay, **wrong)) == ["BAD_INPUT"]
        wrong = {"account": str(relay.GlobalID("Account", account)), "bills": [str(relay.GlobalID("Account", bill))]}
        assert codes(await ask(http, home, pay, **wrong)) == ["BAD_INPUT"]
        for other in ("Bill", "InboxItem"):
            id_ = str(relay.GlobalID(other, account))
            assert (await ask(http, home, "query($id: ID!) { node(id: $id) { id } }", id=id_))["data"]["node"] is None

    async def test_long_lists_of_ids_are_refused(self, http: httpx.AsyncClient, home: Home) -> None:
        bills = [str(relay.GlobalID("Bill", str(home.bill.id)))] * 101
        pay = """mutation($account: ID!, $bills: [ID!]!) {
            payBills(input: {accountId: $account, billIds: $bills, idempotencyKey: "12345678"}) { __typename } }"""
        account = str(relay.GlobalID("Account", str(home.account.id)))
        for wanted in (bills, bills[:2], []):
            assert codes(await ask(http, home, pay, account=account, bills=wanted)) == ["BAD_INPUT"]


class TestArguments:
    @pytest.mark.parametrize(
        ("first", "after"),
        [
            (0, None),
            (-1, None),
            (101, None),
            (2**31 - 1, None),
            (5, "x"),
            (5, "é"),
            (5, "MjAyNi0xMw"),
            (5, base64.urlsafe_b64encode(b"0000-00").decode().rstrip("=")),
            (5, base64.urlsafe_b64encode(b"\x00").decode().rstrip("=")),
            (5, base64.urlsafe_b64encode(b"2026-10-03T00:00:00+00:00 x").decode().rstrip("=")),
        ],
    )
    async def test_a_page_that_is_none_is_the_callers_fault(
        self, http: httpx.AsyncClient, home: Home, first: int, after: str | None
    ) -> None:
        page = "(first: $first, after: $after) { edges { cursor } }"
        for field in (f"accounts {{ bills{page} }}", f"inbox{page}"):
            query = f"query($first: Int!, $after: String) {{ viewer {{ {field} }} }}"
            assert codes(await ask(http, home, query, first=first, after=after)) == ["BAD_INPUT"]

    @pytest.mark.parametrize("label", ["0001-01", "9999-12"])
    async def test_a_cursor_at_the_end_of_time_finds_what_there_is(
        self, http: httpx.AsyncClient, home: Home, label: str
    ) -> None:
        after = base64.urlsafe_b64encode(label.encode()).decode().rstrip("=")
        query = "query($after: String) { viewer { accounts { bills(after: $after) { edges { cursor } } } } }"
        assert codes(await ask(http, home, query, after=after)) == []
        at = base64.urlsafe_b64encode(f"{label}-01T00:00:00+14:00 {home.item.id}".encode()).decode().rstrip("=")
        query = "query($after: String) { viewer { inbox(after: $after) { edges { cursor } } } }"
        assert set(codes(await ask(http, home, query, after=at))) <= {"BAD_INPUT"}

    @pytest.mark.parametrize(
        ("since", "until"),
        [
            ("0001-01-01", "0001-01-02"),
            ("9999-12-01", "9999-12-31"),
            ("0001-01-01", "9999-12-31"),
            ("2026-10-02", "2026-10-01"),
            ("2026-10-01", "2026-10-01"),
        ],
    )
    async def test_days_that_nobody_can_have_used_are_the_callers_fault(
        self, http: httpx.AsyncClient, home: Home, since: str, until: str
    ) -> None:
        for resolution in ("INTERVAL", "DAY", "MONTH"):
            query = f"""{{ viewer {{ accounts {{
                usage(from: "{since}", to: "{until}", resolution: {resolution}) {{ total }} }} }} }}"""
            assert codes(await ask(http, home, query)) == ["BAD_INPUT"]

    @pytest.mark.parametrize("number", ["", "\x00", "3301990001\x00", "$ne", "1" * 10_000, "٣٣٠١٩٩٠٠٠١"])
    async def test_an_account_number_that_is_none_looks_like_any_other(
        self, http: httpx.AsyncClient, home: Home, number: str
    ) -> None:
        told = await ask(
            http,
            home,
            """mutation($n: String!) {
                confirmBinding(input: {accountNumber: $n, code: "000000"}) { ... on Refused { code } } }""",
            n=number,
        )
        assert told == {"data": {"confirmBinding": {"code": "CODE_WRONG"}}}

    @pytest.mark.parametrize("value", ["5", 5.5, 2**31, 2**63, 10**30, True, None, [5], {"a": 5}])
    async def test_a_number_that_is_none_is_a_fault_of_the_document(
        self, http: httpx.AsyncClient, home: Home, value: object
    ) -> None:
        query = "query($first: Int!) { viewer { inbox(first: $first) { edges { cursor } } } }"
        body = orjson.dumps({"query": query, "variables": {"first": 0}}).replace(b":0", b":" + as_json(value))
        answer = await http.post("/graphql", content=body, headers={**home.headers, **JSON})
        assert codes(answer.json()) == ["BAD_DOCUMENT"]


def as_json(value: object) -> bytes:
    return str(value).encode() if type(value) is int else orjson.dumps(value)


class TestFaults:
    async def test_a_fault_of_a_resolver_shows_its_request_and_nothing_inside(
        self, http: httpx.AsyncClient, home: Home, state: State, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def fail(*_: Any, **__: Any) -> None:  # noqa: ANN401 - stands for anything
            raise RuntimeError("gridhall.inbox index dump: customer 13900190001")

        monkeypatch.setattr(type(state.hall.post_room.inbox), "unread", fail)
        told = await ask(http, home, "{ viewer { unread } }")
        assert codes(told) == ["INTERNAL"]
        assert told["errors"][0]["extensions"]["requestId"]
        assert "index dump" not in str(told)

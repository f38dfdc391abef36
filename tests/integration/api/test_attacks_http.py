"""What somebody may send to any route."""

from collections.abc import AsyncIterator
from io import StringIO
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from structlog import WriteLogger, wrap_logger
from structlog.contextvars import merge_contextvars
from structlog.processors import JSONRenderer

from gridhall.api import problems
from gridhall.api.app import create_app
from gridhall.api.state import State
from gridhall.kit import log
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings
from tests.factories.production import production as production_settings

PHONE = "/v1/sign-in/code"


@pytest.fixture
async def production(mongo: Mongo, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    del mongo
    key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    shared = {"data_dir", "mongo_uri", "mongo_database", "redis_uri", "log_level"}
    pays = {"wechatpay_key", "wechatpay_v3_key", "alipay_key", "alipay_public_key"}
    of_test = settings.model_dump(include=shared | pays)
    app = create_app(
        production_settings(**of_test, field_key=key, token_key=key, metrics_token="scraper", tax_key="own-tax")
    )
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
            yield client


class TestRequestIds:
    async def test_a_sane_one_is_returned(self, http: httpx.AsyncClient) -> None:
        answer = await http.get("/health/live", headers={"X-Request-ID": "app-1234"})
        assert answer.headers["x-request-id"] == "app-1234"

    @pytest.mark.parametrize(
        "forged",
        [
            b"\xff\xfe",
            "汉字".encode(),
            "é".encode("latin-1"),
            b'x","level":"info',
            b"a b",
            b"%0d%0aSet-Cookie:a=b",
            b"-" * 65,
        ],
    )
    async def test_any_other_is_replaced(self, http: httpx.AsyncClient, forged: bytes) -> None:
        answer = await http.get("/health/live", headers=[(b"X-Request-ID", forged)])
        assert answer.status_code == 200
        assert answer.headers["x-request-id"].encode() != forged
        assert len(answer.headers["x-request-id"]) == 36


class TestBodies:
    async def test_a_body_over_the_limit_is_refused_whatever_route(self, http: httpx.AsyncClient) -> None:
        for path in (PHONE, "/graphql", "/v1/webhooks/payments/wechatpay"):
            answer = await http.post(path, content=b"x" * 300_000, headers={"Content-Type": "application/json"})
            assert (answer.status_code, answer.json()["code"]) == (413, "input.too_large"), path

    async def test_a_body_that_does_not_say_its_length_is_counted(self, http: httpx.AsyncClient) -> None:
        read = 0

        async def without_end() -> AsyncIterator[bytes]:
            nonlocal read
            while True:
                read += 1
                yield b" " * 50_000

        answer = await http.post("/graphql", content=without_end(), headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert read <= 10

    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"\xff\xfe\x00",
            b"[" * 100_000,
            b'{"phone": ' + b'{"a":' * 20_000,
            b"NaN",
            b"null",
            b'{"phone": "\\ud800"}',
            b'{"phone": "1380000\\u00000001"}',
            b'{"phone": 1380000000100000000000000000000000000000000}',
            b'{"phone": ' + b"9" * 6000 + b"}",
            b'{"phone": ["13800000001"]}',
            '{"phone": "１３８００００００１１"}'.encode(),
        ],
    )
    async def test_what_is_no_request_is_a_problem_and_not_a_fault(self, http: httpx.AsyncClient, body: bytes) -> None:
        answer = await http.post(PHONE, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in {400, 422}, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert "1380000" not in answer.text


class TestAnswers:
    async def test_a_path_that_is_none_and_a_wrong_method_are_problems_too(self, http: httpx.AsyncClient) -> None:
        absent = await http.get("/v1/nothing", headers={"Accept-Language": "en"})
        assert (absent.status_code, absent.json()["code"], absent.json()["title"]) == (404, "not_found", "Not found.")
        wrong = await http.get(PHONE)
        assert (wrong.status_code, wrong.json()["code"]) == (405, "input.bad_method")
        assert wrong.headers["allow"] == "POST"

    async def test_no_redirect_is_made_of_a_forged_host(self, http: httpx.AsyncClient) -> None:
        answer = await http.post(f"{PHONE}/", headers={"Host": "evil.example"})
        assert answer.status_code == 404

    async def test_every_answer_forbids_guessing_framing_and_caching(self, http: httpx.AsyncClient) -> None:
        for path in ("/health/live", "/v1/nothing", "/graphql"):
            headers = (await http.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["cache-control"] == "no-store"

    async def test_no_other_origin_is_let_in(self, http: httpx.AsyncClient) -> None:
        asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        for answer in (await http.options("/graphql", headers=asked), await http.post("/graphql", headers=asked)):
            assert [name for name in answer.headers if name.startswith("access-control")] == []

    async def test_a_fault_tells_its_request_and_nothing_inside(
        self, http: httpx.AsyncClient, state: State, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def fail(*_: Any, **__: Any) -> None:  # noqa: ANN401 - stands for anything
            secret_local = "13911112222"
            raise RuntimeError(f"E11000 duplicate key in gridhall.accounts{'!' * (secret_local == '')}")

        written = StringIO()
        processors = [merge_contextvars, log._EXCEPTIONS, JSONRenderer()]
        monkeypatch.setattr(problems, "_log", wrap_logger(WriteLogger(written), processors=processors))
        monkeypatch.setattr(type(state.refresh_tokens), "end", fail)
        answer = await http.post(
            "/v1/sign-in/out", json={"refresh_token": "r" * 60}, headers={"X-Request-ID": "trace-me"}
        )
        assert answer.status_code == 500
        assert answer.json()["requestId"] == answer.headers["x-request-id"] == "trace-me"
        assert "E11000" not in answer.text
        logged = written.getvalue()
        assert '"request_id": "trace-me"' in logged
        assert "13911112222" not in logged
        assert "r" * 60 not in logged
        assert logged.count("RuntimeError") == 1


class TestMeasures:
    async def test_requests_are_counted_by_route_and_never_by_invented_paths(self, http: httpx.AsyncClient) -> None:
        def count(route: str, status: str, method: str = "GET") -> float:
            labels = {"method": method, "route": route, "status": status}
            return REGISTRY.get_sample_value("gridhall_http_requests_total", labels) or 0

        before = count("none", "404"), count("/v1/bills/{bill_id}.pdf", "401"), count("/graphql", "200", "POST")
        await http.get("/invented/1")
        await http.get("/v1/bills/01a8a4a3-0000-7000-8000-000000000000.pdf")
        await http.post("/graphql", json={"query": "{ __typename }"})
        after = count("none", "404"), count("/v1/bills/{bill_id}.pdf", "401"), count("/graphql", "200", "POST")
        assert after == tuple(one + 1 for one in before)
        told = (await http.get("/metrics")).text
        assert "gridhall_http_request_seconds_bucket" in told
        assert "invented" not in told


class TestProduction:
    async def test_it_shows_no_tools(self, production: httpx.AsyncClient) -> None:
        for path in ("/graphiql", "/graphiql/assets/", "/openapi.json", "/docs", "/redoc"):
            assert (await production.get(path)).status_code == 404, path

    async def test_it_tells_no_schema(self, production: httpx.AsyncClient) -> None:
        told = (await production.post("/graphql", json={"query": "{ __schema { types { name } } }"})).json()
        assert told["errors"][0]["extensions"]["code"] == "BAD_DOCUMENT"
        assert told["data"] is None

    async def test_it_tells_its_metrics_to_the_one_who_has_the_token(self, production: httpx.AsyncClient) -> None:
        assert (await production.get("/metrics")).status_code == 404
        assert (await production.get("/metrics", headers={"Authorization": "Bearer no"})).status_code == 404
        assert (await production.get("/metrics", headers={"Authorization": "Bearer scraper"})).status_code == 200

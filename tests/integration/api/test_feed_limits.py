"""What a feed client may do at the door: how much, how often, and the same batch again."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from datetime import date, timedelta

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from gridhall.api.app import create_app
from gridhall.api.routes.feed import MEDIA_TYPES
from gridhall.api.state import State
from gridhall.kit.ids import new_id
from gridhall.kit.settings import Settings
from gridhall.metering.feed.batches.model import LEASE, Batch, batch_id
from gridhall.metering.feed.clients import add_client
from gridhall.metering.feed.formats.registry import AUTO, FORMATS
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points

SINCE, DAY = date(2026, 9, 1), "2026-09-02"
URL, METER = "/v1/feed/readings", "330000000001"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    limits = {"feed_max_rows": 50, "feed_requests_a_minute": 0, "feed_batches_at_once": 2}
    return settings.model_copy(update=limits)


async def sender(state: State, name: str = "head-end") -> str:
    point = ServicePoint(new_id(), "zhejiang", "grid", "Asia/Shanghai", "zhejiang-tou", (MeterLink(METER, SINCE),))
    if not await state.metering.points.known([METER]):
        await register_points(points=[point], meters=[Meter(METER)], repository=state.metering.points)
    return await add_client(name=name, regions={"zhejiang"}, clients=state.metering.clients, now=state.clock.now())


@pytest.fixture
async def token(state: State) -> str:
    return await sender(state)


def a_day(kwh: str = "0.100") -> bytes:
    return orjson.dumps({"meter": METER, "day": DAY, "minutes": 15, "kwh": [kwh] * 96}) + b"\n"


async def send(
    http: httpx.AsyncClient, token: str, content: bytes | AsyncIterator[bytes], query: str = "", **headers: str
) -> httpx.Response:
    given = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    return await http.post(URL + query, content=content, headers={**given, **headers})


class TestABatchWithAKey:
    async def test_is_taken_once_and_told_again(self, http: httpx.AsyncClient, token: str, state: State) -> None:
        body = a_day() + b"nonsense\n"
        first = await send(http, token, body, **{"Idempotency-Key": "b-1"})
        again = await send(http, token, body, **{"Idempotency-Key": "b-1"})
        packed = await send(http, token, gzip.compress(body), **{"Idempotency-Key": "b-1", "Content-Encoding": "gzip"})
        assert first.json()["accepted"] == 96
        assert (first.json()["replayed"], "Idempotency-Replayed" in first.headers) == (False, False)
        for other in (again, packed):
            assert other.json() == {**first.json(), "replayed": True}
            assert other.headers["Idempotency-Replayed"] == "true"
        (kept,) = await state.metering.stores.quarantine.page(limit=9)
        assert (kept.batch, kept.seen) == ("b-1", 1), "the second time it did not come to the door at all"

    async def test_with_another_body_is_a_problem_that_names_the_key(self, http: httpx.AsyncClient, token: str) -> None:
        await send(http, token, a_day(), **{"Idempotency-Key": "b-1"})
        other = await send(http, token, a_day("0.2"), **{"Idempotency-Key": "b-1", "Accept-Language": "en"})
        assert (other.status_code, other.json()["code"]) == (422, "feed.key_used")
        assert "b-1" in other.json()["title"]

    async def test_of_another_client_is_another_batch(self, http: httpx.AsyncClient, token: str, state: State) -> None:
        await send(http, token, a_day(), **{"Idempotency-Key": "b-1"})
        other = await send(http, await sender(state, "other"), a_day(), **{"Idempotency-Key": "b-1"})
        assert (other.json()["duplicate"], other.json()["replayed"]) == (96, False)

    async def test_that_is_under_way_is_waited_for(self, http: httpx.AsyncClient, token: str) -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield a_day()[:100]
            begun.set()
            await go_on.wait()
            yield a_day()[100:]

        first = asyncio.create_task(send(http, token, slowly(), **{"Idempotency-Key": "b-1"}))
        await begun.wait()
        meanwhile = await send(http, token, a_day(), **{"Idempotency-Key": "b-1"})
        go_on.set()
        assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "feed.under_way")
        assert 1 <= int(meanwhile.headers["Retry-After"]) <= 5
        assert (await first).json()["accepted"] == 96

    async def test_that_was_refused_may_be_sent_again_at_once(self, http: httpx.AsyncClient, token: str) -> None:
        too_long = await send(http, token, b"x\n" * 60, **{"Idempotency-Key": "b-1"})
        mended = await send(http, token, a_day(), **{"Idempotency-Key": "b-1"})
        assert (too_long.status_code, mended.json()["accepted"]) == (413, 96)

    async def test_whose_process_died_may_be_sent_again_after_its_lease(
        self, http: httpx.AsyncClient, token: str, state: State
    ) -> None:
        now = state.clock.now()
        dead = Batch(batch_id(client="head-end", key="b-1"), new_id(), now + LEASE)
        await state.metering.batches.add(dead, expires_at=now + timedelta(days=1))
        assert (await send(http, token, a_day(), **{"Idempotency-Key": "b-1"})).status_code == 409
        over = Batch(dead.id, dead.owner, now)
        await state.metering.batches.take_over(dead, over)
        assert (await send(http, token, a_day(), **{"Idempotency-Key": "b-1"})).json()["accepted"] == 96

    async def test_sent_ten_times_at_once_is_done_once(self, http: httpx.AsyncClient, token: str) -> None:
        answers = await asyncio.gather(*(send(http, token, a_day(), **{"Idempotency-Key": "b-1"}) for _ in range(10)))
        taken = [one.json() for one in answers if one.status_code == 200]
        assert sum(not one["replayed"] for one in taken) == 1
        assert {one["accepted"] for one in taken} == {96}
        assert {one.status_code for one in answers} <= {200, 409, 503}


class TestLimits:
    async def test_more_rows_than_allowed_are_told_and_what_came_before_is_stored(
        self, http: httpx.AsyncClient, token: str
    ) -> None:
        answer = await send(http, token, a_day() * 51, **{"Accept-Language": "en"})
        assert (answer.status_code, answer.json()["code"]) == (413, "feed.too_large")
        assert "50 rows" in answer.json()["title"]
        assert (await send(http, token, a_day() * 50)).status_code == 200

    async def test_a_length_beyond_the_limit_is_refused_before_the_body_is_read(
        self, http: httpx.AsyncClient, token: str
    ) -> None:
        read = 0

        async def body() -> AsyncIterator[bytes]:
            nonlocal read
            read += 1
            yield b"x"

        assert (await send(http, token, body(), **{"Content-Length": "999999999"})).status_code == 413
        assert read <= 1

    async def test_a_batch_more_than_the_process_has_places_for_is_told_to_wait(
        self, http: httpx.AsyncClient, token: str, state: State
    ) -> None:
        with state.feed_turnstile.place("one"), state.feed_turnstile.place("other"):
            busy = await send(http, token, a_day())
        assert (busy.status_code, busy.json()["code"], busy.headers["Retry-After"]) == (503, "feed.busy", "2")
        assert (await send(http, token, a_day())).status_code == 200


class TestRates:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"feed_requests_a_minute": 3, "feed_readings_a_minute": 150})

    @pytest.fixture
    async def token(self, state: State) -> str:
        return await sender(state, f"rated-{str(new_id())[-12:]}")  # Redis is shared by all tests

    async def test_of_requests_are_kept(self, http: httpx.AsyncClient, token: str) -> None:
        answers = [await send(http, token, b"") for _ in range(8)]  # two minutes of the clock at most
        refused = [one for one in answers if one.status_code == 429]
        assert len(refused) >= 2
        assert refused[0].json()["code"] == "feed.too_often"
        assert 1 <= int(refused[0].headers["Retry-After"]) <= 60

    async def test_of_readings_let_the_batch_in_that_uses_them_up(self, token: str, state: State) -> None:
        name, now = token.split(".")[1], state.clock.now()
        await state.feed_rates.count(name, readings=149, now=now)
        assert await state.feed_rates.admit(name, now=now) is None
        await state.feed_rates.count(name, readings=96, now=now)
        assert await state.feed_rates.admit(name, now=now)
        assert await state.feed_rates.admit(name, now=now + timedelta(minutes=1)) is None

    async def test_let_everything_in_while_redis_is_away(self, settings: Settings) -> None:
        away = create_app(settings.model_copy(update={"redis_uri": "redis://127.0.0.1:1/0"}))
        async with away.router.lifespan_context(away):
            token = await sender(away.state.gridhall, "unrated")
            transport = httpx.ASGITransport(app=away, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as http:
                assert [(await send(http, token, a_day())).status_code for _ in range(4)] == [200] * 4


class TestFormats:
    def test_of_media_types_exist(self) -> None:
        assert set(MEDIA_TYPES.values()) <= {AUTO, *FORMATS}

    async def test_asked_for_by_name_go_before_the_media_type(self, http: httpx.AsyncClient, token: str) -> None:
        body = f"meter,start,kwh,version\n{METER},{DAY}T00:00:00+08:00,0.1,7\n".encode()
        asked = await send(http, token, body, "?format=csv-long", **{"Content-Type": "text/plain"})
        by_type = await send(http, token, body, **{"Content-Type": "text/csv; charset=utf-8"})
        assert (asked.json()["accepted"], by_type.json()["duplicate"]) == (1, 1)

    async def test_that_nobody_knows_are_told_with_all_there_are(self, http: httpx.AsyncClient, token: str) -> None:
        for query, kind in (("?format=xlsx", "text/csv"), ("", "image/png"), ("", "text/csv")):
            answer = await send(
                http, token, b"what,is,this\n", query, **{"Content-Type": kind, "Accept-Language": "en"}
            )
            assert (answer.status_code, answer.json()["code"]) == (415, "feed.bad_format")
            assert "csv-long" in answer.json()["title"]


class TestMeasures:
    async def test_count_readings_by_client_format_and_outcome(self, http: httpx.AsyncClient, state: State) -> None:
        name = f"counted-{str(new_id())[-12:]}"
        token = await sender(state, name)
        await send(http, token, a_day() + b"nonsense\n", **{"Idempotency-Key": "m-1"})
        await send(http, token, a_day() + b"nonsense\n", **{"Idempotency-Key": "m-1"})
        await send(http, token, a_day(), "?format=xlsx")
        told = (await http.get("/metrics")).text
        for line in (
            f'gridhall_feed_readings_total{{client="{name}",format="ndjson",outcome="accepted"}} 96.0',
            f'gridhall_feed_readings_total{{client="{name}",format="ndjson",outcome="quarantined"}} 1.0',
            f'gridhall_feed_batches_total{{client="{name}",outcome="taken"}} 1.0',
            f'gridhall_feed_batches_total{{client="{name}",outcome="replayed"}} 1.0',
            f'gridhall_feed_batches_total{{client="{name}",outcome="feed.bad_format"}} 1.0',
        ):
            assert line in told


class TestWhateverIsSent:
    @hypothesis(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        body=st.binary(max_size=400)
        | st.lists(
            st.sampled_from([a_day(), b"meter,start,kwh\n", b"100,NEM12,", b"<feed ", b"{", b'"', b"\xff", b"PK"])
        ).map(b"".join),
        asked=st.tuples(
            st.sampled_from([*MEDIA_TYPES, "text/plain"]),
            st.sampled_from(["", "?format=auto", *(f"?format={name}" for name in FORMATS)]),
            st.sampled_from(["no", "yes", "cut", "lie"]),
        ),
    )
    async def test_no_request_is_a_fault(
        self, http: httpx.AsyncClient, token: str, body: bytes, asked: tuple[str, str, str]
    ) -> None:
        kind, query, packed = asked
        headers = {"Content-Type": kind, "Idempotency-Key": str(new_id())}
        if packed != "no":
            headers["Content-Encoding"] = "gzip"
            body = {"yes": gzip.compress(body), "cut": gzip.compress(body)[:-3], "lie": body}[packed]
        answer = await send(http, token, body, query, **headers)
        assert answer.status_code in {200, 400, 413, 415, 422}, answer.text


class TestLocalTimes:
    async def test_are_taken_where_the_sender_says_that_they_are(self, http: httpx.AsyncClient, token: str) -> None:
        table = f"date,time,{METER}\n{DAY},08:00:00,0.1\n{DAY},08:15:00,0.2\n".encode()
        refused = await send(http, token, table, "?format=csv-matrix")
        taken = await send(http, token, table, "?format=csv-matrix&times=local")
        assert [refused.json()[name] for name in ("accepted", "quarantined")] == [0, 2]
        assert [taken.json()[name] for name in ("accepted", "quarantined")] == [2, 0]
        assert (await send(http, token, table, "?times=guess")).status_code == 422

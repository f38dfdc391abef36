"""What somebody may send to the intake, with a token or without."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import orjson
import pytest

from gridhall.api.state import State
from gridhall.kit.ids import new_id
from gridhall.kit.settings import Settings
from gridhall.metering.feed.clients import add_client
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points

SINCE, DAY = date(2026, 9, 1), "2026-09-02"
URL = "/v1/feed/readings"


@pytest.fixture
async def token(state: State) -> str:
    """The token of a client of Zhejiang, where meter 1 hangs; meter 2 hangs in Shaanxi."""
    for meter, region in (("330000000001", "zhejiang"), ("610000000002", "shaanxi")):
        point = ServicePoint(new_id(), region, "grid", "Asia/Shanghai", "zhejiang-tou", (MeterLink(meter, SINCE),))
        await register_points(points=[point], meters=[Meter(meter)], repository=state.metering.points)
    return await add_client(
        name="head-end", regions={"zhejiang"}, clients=state.metering.clients, now=state.clock.now()
    )


def a_day(meter: str = "330000000001", kwh: str = "0.100") -> bytes:
    return orjson.dumps({"meter": meter, "day": DAY, "minutes": 15, "kwh": [kwh] * 96}) + b"\n"


async def send(
    http: httpx.AsyncClient, token: str, content: bytes | AsyncIterator[bytes], **headers: str
) -> httpx.Response:
    given = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    return await http.post(URL, content=content, headers={**given, **headers})


def counts(answer: httpx.Response) -> tuple[int, int, int, int]:
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told["accepted"], told["duplicate"], told["corrected"], told["quarantined"]


class TestWho:
    async def test_nobody_without_a_good_token(self, http: httpx.AsyncClient, token: str) -> None:
        other = token[:-1] + ("A" if token[-1] != "A" else "B")
        for bad in ("", "ghf", "ghf.head-end.", "ghf.head-end", "ghf.absent.secret", other, token.upper(), "\x00"):
            answer = await send(http, bad, a_day())
            assert (answer.status_code, answer.json()["code"]) == (401, "feed.not_allowed"), bad

    async def test_no_body_is_read_for_nobody(self, http: httpx.AsyncClient) -> None:
        read = 0

        async def body() -> AsyncIterator[bytes]:
            nonlocal read
            for _ in range(100):
                read += 1
                yield b"x" * 1000

        answer = await send(http, "ghf.absent.secret", body())
        assert answer.status_code == 401
        assert read <= 1

    async def test_no_customers_token(self, http: httpx.AsyncClient, state: State) -> None:
        customers = state.access_tokens.sign(new_id(), now=state.clock.now()).text  # type: ignore[arg-type]
        assert (await send(http, customers, a_day())).status_code == 401

    async def test_no_feed_token_at_the_desk(self, http: httpx.AsyncClient, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await http.post("/graphql", json={"query": "{ viewer { phone } }"}, headers=headers)
        assert answer.json() == {"data": {"viewer": None}}

    async def test_another_regions_meter_is_not_written(self, http: httpx.AsyncClient, token: str) -> None:
        registers = {"meter": "610000000002", "at": f"{DAY}T00:00:00+08:00", "registers": {"total": "1"}}
        answer = await send(http, token, a_day("610000000002") + orjson.dumps(registers))
        assert counts(answer) == (0, 0, 0, 97)


class TestBodies:
    async def test_a_bomb_is_stopped(self, http: httpx.AsyncClient, token: str) -> None:
        bomb = gzip.compress(b" " * 200 * 2**20)
        assert len(bomb) < 2**18
        answer = await send(http, token, bomb, **{"Content-Encoding": "gzip"})
        assert (answer.status_code, answer.json()["code"]) == (413, "feed.too_large")

    async def test_gzip_without_end_that_holds_nothing_is_stopped(self, http: httpx.AsyncClient, token: str) -> None:
        read = 0

        async def nothing() -> AsyncIterator[bytes]:
            nonlocal read
            packed = gzip.compress(b"") * 1000
            for _ in range(200):
                read += len(packed)
                yield packed

        answer = await send(http, token, nothing(), **{"Content-Encoding": "gzip"})
        assert answer.status_code == 413
        assert read < 300_000

    async def test_rows_without_end_are_stopped(self, http: httpx.AsyncClient, token: str) -> None:
        async def rows() -> AsyncIterator[bytes]:
            while True:
                yield a_day()

        answer = await send(http, token, rows())
        assert (answer.status_code, answer.json()["code"]) == (413, "feed.too_large")

    async def test_a_line_without_end_is_one_refused_row(self, http: httpx.AsyncClient, token: str) -> None:
        answer = await send(http, token, b"x" * 150_000 + b"\n" + a_day())
        assert counts(answer) == (96, 0, 0, 1)

    @pytest.mark.parametrize(
        "body",
        [b"no gzip", gzip.compress(b"x" * 1000, mtime=0)[:-9], gzip.compress(b"x", mtime=0) + b"tail", b""],
        ids=["no-gzip", "cut", "with-a-tail", "empty"],  # without them the ids would tell the time of the compression
    )
    async def test_what_is_no_gzip_is_a_problem(self, http: httpx.AsyncClient, token: str, body: bytes) -> None:
        answer = await send(http, token, body, **{"Content-Encoding": "gzip"})
        assert (answer.status_code, answer.json()["code"]) == (400, "feed.bad_gzip")

    @pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "deflate", "gzip;q=1"])
    async def test_other_encodings_are_not_taken(self, http: httpx.AsyncClient, token: str, encoding: str) -> None:
        assert (await send(http, token, a_day(), **{"Content-Encoding": encoding})).status_code == 415

    @pytest.mark.parametrize(
        "row",
        [
            b"\xff\xfe",
            b"\x00",
            b"[" * 30_000,
            b'{"meter":' * 5_000,
            b"NaN",
            b'{"meter": "330000000001", "day": "2026-09-02", "kwh": NaN}',
            b'{"meter": "330000000001", "start": "2026-09-02T00:00:00+08:00", "kwh": 1e999}',
            b'{"meter": "330000000001", "start": "2026-09-02T00:00:00+08:00", "kwh": ' + b"9" * 300 + b"}",
            b'{"meter": "330000000001", "start": "2026-09-02T00:00:00+08:00", "kwh": 0.' + b"1" * 5000 + b"}",
            b'{"meter": "330000000001", "start": "2026-09-02T00:00:00+08:00", "kwh": "1", "minutes": '
            + b"9" * 300
            + b"}",
            b'{"meter": "330000000001", "start": "0001-01-01T00:00:00+14:00", "kwh": "1"}',
            b'{"meter": "330000000001", "start": "9999-12-31T23:45:00-12:00", "kwh": "1"}',
            b'{"meter": "330000000001", "day": "0001-01-01", "kwh": ["1"]}',
            b'{"meter": "330000000001", "day": "9999-12-31", "kwh": ["1"]}',
            b'{"meter": "330000000001", "day": "2026-09-02", "kwh": []}',
            b'{"meter": {"$ne": null}, "day": "2026-09-02", "kwh": ["1"]}',
            b'{"meter": "\\u0000", "day": "2026-09-02", "kwh": ["1"]}',
            b'{"meter": "\\ud800", "day": "2026-09-02", "kwh": ["1"]}',
            b'{"meter": "330000000001", "at": "2026-09-02T00:00:00+08:00", "registers": {"$where": "1"}}',
            b'{"meter": "330000000001", "at": "2026-09-02T00:00:00+08:00", "registers": {"total.x": "1"}}',
            b'{"meter": "330000000001", "at": "0001-01-01T00:00:00+14:00", "registers": {"total": "1"}}',
            b'{"meter": "330000000001", "at": "9999-12-31T20:00:00+00:00", "registers": {"total": "1"}}',
            b'{"meter": "330000000001", "start": "2026-09-02T00:00:00+08:00", "kwh": "1", "channel": "$x.\\u0000"}',
        ],
    )
    async def test_an_odd_row_is_kept_aside_and_the_next_one_taken(
        self, http: httpx.AsyncClient, token: str, row: bytes
    ) -> None:
        accepted, duplicate, corrected, quarantined = counts(await send(http, token, row + b"\n" + a_day()))
        assert (accepted, duplicate, corrected) == (96, 0, 0)
        assert quarantined >= 1

    @pytest.mark.parametrize("key", ["", " ", "a b", "x" * 129, "漢".encode().decode("latin-1"), "a/b", "$ne"])
    async def test_a_key_that_is_none_is_a_problem(self, http: httpx.AsyncClient, token: str, key: str) -> None:
        given = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
        headers = [*((k.encode(), v.encode()) for k, v in given.items()), (b"Idempotency-Key", key.encode("latin-1"))]
        answer = await http.post(URL, content=a_day(), headers=headers)
        assert answer.status_code == (400 if key else 200), answer.text


class TestAtOnce:
    async def test_the_same_batch_ten_times_at_once_is_stored_once(self, http: httpx.AsyncClient, token: str) -> None:
        answers = await asyncio.gather(*(send(http, token, a_day()) for _ in range(10)))
        taken = [counts(answer) for answer in answers]
        assert sum(accepted for accepted, *_ in taken) == 96
        assert sum(duplicate for _, duplicate, *_ in taken) == 9 * 96
        assert {(corrected, refused) for _, _, corrected, refused in taken} == {(0, 0)}


class TestLimitsThatAreEvaded:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        limits = {
            "feed_max_bytes": 2**22,
            "feed_max_rows": 3,
            "feed_readings_a_minute": 100,
            "feed_wait_seconds": 0.4,
            "feed_batches_at_once": 4,
        }
        return settings.model_copy(update=limits)

    @pytest.fixture
    async def token(self, state: State) -> str:
        name = f"evader-{str(new_id())[-12:]}"  # Redis is shared by all tests
        link = MeterLink("330000000001", SINCE)
        point = ServicePoint(new_id(), "zhejiang", "grid", "Asia/Shanghai", "zhejiang-tou", (link,))
        await register_points(points=[point], meters=[Meter(link.meter)], repository=state.metering.points)
        return await add_client(name=name, regions={"zhejiang"}, clients=state.metering.clients, now=state.clock.now())

    @pytest.mark.parametrize("key", [None, "k-1"])
    async def test_readings_count_of_a_batch_that_is_refused_at_its_end(
        self, http: httpx.AsyncClient, token: str, state: State, key: str | None
    ) -> None:
        async def rows() -> AsyncIterator[bytes]:
            yield b"".join(a_day(kwh=f"0.{number}") for number in (1, 2, 3)) + b"\n" * 2**20
            yield a_day(kwh="0.4")

        answer = await send(http, token, rows(), **({"Idempotency-Key": key} if key else {}))
        assert answer.status_code == 413
        assert await state.feed_rates.admit(token.split(".")[1], now=state.clock.now())

    async def test_a_body_that_drips_is_not_waited_for(self, http: httpx.AsyncClient, token: str) -> None:
        async def drops() -> AsyncIterator[bytes]:
            for byte in a_day():
                yield bytes([byte])
                await asyncio.sleep(0.05)

        answer = await send(http, token, drops())
        assert (answer.status_code, answer.json()["code"]) == (408, "feed.too_slow")

    async def test_one_client_does_not_take_every_place(
        self, http: httpx.AsyncClient, token: str, state: State
    ) -> None:
        other = await add_client(
            name="patient", regions={"zhejiang"}, clients=state.metering.clients, now=state.clock.now()
        )

        async def never() -> AsyncIterator[bytes]:
            yield b" "
            await asyncio.sleep(10)

        slow = [asyncio.create_task(send(http, token, never())) for _ in range(8)]
        await asyncio.sleep(0.1)
        assert (await send(http, other, a_day())).status_code == 200
        assert {(await one).status_code for one in slow} == {408, 503}

"""NEM12 through the front door."""

import io
import zipfile

import httpx
import pytest

from gridhall.api.state import State
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.clients import add_client
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points

FILE = f"100,NEM12,202609030000,A,B\n200,NMI,E1,,E1,,,kWh,30,\n300,20260902,{','.join(['0.5'] * 48)},A,,,,\n900\n"


@pytest.fixture
async def token(state: State) -> str:
    """The token of a client that may write the meter NMI-1/30."""
    link = MeterLink("NMI-1/30", Month.parse("2026-08").first)
    point = ServicePoint(new_id(), "zhejiang", "grid", "Asia/Shanghai", "zhejiang-tou", (link,))
    meter = Meter("NMI-1/30", interval_minutes=30)
    await register_points(points=[point], meters=[meter], repository=state.metering.points)
    return await add_client(name="market", regions={"zhejiang"}, clients=state.metering.clients, now=state.clock.now())


async def send(http: httpx.AsyncClient, token: str, content: bytes, kind: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    return await http.post("/v1/feed/readings", content=content, headers=headers)


def packed(text: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("feed.csv", text)
    return target.getvalue()


async def test_a_zipped_file_is_taken(http: httpx.AsyncClient, token: str) -> None:
    first = await send(http, token, packed(FILE), "application/zip")
    again = await send(http, token, FILE.encode(), "application/octet-stream")
    assert (first.json()["accepted"], again.json()["duplicate"]) == (48, 48)


async def test_an_unsound_file_is_a_problem_with_its_reason_and_leaves_nothing(
    http: httpx.AsyncClient, token: str, mongo: Mongo
) -> None:
    answer = await send(http, token, packed(FILE.replace("kWh,30", "kWh,15")), "application/zip")
    assert (answer.status_code, answer.json()["code"]) == (422, "feed.refused")
    assert "line 3: the 300 record has 48 values" in answer.text
    assert await mongo["usage_days"].count_documents({}) == await mongo["quarantine"].count_documents({}) == 0


async def test_a_zip_that_unpacks_beyond_the_limit_is_too_large(http: httpx.AsyncClient, token: str) -> None:
    answer = await send(http, token, packed(FILE + "\n" * 10**6), "application/zip")
    assert (answer.status_code, answer.json()["code"]) == (413, "feed.too_large")

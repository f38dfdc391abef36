"""What somebody may try with photos: to see others', to bring what is none, and to bring without end."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import pytest

from gridhall.api.state import State
from gridhall.crm.agents.model import Agent, AgentRole
from gridhall.crm.customers.model import Customer
from gridhall.crm.customers.repository import new_customer_id
from gridhall.kit.blobs import Attachment
from gridhall.kit.settings import Settings
from gridhall.metering.irregular.cases.model import CASE
from gridhall.metering.rounds.own.operations import OWN_READ
from tests.factories.agents import an_agent, headers_of

JPEG = b"\xff\xd8\xff\xe0" + b"photo" * 20


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"photos_loose_of_customer": 3, "photo_max_bytes": 10_000})


async def somebody(state: State, phone: str) -> tuple[Customer, dict[str, str]]:
    now = state.clock.now()
    customer = await state.hall.people.customers.get_or_add(
        Customer(new_customer_id(), phone=phone, name="谁"), now=now
    )
    return customer, {"Authorization": f"Bearer {state.access_tokens.sign(customer.id, now=now).text}"}


async def bring(http: httpx.AsyncClient, headers: dict[str, str], content: bytes = JPEG) -> UUID:
    answer = await http.post("/v1/photos", content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


class TestSeeing:
    async def test_who_has_the_same_picture_has_not_the_others(self, http: httpx.AsyncClient, state: State) -> None:
        (_, one), (_, other) = await somebody(state, "13900190001"), await somebody(state, "13900190002")
        first, second = await bring(http, one), await bring(http, other)
        assert first != second
        for photo in (first, uuid4()):
            answer = await http.get(f"/v1/photos/{photo}", headers=other)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), "there or not looks alike"

    @pytest.mark.parametrize(
        ("kind", "allowed"),
        [
            (OWN_READ, set(AgentRole)),
            (CASE, {AgentRole.INSPECTOR, AgentRole.SUPERVISOR}),
        ],
    )
    async def test_a_photo_is_seen_by_those_who_may_see_what_it_shows(
        self, http: httpx.AsyncClient, state: State, kind: str, allowed: set[AgentRole]
    ) -> None:
        customer, headers = await somebody(state, "13900190001")
        photo = await bring(http, headers)
        where = Attachment(kind, str(uuid4()), "zhejiang", "grid/city")
        await state.hall.blobs.attach([photo], to=where, by=customer.id)
        for number, role in enumerate(AgentRole):
            here = await an_agent(state, f"here.{number}", role=role, region="zhejiang", org_path="grid")
            there = await an_agent(state, f"there.{number}", role=role, region="shaanxi", org_path="")
            seen = [await self.status(http, state, agent, photo) for agent in (here, there)]
            assert seen == [200 if role in allowed else 404, 404], role

    async def status(self, http: httpx.AsyncClient, state: State, agent: Agent, photo: UUID) -> int:
        return (await http.get(f"/v1/photos/{photo}", headers=headers_of(state, agent))).status_code

    async def test_it_is_shown_as_nothing_but_a_picture(self, http: httpx.AsyncClient, state: State) -> None:
        _, headers = await somebody(state, "13900190001")
        polyglot = b"\xff\xd8\xff\xe0<script>alert(1)</script><!--"
        answer = await http.get(f"/v1/photos/{await bring(http, headers, polyglot)}", headers=headers)
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "private, no-store"


class TestBringing:
    async def test_without_end_is_stopped(self, http: httpx.AsyncClient, state: State) -> None:
        customer, headers = await somebody(state, "13900190001")
        photos = [await bring(http, headers, JPEG + bytes([number])) for number in range(3)]
        more = await http.post("/v1/photos", content=JPEG + b"more", headers=headers)
        assert (more.status_code, more.json()["code"]) == (429, "photos.too_many")
        assert await bring(http, headers, JPEG + b"\x00") == photos[0], "the same again is no other"
        where = Attachment(OWN_READ, str(uuid4()), "zhejiang", "grid")
        await state.hall.blobs.attach(photos[:1], to=where, by=customer.id)
        await bring(http, headers, JPEG + b"more")

    async def test_a_photo_without_end_is_not_read_to_it(self, http: httpx.AsyncClient, state: State) -> None:
        _, headers = await somebody(state, "13900190001")
        read = 0

        async def body() -> AsyncIterator[bytes]:
            nonlocal read
            for _ in range(1000):
                read += 1
                yield JPEG * 10

        answer = await http.post("/v1/photos", content=body(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "input.too_large")
        assert read < 50

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"GIF89a",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"%PDF-1.7",
            b"RIFF0000WAVE",
            b"....ftypqt  ",
            b"\xff\xd8",
        ],
    )
    async def test_what_is_no_photo_is_not_kept(self, http: httpx.AsyncClient, state: State, content: bytes) -> None:
        _, headers = await somebody(state, "13900190001")
        assert (await http.post("/v1/photos", content=content, headers=headers)).status_code == 415

"""A mail sent by the real channel, seen through the phone; and what the page lets a browser do."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from gridhall.kit.clock import SystemClock
from gridhall.notifications.channels.mail import MailChannel
from gridhall.notifications.channels.port import Attachment, MailContent, OutgoingMessage
from gridhall.simulators.app import Addresses, running

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40
HOSTILE = "<html><head></head><body><script>parent.document.title='x'</script>您好</body></html>"


@pytest.fixture
async def stands() -> AsyncIterator[Addresses]:
    async with running(sms_access_key_id="k", sms_access_key_secret="s") as addresses:
        yield addresses


@pytest.fixture
async def client(stands: Addresses) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=stands.url) as opened:
        yield opened


async def send(stands: Addresses, content: MailContent, *, to: str = "wang@customer.example") -> None:
    channel = MailChannel(
        host="127.0.0.1",
        port=stands.smtp_port,
        sender="格里供电 <e-bill@gridhall.example>",
        timeout_seconds=5,
        clock=SystemClock(),
    )
    await channel.send(OutgoingMessage(uuid4(), to, content))


async def messages(client: httpx.AsyncClient, of: str = "wang@customer.example") -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await client.get("/phone/messages", params={"of": of})).json()["messages"]
    return found


class TestMails:
    async def test_the_pdf_that_was_sent_is_the_pdf_that_opens(
        self, stands: Addresses, client: httpx.AsyncClient
    ) -> None:
        attachment = Attachment("电费账单 2026-10.pdf", "application/pdf", PDF)
        await send(stands, MailContent("您的电费账单", "您好", "<p>您好</p>", (attachment,)))
        (mail,) = await messages(client)
        assert (mail["sender"], mail["subject"]) == ("格里供电", "您的电费账单")
        (file,) = mail["files"]  # type: ignore[misc]
        opened = await client.get(file["url"])
        assert file["filename"] == "电费账单 2026-10.pdf"
        assert (opened.content, opened.headers["content-type"]) == (PDF, "application/pdf")
        assert opened.headers["content-disposition"] == "inline"

    async def test_a_file_that_a_browser_might_run_is_only_saved(
        self, stands: Addresses, client: httpx.AsyncClient
    ) -> None:
        await send(stands, MailContent("a", "b", attachments=(Attachment("x.html", "text/html", b"<script>"),)))
        (mail,) = await messages(client)
        opened = await client.get(mail["files"][0]["url"])  # type: ignore[index]
        assert opened.headers["content-disposition"] == "attachment"
        assert opened.headers["content-type"] == "application/octet-stream"

    async def test_a_hostile_mail_is_shown_where_nothing_runs(
        self, stands: Addresses, client: httpx.AsyncClient
    ) -> None:
        await send(stands, MailContent("a", "b", HOSTILE))
        (mail,) = await messages(client)
        body = await client.get(str(mail["body_url"]))
        policy = body.headers["content-security-policy"]
        assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'")
        assert "script-src" not in policy
        assert "allow-scripts" not in policy

    async def test_the_newest_mail_comes_first(self, stands: Addresses, client: httpx.AsyncClient) -> None:
        for subject in ("one", "two"):
            await send(stands, MailContent(subject, "b"))
        assert [mail["subject"] for mail in await messages(client)] == ["two", "one"]

    async def test_what_was_never_received_is_not_found(self, client: httpx.AsyncClient) -> None:
        assert (await client.get(f"/phone/messages/{uuid4()}/body")).status_code == 404
        assert (await client.get(f"/phone/messages/{uuid4()}/files/0/x.pdf")).status_code == 404


class TestPeople:
    async def test_a_registered_person_is_found_by_phone_with_their_mails(
        self, stands: Addresses, client: httpx.AsyncClient
    ) -> None:
        person = {"name": "王小明", "phone": "13800000001", "mail": "wang@customer.example"}
        await client.post("/phone/people", json=[person])
        await send(stands, MailContent("您的电费账单", "您好"))
        (found,) = (await client.get("/phone/people", params={"q": "13800000001"})).json()["people"]
        assert (found["name"], found["mails"], found["preview"]) == ("王小明", 1, "您的电费账单")
        assert len(await messages(client, of="13800000001")) == 1

    @pytest.mark.parametrize("body", ["{}", "x", "[1]", '[{"name":"a"}]', '[{"name":1,"phone":"1"}]'])
    async def test_a_register_that_cannot_be_read_is_refused(self, client: httpx.AsyncClient, body: str) -> None:
        assert (await client.post("/phone/people", content=body)).status_code == 422


class TestThePage:
    async def test_the_front_door_leads_to_the_phone(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/")).headers["location"] == "/phone"

    async def test_only_what_the_page_brings_itself_may_run(self, client: httpx.AsyncClient) -> None:
        page = await client.get("/phone")
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "//" not in page.text.replace("<!doctype", "")

    @pytest.mark.parametrize(
        "path", ["/assets/phone.js", "/assets/screens.js", "/assets/people.css", "/assets/pay.css", "/fonts/bold.otf"]
    )
    async def test_what_the_page_asks_for_is_there(self, client: httpx.AsyncClient, path: str) -> None:
        assert (await client.get(path)).status_code == 200

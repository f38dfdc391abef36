"""A customer's app, as far as a journey needs one: it signs in, asks, and looks at its phone."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from tests.factories.service import Service

T = TypeVar("T")


async def eventually(look: Callable[[], Awaitable[T | None]], *, what: str, seconds: float = 40) -> T:
    """Look again and again until something is there."""
    for _ in range(int(seconds / 0.2)):
        found = await look()
        if found:
            return found
        await asyncio.sleep(0.2)
    raise AssertionError(f"{what} did not happen within {seconds} s")


@dataclass(slots=True)
class App:
    """The app of the person who has `phone`."""

    service: Service
    http: httpx.AsyncClient
    phone: str
    headers: dict[str, str] = field(default_factory=dict)

    async def sign_in(self) -> None:
        """Ask for a code, read it off the phone, sign in."""
        before = len(await received(self.service, self.phone, "sms"))
        asked = await self.http.post("/v1/sign-in/code", json={"phone": self.phone})
        assert asked.status_code == 202, asked.text
        code = await newest_code(self.service, self.phone, after=before)
        answer = await self.http.post("/v1/sign-in/token", json={"phone": self.phone, "code": code})
        assert answer.status_code == 200, answer.text
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def sign_in_by_wechat(self) -> None:
        """Sign in from the mini-program; who is new there shows the phone number by WeChat's button."""
        demo = f"{self.service.stands.wechat_url}/demo"
        code = (await self.http.post(f"{demo}/login", json={"phone": self.phone})).json()["js_code"]
        told = (await self.http.post("/v1/sign-in/wechat", json={"code": code})).json()
        if "link_ticket" in told:
            shown = (await self.http.post(f"{demo}/phone", json={"phone": self.phone})).json()["code"]
            linked = {"ticket": told["link_ticket"], "phone_code": shown}
            told = (await self.http.post("/v1/sign-in/wechat/link", json=linked)).json()
        self.headers = {"Authorization": f"Bearer {told['access_token']}"}

    async def allow_one(self, template: str, template_id: str, *, key: str) -> None:
        """Tap 允许一次 in the mini-program, which then reports it."""
        demo = f"{self.service.stands.wechat_url}/demo"
        allowed = await self.http.post(f"{demo}/allow", json={"phone": self.phone, "template_id": template_id})
        assert allowed.is_success, allowed.text
        report = """mutation($t: [String!]!, $k: String!) {
            reportConsent(input: {templates: $t, idempotencyKey: $k}) { __typename } }"""
        assert (await self.ask(report, t=[template], k=key))["reportConsent"]["__typename"] == "ConsentReported"

    async def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """Return the data of a query that has to succeed."""
        answer = await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=self.headers)
        told: dict[str, Any] = answer.json()
        assert "errors" not in told, told["errors"]
        return dict(told["data"])


async def received(service: Service, who: str, kind: str) -> list[dict[str, Any]]:
    """Return the messages of a kind that a phone or an address received, newest first."""
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{service.stands.phone_url}/messages", params={"of": who})
    return [message for message in answer.json()["messages"] if message["kind"] == kind]


async def newest_code(service: Service, phone: str, *, after: int) -> str:
    """Return the digits of the newest text message once there are more than `after`."""

    async def look() -> str | None:
        messages = await received(service, phone, "sms")
        return str(messages[0]["text"]) if len(messages) > after else None

    found = re.search(r"\d{6}", await eventually(look, what="the code by SMS"))
    assert found
    return found.group()

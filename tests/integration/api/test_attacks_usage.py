"""What somebody may try to learn of usage that is not theirs: of those who lived there before, by links, by dates."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest

from gridhall.api.app import create_app
from gridhall.api.state import State
from gridhall.billing.accounts.model import AccountId, PointLink
from gridhall.crm.customers.model import Binding, Customer, Role
from gridhall.crm.customers.repository import new_customer_id
from gridhall.kit.ids import new_id
from gridhall.kit.links import Bearer, SignedLinks
from gridhall.kit.localdays import Days, Month, local_day
from gridhall.kit.subject import SubjectKind
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from tests.factories.homes import ZONE, Home, a_home

CURVE = """query($m: String!) { viewer { accounts {
  load(month: $m) { figures { wholeDays kwh highest { at } } change { meanKwhBefore } missing { reason } }
  similarHomes(month: $m) { compared { ownKwh } missing { reason } }
  forecast { use { measured likely } missing { reason } }
} } }"""
LINK = """query($from: Date!, $to: Date!, $kind: FileKind!) { viewer { accounts {
  usageExport(from: $from, to: $to, kind: $kind) { url } } } }"""


async def asked(http: httpx.AsyncClient, headers: dict[str, str], query: str, **variables: object) -> dict[str, Any]:
    answer = await http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    assert "errors" not in answer.json(), answer.text
    account: dict[str, Any] = answer.json()["data"]["viewer"]["accounts"][0]
    return account


async def used(state: State, point: UUID, days: Days) -> None:
    pieces = [
        DayPiece(day_key(point, IMPORT_KWH, one), 15, 3, ZONE, "zhejiang-tou", [100] * 96, bytearray(96))
        for one in days
    ]
    await record(pieces=pieces, histories=state.hall.billing.histories, now=state.clock.now())


async def moved_in(state: State, before: Home, since: date) -> dict[str, str]:
    """Let somebody move in where `before` lived; return what they sign in with."""
    hall, now, point = state.hall, state.clock.now(), before.account.points[0].point_id
    account = replace(
        before.account,
        id=AccountId(new_id()),
        number="3301990077",
        kept_since=since,
        points=(PointLink(point, since),),
        tariffs=tuple(replace(link, from_day=since) for link in before.account.tariffs),
    )
    await hall.billing.accounts.add([account])
    customer = await hall.people.customers.get_or_add(
        Customer(new_customer_id(), phone="13900190077", name="后来的人"), now=now
    )
    await hall.people.customers.bind(customer.id, Binding(account.id, Role.OWNER, now))
    return {"Authorization": f"Bearer {state.access_tokens.sign(customer.id, now=now).text}"}


class TestThoseWhoLivedThereBefore:
    async def test_are_not_told_of_by_the_load_the_year_before_or_the_outlook(
        self, http: httpx.AsyncClient, state: State
    ) -> None:
        home, today = await a_home(state, 1), local_day(state.clock.now(), ZONE)
        await used(state, home.account.points[0].point_id, Days(today - timedelta(days=440), today))
        month = Month.of(today).shift(-1)
        since = month.first + timedelta(days=20)
        account = await asked(http, await moved_in(state, home, since), CURVE, m=str(month))
        load = account["load"]
        assert load["figures"] is None, "eleven days are too few; the twenty before were told"
        assert load["change"] is None, "the year before was somebody else's"
        assert account["similarHomes"] == {"compared": None, "missing": {"reason": "few_whole_days"}}
        earlier = await asked(http, await moved_in_again(state), CURVE, m=str(month.shift(-3)))
        assert (earlier["load"], earlier["similarHomes"]) == (None, None)

    async def test_are_not_in_the_outlook_of_who_came_yesterday(self, http: httpx.AsyncClient, state: State) -> None:
        home, today = await a_home(state, 1), local_day(state.clock.now(), ZONE)
        await used(state, home.account.points[0].point_id, Days(today - timedelta(days=440), today))
        headers = await moved_in(state, home, today - timedelta(days=1))
        forecast = (await asked(http, headers, CURVE, m=str(Month.of(today))))["forecast"]
        assert forecast["use"] is None
        assert forecast["missing"]["reason"] == "few_whole_days"


async def moved_in_again(state: State) -> dict[str, str]:
    """Return what the one who moved in signs in with."""
    found = await state.hall.people.customers.get_or_add(
        Customer(new_customer_id(), phone="13900190077", name="后来的人"), now=state.clock.now()
    )
    return {"Authorization": f"Bearer {state.access_tokens.sign(found.id, now=state.clock.now()).text}"}


class TestLinks:
    @pytest.fixture
    async def home(self, state: State) -> Home:
        return await a_home(state, 1)

    async def link(self, http: httpx.AsyncClient, home: Home, kind: str = "CSV") -> str:
        told = await asked(http, home.headers, LINK, **{"from": "2026-09-01", "to": "2026-10-01"}, kind=kind)
        url: str = told["usageExport"]["url"]
        return url

    async def test_open_for_nothing_else_once_anything_is_changed(self, http: httpx.AsyncClient, home: Home) -> None:
        url = await self.link(http, home)
        assert (await http.get(url)).status_code == 200
        other = str(AccountId(new_id()))
        forged = [
            url.replace("2026-09-01", "2020-09-01"),
            url.replace(str(home.account.id), other),
            url.replace("usage.csv", "usage.xlsx"),
            url + "&from=2020-01-01",
            url.replace("?", "?from=2020-01-01&"),
            url.replace(str(home.customer.id), other),
            url.replace("customer%3A", "agent%3A"),
            url[:-1],
            url[: url.index("&signature=") + len("&signature=")],
            url.partition("&signature=")[0] + "&signature=" + quote("漢"),
            url.replace("&signature=", "&signature=0&signature="),
            url.replace("&expires=", "&expires=9999999999&expires="),
        ]
        for one in forged:
            answer = await http.get(one)
            assert (answer.status_code, answer.json()["code"]) == (403, "usage.link_ended"), one

    async def test_say_only_what_their_signer_may_see_today(
        self, http: httpx.AsyncClient, home: Home, state: State
    ) -> None:
        url = await self.link(http, home)
        await state.mongo["customers"].update_one({"_id": home.customer.id}, {"$set": {"bindings": []}})
        assert (await http.get(url)).status_code == 404

    async def test_of_somebody_who_is_nobody(self, http: httpx.AsyncClient, home: Home, state: State) -> None:
        for kind in (SubjectKind.AGENT, SubjectKind.CUSTOMER, SubjectKind.SYSTEM):
            link = SignedLinks.of(state.settings).sign(
                f"/v1/accounts/{home.account.id}/usage.csv",
                {"from": "2026-09-01", "to": "2026-10-01"},
                by=Bearer(kind, new_id()),
                now=state.clock.now(),
            )
            assert (await http.get(link.path)).status_code in {401, 403, 404}

    async def test_end(self, http: httpx.AsyncClient, home: Home, state: State) -> None:
        link = SignedLinks.of(state.settings).sign(
            f"/v1/accounts/{home.account.id}/usage.csv",
            {"from": "2026-09-01", "to": "2026-10-01"},
            by=Bearer(SubjectKind.CUSTOMER, home.customer.id),
            now=state.clock.now() - timedelta(minutes=state.settings.export_link_minutes, seconds=1),
        )
        assert (await http.get(link.path)).json()["code"] == "usage.link_ended"

    @pytest.mark.parametrize("query", [b"signature=\xff\xfe", b"signature=%ff&from=\xff", b"a=\xc3&signature="])
    async def test_of_bytes_that_are_no_text(self, app: tuple[httpx.AsyncClient, State], query: bytes) -> None:
        _, state = app
        made = create_app(state.settings)
        path = f"/v1/accounts/{new_id()}/usage.csv"
        scope = {
            "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query,
            "headers": [], "scheme": "http", "server": ("api.test", 80), "http_version": "1.1",
        }  # fmt: skip
        answers: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def sent(message: Any) -> None:  # noqa: ANN401 - as ASGI has it
            answers.append(message)

        async with made.router.lifespan_context(made):
            await made(scope, receive, sent)
        assert answers[0]["status"] in {403, 422}


class TestFiles:
    @pytest.mark.parametrize("kind", ["csv", "xlsx", "xml"])
    @pytest.mark.parametrize(
        "span", [("9999-12-01", "9999-12-31"), ("0001-01-01", "0001-02-01"), ("2026-08-31", "2026-09-02")]
    )
    async def test_of_the_ends_of_time_are_no_fault(
        self, http: httpx.AsyncClient, state: State, kind: str, span: tuple[str, str]
    ) -> None:
        home = await a_home(state, 1)
        for resolution in ("interval", "day", "month", "year"):
            address = f"/v1/accounts/{home.account.id}/usage.{kind}?from={span[0]}&to={span[1]}&resolution={resolution}"
            answer = await http.get(address, headers=home.headers)
            assert answer.status_code == (200 if span[0].startswith("2026") else 422), (resolution, answer.text)

    async def test_are_kept_by_nobody_on_the_way(self, http: httpx.AsyncClient, state: State) -> None:
        home = await a_home(state, 1)
        address = f"/v1/accounts/{home.account.id}/usage.csv?from=2026-09-01&to=2026-09-02"
        headers = (await http.get(address, headers=home.headers)).headers
        assert headers["cache-control"] == "private, no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-disposition"].startswith("attachment;")

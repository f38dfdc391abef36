"""Usage taken away as a file: by token or by a signed link, by nobody else, and agents leave a trace."""

import csv
import io
from urllib.parse import urlsplit

import httpx
import pytest
from python_calamine import CalamineWorkbook

from gridhall.api.state import State
from gridhall.crm.audit.model import Action
from tests.factories.agents import an_agent, headers_of
from tests.factories.homes import Home, a_home
from tests.factories.rooms import all_documents

SPAN = "from=2026-09-01&to=2026-09-03"


def address(home: Home, kind: str = "csv", more: str = "") -> str:
    return f"/v1/accounts/{home.account.id}/usage.{kind}?{SPAN}{more}"


class TestWhoMayTakeIt:
    async def test_the_own_token_takes_csv(self, http: httpx.AsyncClient, home: Home) -> None:
        answer = await http.get(address(home), headers=home.headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(rows) == 1 + 2 * 96
        assert [row[6] for row in rows[96:98]] == ["0.100", ""]
        disposition = answer.headers["content-disposition"]
        assert 'filename="usage-0001-2026-09-01-2026-09-03-interval.csv"' in disposition
        assert "filename*=UTF-8''%E7%94%A8" in disposition
        assert home.account.number not in disposition
        assert home.account.number not in answer.text

    async def test_a_foreign_account_is_as_one_that_is_not_there(
        self, http: httpx.AsyncClient, home: Home, state: State
    ) -> None:
        foreign = await a_home(state, 2)
        refused = await http.get(address(home), headers=foreign.headers)
        absent = await http.get(f"/v1/accounts/{home.customer.id}/usage.csv?{SPAN}", headers=foreign.headers)
        assert (refused.status_code, refused.json()["code"]) == (absent.status_code, absent.json()["code"])
        assert refused.status_code == 404
        assert (await http.get(address(home))).status_code == 401

    async def test_an_agent_of_the_district_does_and_leaves_an_entry(
        self, http: httpx.AsyncClient, home: Home, state: State
    ) -> None:
        agent = await an_agent(state)
        answer = await http.get(address(home, "csv", "&resolution=month"), headers=headers_of(state, agent))
        assert answer.status_code == 200
        entries = [one for one in await all_documents(state.mongo, "audit") if one["action"] == Action.EXPORTED]
        assert [(one["agent"], one["customer_id"], one["fields"]) for one in entries] == [
            (agent.name, home.customer.id, ["usage", "csv"])
        ]


class TestASignedLink:
    async def link(self, http: httpx.AsyncClient, home: Home, kind: str = "EXCEL") -> str:
        query = f"""{{ viewer {{ accounts {{ usageExport(from: "2026-09-01", to: "2026-09-03", kind: {kind}) {{
            url expiresAt }} }} }} }}"""
        answer = await http.post("/graphql", json={"query": query}, headers=home.headers)
        url: str = answer.json()["data"]["viewer"]["accounts"][0]["usageExport"]["url"]
        return url

    async def test_opens_without_a_token(self, http: httpx.AsyncClient, home: Home) -> None:
        answer = await http.get(await self.link(http, home))
        assert answer.status_code == 200, answer.text
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
        assert sum(row[5] for row in book.get_sheet_by_index(1).to_python()[1:97]) == pytest.approx(9.6)
        xml = await http.get(await self.link(http, home, "GREEN_BUTTON"))
        assert xml.text.count("<IntervalReading>") == 96

    async def test_that_was_changed_does_not(self, http: httpx.AsyncClient, home: Home, state: State) -> None:
        link, other = await self.link(http, home), await a_home(state, 2)
        for changed in (
            link.replace("2026-09-03", "2026-12-03"),
            link.replace(str(home.account.id), str(other.account.id)),
            link[:-1] + ("0" if link[-1] != "0" else "1"),
            link + "&to=2026-12-03",
        ):
            answer = await http.get(changed)
            assert (answer.status_code, answer.json()["code"]) == (403, "usage.link_ended")

    async def test_ends_with_the_right_to_see_the_account(
        self, http: httpx.AsyncClient, home: Home, state: State
    ) -> None:
        link = await self.link(http, home)
        await state.mongo["customers"].update_many({}, {"$set": {"bindings": []}})
        assert (await http.get(link)).status_code == 404
        assert urlsplit(link).path.endswith("/usage.xlsx")


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        "more", ["&channel=gas", "&from=2020-01-01&to=2026-09-01", "&from=2026-09-03&to=2026-09-03"]
    )
    async def test_is_said_by_name(self, http: httpx.AsyncClient, home: Home, more: str) -> None:
        answer = await http.get(address(home, "csv", more), headers=home.headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "usage.bad_range")

    async def test_an_unknown_kind_or_point_is_not_there(self, http: httpx.AsyncClient, home: Home) -> None:
        assert (await http.get(address(home, "doc"), headers=home.headers)).status_code in (404, 422)
        assert (await http.get(address(home, "csv", "&point=2"), headers=home.headers)).status_code == 404

"""What a customer is told of load, similar homes and the outlook, through the front door."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
from strawberry import relay

from gridhall.api.state import State
from gridhall.graphql.types.outlook import _passed
from gridhall.kit.localdays import Days, Month, local_day
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from gridhall.metering.load.similar.model import GroupFigures, group_of
from tests.factories.homes import ZONE, Home, a_home

QUERY = """query($m: String!) { viewer { accounts {
  load(month: $m) { month coverage missing { reason message } findings change { ratio lunar comparedDays }
    changeMissing { reason } figures { wholeDays kwh base { kw share } evening { start end kw }
      working { days labels median lower upper } periods { code title share } largest { day kwh } } }
  similarHomes(month: $m) { compared { group homes ownKwh medianKwh efficientKwh fifth message } missing { reason } }
  forecast { month fromDay toDay use { measured likely low high } message
    bill { projected soFar { fen } likely { fen } low { fen } high { fen } }
    tier { tier startsAt used likelyOn } balance { lastsDays } missing { reason } }
} } }"""


async def told(http: httpx.AsyncClient, home: Home, month: Month, *, language: str = "zh-CN") -> dict[str, Any]:
    headers = {**home.headers, "Accept-Language": language}
    answer = await http.post("/graphql", json={"query": QUERY, "variables": {"m": str(month)}}, headers=headers)
    assert "errors" not in answer.json(), answer.text
    account: dict[str, Any] = answer.json()["data"]["viewer"]["accounts"][0]
    return account


async def lived_in(state: State, home: Home, days: Days) -> None:
    """2.4 kWh a day of base load and 3.2 kWh between 19 and 21."""
    day = [25] * 76 + [425] * 8 + [25] * 12
    point = home.account.points[0].point_id
    pieces = [
        DayPiece(day_key(point, IMPORT_KWH, one), 15, 3, ZONE, "zhejiang-tou", list(day), bytearray(96)) for one in days
    ]
    await record(pieces=pieces, histories=state.hall.billing.histories, now=state.clock.now())


async def test_a_home_with_a_curve_is_told_its_load_and_its_outlook(http: httpx.AsyncClient, state: State) -> None:
    home = await a_home(state, 1)
    today = local_day(state.clock.now(), ZONE)
    await lived_in(state, home, Days(today - timedelta(days=70), today))
    month = Month.of(today).shift(-1)
    account = await told(http, home, month)
    figures = account["load"]["figures"]
    assert account["load"]["coverage"] == 1.0
    assert figures["wholeDays"] == len(month.days)
    assert (figures["base"]["kw"], figures["evening"]) == ("0.100", {"start": "19:00", "end": "20:00", "kw": "1.700"})
    assert (len(figures["working"]["median"]), figures["working"]["labels"][76]) == (96, "19:00")
    assert figures["working"]["median"][76] == 1.7
    assert account["load"]["findings"][0].startswith("您家夜间基础负荷约 100 瓦")
    assert account["load"]["changeMissing"]["reason"] == "nothing_measured"
    assert account["similarHomes"] == {"compared": None, "missing": {"reason": "few_homes"}}
    forecast = account["forecast"]
    assert forecast["month"] == str(Month.of(today))
    likely = len(Month.of(today).days) * 5.6
    assert abs(float(forecast["use"]["likely"]) - likely) < 0.01
    bill = forecast["bill"]
    assert bill["projected"] is True
    assert bill["soFar"]["fen"] <= bill["low"]["fen"] <= bill["likely"]["fen"] <= bill["high"]["fen"]
    assert forecast["tier"]["tier"] == 2
    assert forecast["balance"] is None
    english = await told(http, home, month, language="en")
    assert english["load"]["findings"][0].startswith("At night your home draws about 100 W")
    assert "the bill will tell" in english["forecast"]["message"]


async def test_a_thin_curve_gives_reasons_instead_of_figures(http: httpx.AsyncClient, state: State) -> None:
    account = await told(http, await a_home(state, 1), Month(2026, 9))
    assert account["load"]["figures"] is None
    assert account["load"]["missing"] == {
        "reason": "few_whole_days",
        "message": "数据完整的天数太少：有 1 天，需要 14 天。",
    }
    assert account["load"]["findings"] == []
    assert account["forecast"]["missing"]["reason"] in {"few_whole_days", "nothing_measured"}
    assert account["forecast"]["bill"] is None


async def test_a_home_is_told_where_it_stands_among_similar_ones(http: httpx.AsyncClient, state: State) -> None:
    home, month = await a_home(state, 1), Month(2026, 9)
    await lived_in(state, home, month.days)
    point = await state.hall.points.load(home.account.points[0].point_id)
    assert point
    group = group_of(point, month=month)
    assert group
    figures = GroupFigures(group, 40, *(Decimal(kwh) for kwh in (6, 7, 8, 9, 10)), state.clock.now())
    await state.hall.similar.put([figures], small=[])
    found = (await told(http, home, month))["similarHomes"]["compared"]
    assert (found["homes"], found["fifth"]) == (40, 1)
    assert found["group"].startswith("浙江居民用户")


async def test_a_month_that_is_none_is_refused(http: httpx.AsyncClient, state: State) -> None:
    home = await a_home(state, 1)
    for wrong in ("2026-13", "yesterday", "9999-01", ""):
        answer = await http.post("/graphql", json={"query": QUERY, "variables": {"m": wrong}}, headers=home.headers)
        assert {one["extensions"]["code"] for one in answer.json()["errors"]} == {"BAD_INPUT"}


def test_the_days_of_a_month_to_come_are_not_asked_for() -> None:
    month = Month(2026, 11).days
    assert _passed(month, date(2026, 11, 1)) == Days(date(2026, 11, 1), date(2026, 11, 2))
    assert _passed(month, date(2026, 12, 24)) == month


async def test_owners_set_a_limit_and_strangers_do_not(http: httpx.AsyncClient, state: State) -> None:
    home, foreign = await a_home(state, 1), await a_home(state, 2)
    account = relay.GlobalID("Account", str(home.account.id))
    change = f"""mutation($limit: Int) {{ setBillAlert(input: {{accountId: "{account}", limitFen: $limit}}) {{
        limit {{ fen }} }} }}"""

    async def set_to(limit: int | None, *, by: Home = home) -> dict[str, Any]:
        body = {"query": change, "variables": {"limit": limit}}
        answer: dict[str, Any] = (await http.post("/graphql", json=body, headers=by.headers)).json()
        return answer

    async def seen() -> dict[str, Any] | None:
        asked = await http.post(
            "/graphql", json={"query": "{ viewer { accounts { billAlert { fen } } } }"}, headers=home.headers
        )
        found: dict[str, Any] | None = asked.json()["data"]["viewer"]["accounts"][0]["billAlert"]
        return found

    assert (await set_to(20000))["data"] == {"setBillAlert": {"limit": {"fen": 20000}}}
    assert await seen() == {"fen": 20000}
    assert (await set_to(5, by=foreign))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await set_to(99))["errors"][0]["extensions"]["code"] == "BAD_INPUT"
    assert await seen() == {"fen": 20000}
    assert (await set_to(None))["data"] == {"setBillAlert": {"limit": None}}
    assert await seen() is None

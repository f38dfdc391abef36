"""What a customer is told of the other tariffs that may be chosen, through the front door."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from gridhall.api.state import State
from gridhall.billing.accounts.model import PointLink, TariffLink
from gridhall.kit.localdays import Days, Month, local_day
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from tests.factories.homes import ZONE, Home, a_home

QUERY = """{ viewer { accounts { tariffOptions {
  months kwh coverage messages missing { reason message wholeDays needed } leftOut { code }
  options { tariff { code title status provisional doubts note } household applies current total { fen }
    saving { fen } monthTotals }
} } } }"""


async def told(http: httpx.AsyncClient, home: Home, *, language: str = "zh-CN") -> dict[str, Any]:
    headers = {**home.headers, "Accept-Language": language}
    answer = await http.post("/graphql", json={"query": QUERY}, headers=headers)
    assert "errors" not in answer.json(), answer.text
    options: dict[str, Any] = answer.json()["data"]["viewer"]["accounts"][0]["tariffOptions"]
    return options


async def lived_in_by_day(state: State, home: Home) -> None:
    """A year of 10 kWh a day, all of it between 8 and 20, at an account that was kept all the time."""
    today = local_day(state.clock.now(), ZONE)
    days = Days(Month.of(today).shift(-12).first, today)
    point = home.account.points[0].point_id
    day = [0] * 32 + [208] * 48 + [1] * 16
    pieces = [
        DayPiece(day_key(point, IMPORT_KWH, one), 15, 3, ZONE, "zhejiang-tou", list(day), bytearray(96)) for one in days
    ]
    await record(pieces=pieces, histories=state.hall.billing.histories, now=state.clock.now())
    since = days.start - timedelta(days=1)
    kept = replace(
        home.account,
        points=(PointLink(point, since),),
        tariffs=(TariffLink("zhejiang-residential-tou", since),),
    )
    await state.hall.billing.accounts.add([kept])


async def test_whoever_uses_all_by_day_is_told_to_take_the_single_rate(http: httpx.AsyncClient, state: State) -> None:
    home = await a_home(state, 1)
    await lived_in_by_day(state, home)
    found = await told(http, home)
    assert found["missing"] is None
    assert (len(found["months"]), float(found["coverage"])) == (12, 1.0)
    best = found["options"][0]
    assert best["tariff"]["code"] == "zhejiang-residential"
    assert best["saving"]["fen"] > 0
    assert best["tariff"]["provisional"]
    (today,) = (one for one in found["options"] if one["current"])
    assert (today["tariff"]["code"], today["saving"]["fen"]) == ("zhejiang-residential-tou", 0)
    assert sum(today["monthTotals"]) == today["total"]["fen"]
    assert "一年约可省" in found["messages"][0]
    english = await told(http, home, language="en")
    assert "would have saved about" in english["messages"][0]
    assert english["options"][0]["tariff"]["title"] == "Zhejiang residential, tiered"


async def test_a_home_without_half_a_year_of_readings_is_told_so(http: httpx.AsyncClient, state: State) -> None:
    home = await a_home(state, 1)
    found = await told(http, home)
    assert found["options"] == []
    assert found["missing"]["reason"] == "few_reads"
    assert str(found["missing"]["needed"]) in found["missing"]["message"]

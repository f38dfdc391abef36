"""Usage as a client asks for it: years, ranges, comparisons, several channels, and clear errors."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import orjson
import pytest

from gridhall.api.state import State
from gridhall.kit.localdays import DAY_MINUTES
from gridhall.metering.feed.intake import take
from gridhall.metering.feed.model import FeedSource
from gridhall.metering.histories.keys import day_key
from tests.factories.homes import Home, a_home


async def deliver(state: State, rows: list[dict[str, object]]) -> None:
    """Hand rows in as the feed would."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"\n".join(orjson.dumps(row) for row in rows)

    report = await take(
        chunks=chunks(),
        format="ndjson",
        source=FeedSource("test", None, "usage"),
        stores=state.metering.stores,
        limits=state.metering.limits,
        now=state.clock.now(),
    )
    assert report.quarantined == 0


@pytest.fixture
async def home(state: State) -> Home:
    """A home with 9.6 kWh a day in the first four days of September, and 4.8 in those of October 2026."""
    home = await a_home(state, 1)
    days = [date(2026, month, number) for month in (9, 10) for number in (1, 2, 3, 4)]
    meter = home.bill.registers[0].meter
    await deliver(
        state,
        [
            {"meter": meter, "day": day.isoformat(), "kwh": ["0.100" if day.month == 9 else "0.050"] * 96}
            for day in days
        ],
    )
    return home


async def asked(http: httpx.AsyncClient, home: Home, fields: str) -> dict[str, Any]:
    query = f"{{ viewer {{ accounts {{ {fields} }} }} }}"
    answer = await http.post("/graphql", json={"query": query}, headers={**home.headers, "Accept-Language": "en"})
    told: dict[str, Any] = answer.json()
    return told


async def told(http: httpx.AsyncClient, home: Home, fields: str) -> dict[str, Any]:
    answer = await asked(http, home, fields)
    assert "errors" not in answer, answer["errors"]
    account: dict[str, Any] = answer["data"]["viewer"]["accounts"][0]
    return account


class TestOneHistory:
    async def test_names_the_days_of_which_nobody_knows_when_the_energy_flowed(
        self, http: httpx.AsyncClient, home: Home, state: State
    ) -> None:
        key = day_key(home.account.points[0].point_id, "import-kwh", date(2026, 9, 2))
        await state.mongo["usage_days"].update_one({"_id": key}, {"$set": {"minutes": DAY_MINUTES}})
        span = 'from: "2026-09-01", to: "2026-09-05"'
        account = await told(
            http,
            home,
            f"hours: usage({span}, resolution: INTERVAL, minutes: 60) {{ withoutCurve kwh }} "
            f"days: usage({span}, resolution: DAY) {{ withoutCurve total }}",
        )
        assert account["hours"]["withoutCurve"] == ["2026-09-02"]
        assert account["hours"]["kwh"][23:49] == [0.4, *[None] * 24, 0.4]
        assert account["days"] == {"withoutCurve": [], "total": 38.4}

    async def test_comes_by_the_year_month_day_and_hour_with_one_total(
        self, http: httpx.AsyncClient, home: Home
    ) -> None:
        span = 'from: "2026-09-01", to: "2026-10-05"'
        fields = " ".join(
            f"{name}: usage({span}, resolution: {resolution}{more}) {{ labels total kwh coverage }}"
            for name, resolution, more in (
                ("years", "YEAR", ""),
                ("months", "MONTH", ""),
                ("days", "DAY", ""),
                ("hours", "INTERVAL", ", minutes: 60"),
            )
        )
        account = await told(http, home, fields)
        assert {name: account[name]["total"] for name in account} == dict.fromkeys(account, 57.6)
        assert account["years"]["labels"] == ["2026"]
        assert account["months"]["kwh"] == [38.4, 19.2]
        assert account["hours"]["labels"][0] == "2026-09-01T00:00:00+08:00"

    async def test_says_how_whole_it_is_and_what_is_lowest_and_highest(
        self, http: httpx.AsyncClient, home: Home
    ) -> None:
        fields = """usage(from: "2026-09-03", to: "2026-10-03") {
            unit slotsPresent slotsExpected quality figures { least leastAt most mostAt mean slots } }"""
        usage = (await told(http, home, fields))["usage"]
        assert usage["slotsPresent"][:3] == [96, 96, 0]
        assert set(usage["slotsExpected"]) == {96}
        assert usage["quality"][:3] == [0, 0, None]
        assert usage["figures"] == {
            "least": 4.8,
            "leastAt": "2026-10-01",
            "most": 9.6,
            "mostAt": "2026-09-03",
            "mean": 7.2,
            "slots": 4,
        }

    async def test_of_intervals_tells_the_peak_demand(self, http: httpx.AsyncClient, home: Home) -> None:
        fields = 'usage(from: "2026-09-04", to: "2026-09-06", resolution: INTERVAL) { peakDemand { kw at minutes } }'
        peak = (await told(http, home, fields))["usage"]["peakDemand"]
        assert peak == {"kw": 0.4, "at": "2026-09-04T00:00:00+08:00", "minutes": 15}

    async def test_begins_when_the_account_took_the_point_over(self, http: httpx.AsyncClient, home: Home) -> None:
        usage = (await told(http, home, 'usage(from: "2026-08-01", to: "2026-09-03") { labels }'))["usage"]
        assert usage["labels"] == ["2026-09-01", "2026-09-02"]


class TestComparing:
    async def test_sets_whole_days_beside_whole_days(self, http: httpx.AsyncClient, home: Home) -> None:
        fields = """usage(from: "2026-10-01", to: "2026-10-05") { comparison(against: PREVIOUS_PERIOD) {
            otherFrom otherTo comparedDays total otherTotal change reason } }"""
        comparison = (await told(http, home, fields))["usage"]["comparison"]
        assert comparison["reason"] == "no_history"  # 27 to 30 September were never read
        fields = fields.replace("2026-10-01", "2026-09-03").replace("2026-10-05", "2026-09-05")
        comparison = (await told(http, home, fields))["usage"]["comparison"]
        assert comparison == {
            "otherFrom": "2026-09-01",
            "otherTo": "2026-09-03",
            "comparedDays": 2,
            "total": 19.2,
            "otherTotal": 19.2,
            "change": 0,
            "reason": None,
        }

    async def test_says_in_words_why_it_cannot_be_done(self, http: httpx.AsyncClient, home: Home) -> None:
        fields = """usage(from: "2026-10-01", to: "2026-11-01", resolution: MONTH) {
            previous: comparison { change reason message }
            lastYear: comparison(against: SAME_PERIOD_LAST_YEAR) { change reason message } }"""
        usage = (await told(http, home, fields))["usage"]
        assert (usage["previous"]["change"], usage["previous"]["reason"]) == (None, "thin_history")
        assert usage["lastYear"]["message"].startswith("Nothing was recorded in the other range")


class TestSeveralHistories:
    async def test_stand_beside_each_other_and_fail_alone(
        self, http: httpx.AsyncClient, home: Home, state: State
    ) -> None:
        del state
        fields = """usages(last: 400, resolution: DAY, channels: [IMPORT_KWH, EXPORT_KVARH]) {
            point channel history { unit total present } problem { code message } }"""
        imported, reactive = (await told(http, home, fields))["usages"]
        assert (imported["point"], imported["channel"], imported["history"]["total"]) == (1, "IMPORT_KWH", 57.6)
        assert reactive["history"] == {"unit": "kVArh", "total": 0, "present": 0}
        fields = """usages(from: "2026-09-01", to: "2026-09-02", resolution: INTERVAL, minutes: 10,
            channels: [IMPORT_KWH, EXPORT_KWH]) { channel history { total } problem { code message } }"""
        bad, empty = (await told(http, home, fields))["usages"]
        assert bad["problem"]["code"] == "BAD_INPUT"
        assert bad["problem"]["message"].startswith("minutes: 10 is no multiple of the measured 15 minutes")
        assert empty["history"] == {"total": 0}


class TestTheFirstScreen:
    async def test_says_what_passed_and_how_far_the_readings_reach(self, http: httpx.AsyncClient, home: Home) -> None:
        fields = """usageSummary { unit thisMonth { month kwh coverage } lastMonth { kwh periods { code kwh } }
            againstLastYear { reason } newest { day missingDays message } asOf }"""
        summary = (await told(http, home, fields))["usageSummary"]
        assert summary["unit"] == "kWh"
        assert summary["againstLastYear"]["reason"] in ("no_history", "not_begun")
        assert summary["newest"]["message"].startswith("Re") or summary["newest"]["day"] is None


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ("last: 93, resolution: INTERVAL", "from, to: must span 1 to 92 days, with to later than from."),
            ('from: "2020-01-01", to: "2026-01-01"', "from, to: must span 1 to 1100 days, with to later than from."),
            ('from: "2026-01-02", to: "2026-01-01"', "from, to: must span 1 to 1100 days, with to later than from."),
            ('from: "2026-01-02"', "from, to: give both, or give only last."),
            ('last: 3, to: "2026-01-01"', "from, to: give both, or give only last."),
            ("last: 0", "from, to: must span 1 to 1100 days, with to later than from."),
            ("last: 1, resolution: INTERVAL, minutes: 7", "minutes: 7 is no multiple"),
        ],
    )
    async def test_names_the_argument_and_what_is_allowed(
        self, http: httpx.AsyncClient, home: Home, arguments: str, message: str
    ) -> None:
        (error,) = (await asked(http, home, f"usage({arguments}) {{ total }}"))["errors"]
        assert error["extensions"]["code"] == "BAD_INPUT"
        assert error["message"].startswith(message)

    async def test_intervals_of_many_columns_are_fewer_days(self, http: httpx.AsyncClient, home: Home) -> None:
        fields = "usages(last: 60, resolution: INTERVAL, channels: [IMPORT_KWH, EXPORT_KWH]) { point }"
        (error,) = (await asked(http, home, fields))["errors"]
        assert "1 to 46 days" in error["message"]

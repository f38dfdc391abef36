"""The same household under every tariff that it may choose, from what it used in twelve months."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from gridhall.billing.accounts.model import Account, PointLink, TariffLink, Term
from gridhall.billing.choices.model import Choices, NoChoices, WhyNot
from gridhall.billing.choices.queries import History, choices_of
from gridhall.kit.localdays import DAY_MINUTES, Days, Month
from gridhall.kit.mongo import Mongo
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.points.repository import PointRepository
from tests.factories.accounts import an_account, point_of

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
YEAR = Days(date(2025, 11, 1), date(2026, 11, 1))
NIGHT = [1000] * 8 + [200] * 14 + [1000] * 2
"""kWh in thousandths: 2.8 between 8 and 22, 10 in the other hours."""

Compare = Callable[..., Awaitable[Choices | NoChoices]]


@pytest.fixture
def compare(mongo: Mongo) -> Compare:
    histories = HistoryRepository(mongo)

    async def compared(
        days: Days = YEAR, *, account: Account | None = None, minutes: int = 60, calendar: str = "single"
    ) -> Choices | NoChoices:
        made = account or an_account(kept_since=YEAR.start)
        point = ServicePoint(point_of(made), "zhejiang", "grid/city", "Asia/Shanghai", calendar)
        await PointRepository(mongo).put([point], [])
        values = NIGHT if minutes == 60 else [sum(NIGHT)]
        pieces = [
            DayPiece(
                key=day_key(point.id, IMPORT_KWH, day),
                minutes=minutes,
                scale=3,
                zone="Asia/Shanghai",
                calendar=calendar,
                values=list(values),
                quality=bytearray(len(values)),
            )
            for day in days
        ]
        await record(pieces=pieces, histories=histories, now=NOW)
        history = History(points=PointRepository(mongo), histories=histories)
        return await choices_of(history=history, account=made, today=TODAY)

    return compared


def costs(found: Choices | NoChoices) -> dict[tuple[str, ...], int]:
    assert isinstance(found, Choices)
    return {(option.version.code, *sorted(option.kinds)): option.total for option in found.options}


async def test_whoever_uses_most_at_night_saves_by_time_of_use(compare: Compare) -> None:
    found = await compare()
    assert isinstance(found, Choices)
    assert (found.months[0], found.months[-1], sum(found.kwh), found.coverage) == (
        Month(2025, 11),
        Month(2026, 10),
        4673,
        1,
    )
    assert [option.version.code for option in found.options if option.applies] == [
        "zhejiang-residential-tou",
        "zhejiang-residential",
    ]
    assert (found.current.version.code, found.current.saving) == ("zhejiang-residential", 0)
    assert found.best.saving == found.current.total - found.best.total > 0
    paid = costs(found)
    # 4,673 kWh, of them 1,913 in the second tier, every line rounded; 3,651 of them at night.
    assert abs(paid["zhejiang-residential",] - 260972) <= 12
    assert abs(paid["zhejiang-residential-tou",] - (58050 + 105149 + 9565)) <= 100
    # A large household has 1,200 kWh more in the first tier.
    assert abs(paid["zhejiang-residential",] - paid["zhejiang-residential", "large"] - 6000) <= 12


async def test_what_each_month_costs_sums_to_the_year(compare: Compare) -> None:
    found = await compare()
    assert isinstance(found, Choices)
    assert all(sum(option.months) == option.total for option in found.options)


async def test_a_curve_that_was_divided_by_time_of_use_already_gives_the_same(compare: Compare) -> None:
    first = costs(await compare())
    other = an_account(2, kept_since=YEAR.start)
    assert costs(await compare(account=other, calendar="zhejiang-tou")) == first


async def test_a_household_that_is_large_is_priced_as_one(compare: Compare) -> None:
    large = an_account(kept_since=YEAR.start, terms=(Term("large", YEAR.start),))
    found = await compare(account=large)
    assert isinstance(found, Choices)
    assert {option.kinds for option in found.options} == {frozenset({"large"})}


async def test_gaps_are_filled_as_long_as_half_of_the_year_is_there(compare: Compare) -> None:
    found = await compare(Days(date(2026, 4, 1), YEAR.end))
    assert isinstance(found, Choices)
    assert (sum(found.kwh), round(found.coverage, 2)) == (4673, Decimal("0.59"))


async def test_less_than_half_a_year_is_not_compared(compare: Compare) -> None:
    found = await compare(Days(YEAR.end - timedelta(days=182), YEAR.end))
    assert found == NoChoices(WhyNot.FEW_READS, days=182, needed=183)


async def test_without_a_curve_nobody_knows_what_time_of_use_would_cost(compare: Compare) -> None:
    found = await compare(minutes=DAY_MINUTES)
    assert isinstance(found, Choices)
    assert {option.version.code for option in found.options} == {"zhejiang-residential"}
    assert [version.code for version in found.left_out] == ["zhejiang-residential-tou"]


async def test_what_others_used_before_at_the_same_point_does_not_count(compare: Compare) -> None:
    made = an_account(kept_since=YEAR.start)
    moved_in = PointLink(point_of(made), date(2026, 9, 1))
    assert isinstance(await compare(account=an_account(kept_since=YEAR.start, points=(moved_in,))), NoChoices)


async def test_an_account_without_a_tariff_today_has_nothing_to_compare(compare: Compare) -> None:
    made = an_account(tariffs=(TariffLink("zhejiang-residential", YEAR.start, date(2026, 1, 1)),))
    assert await compare(account=made) == NoChoices(WhyNot.NO_SINGLE_TARIFF)


async def test_the_shared_meter_of_a_region_is_no_choice_of_a_household(compare: Compare) -> None:
    made = an_account(kept_since=YEAR.start, region="guangzhou", tariff="guangzhou-residential")
    codes = {code for code, *_ in costs(await compare(account=made))}
    assert codes == {"guangzhou-residential", "guangzhou-residential-tou"}

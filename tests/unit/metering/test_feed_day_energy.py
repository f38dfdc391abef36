"""Energies of days without a curve: State Grid's payload, the door, and what becomes of a kept day."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.metering.feed.door import Checked, Door
from gridhall.metering.feed.energies import divided
from gridhall.metering.feed.formats.rows import DayEnergy, DeliveryRefusedError, Rows
from gridhall.metering.feed.model import FeedSource, Limits
from gridhall.metering.feed.refusals import NotTakenError
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.merge import merge
from gridhall.metering.histories.model import DayBucket, DayPiece
from gridhall.metering.points.model import KnownMeter, Meter, MeterLink, ServicePoint
from tests.factories.feed_samples import STATE_GRID

Parse = Callable[..., Awaitable[Rows]]

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = date(2026, 10, 3)


@pytest.fixture
def daily() -> Mapping[str, KnownMeter]:
    """D1 tells days in 1/100 kWh and counts for twice as much; Q1 counts quarters."""

    def one(number: str, minutes: int, multiplier: int) -> KnownMeter:
        link = MeterLink(number, date(2026, 1, 1), multiplier=multiplier)
        point = ServicePoint(UUID(int=1), "zhejiang", "grid", "Asia/Shanghai", "zhejiang-tou", (link,))
        return KnownMeter(Meter(number, scale=2, interval_minutes=minutes), (point,))

    return {"D1": one("D1", 1440, 2), "Q1": one("Q1", 15, 1)}


def through(limits: Limits, daily: Mapping[str, KnownMeter], *rows: DayEnergy) -> Checked:
    door = Door(source=FeedSource("ami", None, "b1"), limits=limits, now=NOW)
    return door.check(Rows(parts=list(rows)), known=daily)


def energy(energies: Mapping[str, str | None], *, meter: str = "D1", day: str = "2026-10-03") -> DayEnergy:
    return DayEnergy(line=1, row="", meter=(meter, "import-kwh", 1440), day=day, energies=dict(energies))


class TestStateGrid:
    async def test_its_words_become_periods_and_a_dash_is_missing(self, parse: Parse) -> None:
        first, second = (await parse(STATE_GRID, "state-grid")).parts
        assert isinstance(first, DayEnergy)
        assert isinstance(second, DayEnergy)
        assert first.meter == ("M1", "import-kwh", 1440)
        assert first.energies == {
            "total": "4.8",
            "critical_peak": "0",
            "peak": "1.34",
            "flat": "1.48",
            "valley": "1.99",
        }
        assert set(second.energies.values()) == {None}

    async def test_the_number_may_stand_beside_above_or_in_a_neighbour(self, parse: Parse) -> None:
        rows = await parse(
            '{"meterNo":"A","day":"20261003","dayElePq":"1"}\n'
            '{"data":{"consNo":"B","list":[{"date":"2026-10-03","dayElePq":1.50}]},"ladderEle":null}\n'
            '[{"userInfo":{"consNo_dst":"C"},"x":{"sevenEleList":[{"day":"20261003","dayElePq":"1"}]}}]\n',
            "state-grid",
        )
        found = [(part.meter[0], part.energies["total"]) for part in rows.parts if isinstance(part, DayEnergy)]
        assert found == [("A", "1"), ("B", "1.50"), ("C", "1")]

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ('{"consNo":"1","day":"20261003","dayElePq":["1"]}', "bad-field"),
            ('{"consNo":"1","dayElePq":"1"}', "bad-field"),
            ('{"day":"20261003","dayElePq":"1"}', "bad-field"),
            ('{"rtnMsg":"ok"}', "bad-field"),
            ('{"dayElePq"', "not-json"),
        ],
    )
    async def test_a_row_that_lacks_something_is_refused(self, parse: Parse, row: str, code: str) -> None:
        rows = await parse(row + "\n", "state-grid")
        assert ([one.code for one in rows.refused], rows.parts) == ([code], [])

    async def test_a_document_over_several_lines_that_breaks_off_is_refused_whole(self, parse: Parse) -> None:
        with pytest.raises(DeliveryRefusedError, match="no JSON"):
            await parse('{\n"consNo":"1",\n"list":[{"day":"20261003","dayElePq":"1"}\n', "state-grid")


class TestDoor:
    def test_a_day_is_kept_by_period_times_the_multiplier(
        self, limits: Limits, daily: Mapping[str, KnownMeter]
    ) -> None:
        checked = through(limits, daily, energy({"total": "4.81", "peak": "3.31", "valley": "1.50"}))
        ((piece,),) = checked.waves
        assert (piece.key, piece.minutes) == (day_key(UUID(int=1), "import-kwh", DAY), 1440)
        assert (piece.values, piece.totals) == ([962], {"peak": 662, "valley": 300})

    def test_a_total_alone_is_nobody_s_period(self, limits: Limits, daily: Mapping[str, KnownMeter]) -> None:
        ((piece,),) = through(limits, daily, energy({"total": "4.81", "peak": None})).waves
        stored = merge(None, piece, now=NOW).bucket
        assert stored is not None
        assert stored.totals == {"total": 962}

    def test_a_day_that_is_missing_is_nothing(self, limits: Limits, daily: Mapping[str, KnownMeter]) -> None:
        checked = through(limits, daily, energy({"total": None, "peak": None}))
        assert (checked.waves, checked.refused) == ([], [])

    def test_a_day_that_is_told_twice_is_stored_in_two_waves(
        self, limits: Limits, daily: Mapping[str, KnownMeter]
    ) -> None:
        checked = through(
            limits, daily, energy({"total": "1"}), energy({"total": "2"}), energy({"total": "1"}, day="2026-10-04")
        )
        assert [[piece.values for piece in wave] for wave in checked.waves] == [[[200], [200]], [[400]]]

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            (energy({"total": "4.8"}, meter="Q1"), "wrong-interval"),
            (energy({"total": "4.8"}, meter="X1"), "unknown-meter"),
            (energy({"total": "4.8", "peak": "9"}), "periods-differ"),
            (energy({"total": None, "peak": "9"}), "no-day-total"),
            (energy({"total": "4.8", "night": "4.8"}), "unknown-period"),
            (energy({"total": "4.805"}), "finer-than-scale"),
            (energy({"total": "-1"}), "negative-energy"),
            (energy({"total": "100000"}), "implausible-power"),
            (energy({"total": "4.8"}, day="2026-11-01"), "in-future"),
            (energy({"total": "4.8"}, day="3.10.2026"), "bad-day"),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, limits: Limits, daily: Mapping[str, KnownMeter], row: DayEnergy, code: str
    ) -> None:
        checked = through(limits, daily, row)
        assert ([one.code for one in checked.refused], checked.waves) == ([code], [])


class TestPeriodsAddUp:
    """The numbers are written with two decimals and kept with three."""

    def test_a_difference_of_rounding_goes_to_the_flat_period(self) -> None:
        said = {"total": 4800, "peak": 1340, "flat": 1480, "valley": 1990}
        assert divided(said, missing=False, scale=3, unit=2) == {"peak": 1340, "flat": 1470, "valley": 1990}

    def test_or_to_the_largest_where_there_is_no_flat_one(self) -> None:
        assert divided({"total": 3340, "peak": 1340, "valley": 1990}, missing=False, scale=3, unit=2) == {
            "peak": 1340,
            "valley": 2000,
        }

    def test_what_missing_periods_leave_is_nobody_s(self) -> None:
        said = {"total": 5000, "peak": 1000}
        assert divided(said, missing=True, scale=3, unit=2) == {"peak": 1000, "total": 4000}

    @given(
        periods=st.dictionaries(st.sampled_from(["critical_peak", "peak", "flat", "valley"]), st.integers(0, 10**6)),
        total=st.integers(0, 10**6),
        missing=st.booleans(),
    )
    def test_always_to_the_total_or_not_at_all(self, periods: dict[str, int], total: int, *, missing: bool) -> None:
        try:
            found = divided({"total": total, **periods}, missing=missing, scale=3, unit=2)
        except NotTakenError:
            return
        assert sum(found.values()) == total
        assert min(found.values()) >= 0


def piece(value: int, *, code: int = 0, version: int = 0, totals: Mapping[str, int] | None = None) -> DayPiece:
    return DayPiece(
        key=day_key(UUID(int=1), "import-kwh", DAY),
        minutes=1440,
        scale=2,
        zone="Asia/Shanghai",
        calendar="zhejiang-tou",
        values=[value],
        quality=bytearray([code]),
        versions=[version] if version else None,
        totals=totals,
    )


class TestKeptDays:
    def test_the_same_again_changes_nothing(self) -> None:
        one = piece(500, totals={"peak": 300, "valley": 200})
        stored = merge(None, one, now=NOW).bucket
        assert merge(stored, one, now=NOW).bucket is None
        assert merge(stored, piece(500), now=NOW).bucket is None  # the total alone does not deny the periods

    def test_other_periods_of_the_same_energy_correct_it(self) -> None:
        stored = merge(None, piece(500, totals={"peak": 300, "valley": 200}), now=NOW).bucket
        merged = merge(stored, piece(500, totals={"peak": 200, "valley": 300}), now=NOW)
        assert merged.bucket is not None
        assert (merged.corrected, merged.replaced, merged.bucket.totals["peak"]) == (1, stored, 200)

    def test_a_finer_scale_keeps_the_energy(self) -> None:
        stored = merge(None, piece(500, totals={"peak": 300, "valley": 200}), now=NOW).bucket
        finer = replace(piece(5000, version=1), scale=3)
        merged = merge(stored, finer, now=NOW)
        assert merged.bucket is not None
        assert (merged.bucket.scale, merged.bucket.totals) == (3, {"peak": 3000, "valley": 2000})

    def test_any_order_gives_the_same_day(self) -> None:
        pieces = [
            piece(500, code=8, version=9),
            piece(510, version=1, totals={"peak": 310, "valley": 200}),
            piece(520, version=3, totals={"peak": 320, "valley": 200}),
            piece(520, version=2),
        ]
        found = {_stored(order) for order in permutations(pieces)}
        assert found == {(b"\x08\x02", 0, 3, (("peak", 320), ("valley", 200)))}

    def test_a_curve_takes_the_place_of_a_day_without_one_and_the_other_way_round(self) -> None:
        curve = replace(piece(0), minutes=15, values=[5] * 96, quality=bytearray(96), scale=2)
        without = merge(None, piece(500), now=NOW).bucket
        merged = merge(without, curve, now=NOW)
        assert merged.bucket is not None
        assert (merged.bucket.unpacked(), merged.replaced) == ([5] * 96, without)
        back = merge(merged.bucket, piece(500, totals={"peak": 300, "valley": 200}), now=NOW)
        assert back.bucket is not None
        assert (back.bucket.unpacked(), back.bucket.totals) == ([500], {"peak": 300, "valley": 200})


def _stored(order: tuple[DayPiece, ...]) -> tuple[object, ...]:
    stored: DayBucket | None = None
    for one in order:
        stored = merge(stored, one, now=NOW).bucket or stored
    assert stored is not None
    return stored.values, stored.quality, stored.versions, tuple(sorted(stored.totals.items()))

"""The checks at the door, one by one."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.kit.quantity import to_scaled
from gridhall.metering.feed import checks
from gridhall.metering.feed.refusals import SENTENCES, NotTakenError, RefusedRow

LATEST = datetime(2026, 11, 1, 12, tzinfo=UTC)


def energy(text: str | int) -> int:
    return checks.check_energy(text, scale=3, minutes=15, max_kw=100)


def start(text: str, *, zone: str = "Asia/Shanghai", minutes: int = 15) -> tuple[date, int]:
    return checks.check_start(text, zone=zone, minutes=minutes, latest=LATEST)


class TestEnergy:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("0.086", 86),
            ("1", 1000),
            (2, 2000),
            ("0.1", 100),
            ("1.5e-1", 150),
            ("0.5000", 500),
            ("-0", 0),
            ("007", 7000),
        ],
    )
    def test_is_taken_exactly(self, text: str | int, value: int) -> None:
        assert energy(text) == value

    @given(st.integers(0, 25_000), st.integers(0, 3))
    def test_is_what_decimal_arithmetic_says(self, value: int, decimals: int) -> None:
        text = str(Decimal(value).scaleb(-decimals))
        if Decimal(text) <= 25:
            assert energy(text) == to_scaled(text, scale=3)

    @pytest.mark.parametrize(
        "text", ["", "-", ".5", "5.", "1,5", "1_000", " 1", "1 ", "NaN", "inf", "0x1", "٣", "²", "--1"]
    )
    def test_that_is_no_plain_number_is_refused(self, text: str) -> None:
        with pytest.raises(NotTakenError, match="bad-number"):
            energy(text)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("-3", "negative-energy"),
            (-1, "negative-energy"),
            ("0.0005", "finer-than-scale"),
            ("0.12345678901234567890", "finer-than-scale"),
            ("1e-30", "finer-than-scale"),
            ("25.001", "implausible-power"),
            ("1e9", "implausible-power"),
        ],
    )
    def test_that_cannot_have_been_measured_is_refused_by_name(self, text: str | int, code: str) -> None:
        with pytest.raises(NotTakenError, match=code):
            energy(text)

    def test_at_the_limit_of_power_is_taken(self) -> None:
        assert energy("25.000") == 25_000


class TestStart:
    def test_names_the_local_day_and_the_slot(self) -> None:
        assert start("2026-10-03T00:30:00+08:00") == (date(2026, 10, 3), 2)
        assert start("2026-10-02T16:30:00Z") == (date(2026, 10, 3), 2)

    @pytest.mark.parametrize("text", ["2026-10-03T00:30:00", "2026-10-03", "soon", "", "0001-01-01T00:00:00+14:00"])
    def test_without_an_offset_or_no_instant_is_refused(self, text: str) -> None:
        with pytest.raises(NotTakenError, match="bad-start"):
            start(text)

    @pytest.mark.parametrize("text", ["2026-10-03T00:31:00+08:00", "2026-10-03T00:30:01+08:00"])
    def test_off_a_slot_boundary_is_refused(self, text: str) -> None:
        with pytest.raises(NotTakenError, match="off-slot-boundary"):
            start(text)

    def test_whose_slot_ends_in_the_future_is_refused(self) -> None:
        assert start("2026-11-01T11:45:00Z")
        with pytest.raises(NotTakenError, match="in-future"):
            start("2026-11-01T12:00:00Z")

    def test_in_the_repeated_hour_is_two_slots(self) -> None:
        summer = start("2026-10-25T01:30:00+01:00", zone="Europe/London", minutes=30)
        winter = start("2026-10-25T01:30:00+00:00", zone="Europe/London", minutes=30)
        assert (summer, winter) == ((date(2026, 10, 25), 3), (date(2026, 10, 25), 5))


class TestSlotCount:
    @pytest.mark.parametrize(("day", "slots"), [("2026-03-29", 92), ("2026-10-25", 100), ("2026-10-26", 96)])
    def test_follows_the_clocks(self, day: str, slots: int) -> None:
        checks.check_slot_count(slots, day=date.fromisoformat(day), zone="Europe/London", minutes=15)
        with pytest.raises(NotTakenError, match="wrong-slot-count"):
            checks.check_slot_count(slots - 1, day=date.fromisoformat(day), zone="Europe/London", minutes=15)


class TestQuality:
    @pytest.mark.parametrize(("text", "code"), [(None, 0), ("", 0), ("8", 8), (19, 19)])
    def test_is_an_espi_code(self, text: str | int | None, code: int) -> None:
        assert checks.check_quality(text) == code

    @pytest.mark.parametrize("text", [1, 6, 20, "x", -1, 255])
    def test_of_no_meaning_is_refused(self, text: str | int) -> None:
        with pytest.raises(NotTakenError, match="bad-quality"):
            checks.check_quality(text)


class TestMidnight:
    def test_is_the_opening_of_the_day_that_begins(self) -> None:
        day, at = checks.check_midnight("2026-10-01T00:00:00+08:00", zone="Asia/Shanghai", latest=LATEST)
        assert (day, at) == (date(2026, 10, 1), datetime(2026, 9, 30, 16, tzinfo=UTC))

    def test_of_another_zone_is_refused(self) -> None:
        with pytest.raises(NotTakenError, match="not-midnight"):
            checks.check_midnight("2026-10-01T00:00:00Z", zone="Asia/Shanghai", latest=LATEST)


class TestRegisters:
    @pytest.mark.parametrize("name", ["", "To tal", "a.b", "$set", "é"])
    def test_with_a_name_that_is_no_code_are_refused(self, name: str) -> None:
        with pytest.raises(NotTakenError, match="bad-register"):
            checks.check_register(name, "1", scale=2)

    def test_may_be_large_but_not_below_zero(self) -> None:
        assert checks.check_register("total", "1234567.89", scale=2) == 123_456_789
        with pytest.raises(NotTakenError, match="negative-energy"):
            checks.check_register("total", "-1", scale=2)


class TestSentences:
    def test_say_which_row_why_and_where_it_is_now(self) -> None:
        row = RefusedRow(
            line=118, raw=b"", code="negative-energy", params={"text": "-3"}, meter="M0042", day="2026-10-03"
        )
        assert row.sentence == (
            "meter M0042, 2026-10-03, line 118: energy -3 kWh is below zero; kept in quarantine as negative-energy"
        )

    def test_say_nothing_where_nothing_is_known(self) -> None:
        assert RefusedRow(line=1, raw=b"", code="not-json", params={}).sentence == (
            "line 1: the row is no JSON object; kept in quarantine as not-json"
        )

    def test_shorten_what_a_row_made_up(self) -> None:
        row = RefusedRow(line=1, raw=b"", code="bad-number", params={"text": "9" * 500 + "x"})
        assert len(row.sentence) < 150

    @pytest.mark.parametrize("code", SENTENCES)
    def test_have_no_hole_that_a_check_cannot_fill(self, code: str) -> None:
        names = {
            "most", "names", "allowed", "field", "region", "channel", "minutes", "meter_minutes", "on", "text", "scale",
            "given", "expected", "zone", "name", "reason", "deliveries", "path", "oldest",
        }  # fmt: skip
        assert RefusedRow(line=1, raw=b"", code=code, params=dict.fromkeys(names, "x")).sentence


@pytest.mark.parametrize(("text", "version"), [(None, 0), ("", 0), (0, 0), ("12", 12), (2**53, 2**53)])
def test_a_version_is_a_whole_number(text: str | int | None, version: int) -> None:
    assert checks.check_version(text) == version


@pytest.mark.parametrize("text", ["-1", -1, "1.0", "1e3", "v2", "٣", 2**53 + 1, "9" * 40])
def test_a_version_that_is_none_is_refused(text: str | int) -> None:
    with pytest.raises(NotTakenError, match="bad-version"):
        checks.check_version(text)


class TestLocalTimes:
    def test_are_taken_only_where_that_was_chosen(self) -> None:
        with pytest.raises(NotTakenError, match="bad-start"):
            checks.check_start("2026-10-03T08:00:00", zone="Asia/Shanghai", minutes=15, latest=LATEST)

    @pytest.mark.parametrize(
        ("text", "slot"),
        [
            ("2026-10-25T00:30:00", 1),
            ("2026-10-25T01:30:00+01:00", 3),
            ("2026-10-25T01:30:00+00:00", 5),
            ("2026-10-25 02:00", 6),
        ],
    )
    def test_name_slots_on_the_day_of_25_hours(self, text: str, slot: int) -> None:
        found = checks.check_start(text, zone="Europe/London", minutes=30, latest=LATEST, local=True)
        assert found == (date(2026, 10, 25), slot)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("2026-03-29T01:30:00", "no-such-time"),
            ("2026-10-25T01:00:00", "ambiguous-time"),
            ("soon", "bad-start"),
        ],
    )
    def test_that_never_come_or_come_twice_are_refused(self, text: str, code: str) -> None:
        with pytest.raises(NotTakenError, match=code):
            checks.check_start(text, zone="Europe/London", minutes=30, latest=LATEST, local=True)

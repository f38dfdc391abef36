from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.kit.localdays import day_start
from gridhall.kit.settings import settings
from gridhall.metering.calendars import UnknownCalendarError, calendar, calendar_codes, catalogue, periods_of_day
from gridhall.metering.calendars.catalogue import load_calendar
from gridhall.metering.calendars.datafile import RuleFileError
from gridhall.metering.calendars.hours import clock, parse_hours, parse_months
from gridhall.metering.calendars.model import Calendar, Season, Span, Title

HEAD = """
code = "lab-tou"
title = { zh = "试验", en = "Lab" }
status = "background"
source = "a test"

[periods]
peak = { zh = "峰", en = "peak" }
valley = { zh = "谷", en = "valley" }
"""
WHOLE_YEAR = HEAD + '[[seasons]]\nmonths = "1-12"\n'

Load = Callable[[str], Calendar]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def write(text: str, name: str = "lab-tou.toml") -> Calendar:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return load_calendar(file)

    return write


class TestACalendarFile:
    def test_seasons_may_go_over_the_new_year(self, load: Load) -> None:
        found = load(
            HEAD
            + '[[seasons]]\nmonths = "6-10"\nhours = { valley = ["00:00-24:00"] }\n'
            + '[[seasons]]\nmonths = "11-5"\nhours = { peak = ["00:00-24:00"] }\n'
        )
        assert [found.season_of(month).period_at(0) for month in (5, 6, 10, 11, 1)] == [0, 1, 1, 0, 0]

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            (WHOLE_YEAR + 'hours = { peak = ["08:00-22:00"] }', "seasons.0.hours: 00:00-08:00 belongs to no period"),
            (WHOLE_YEAR + 'hours = { peak = ["00:00-22:00"] }', "seasons.0.hours: 22:00-24:00 belongs to no period"),
            (
                WHOLE_YEAR + 'hours = { peak = ["08:00-22:00"], valley = ["21:00-08:00"] }',
                "seasons.0.hours: valley begins at 21:00, where another period runs to 22:00",
            ),
            (WHOLE_YEAR + 'hours = { peak = ["8-22"] }', "seasons.0.hours.peak.0: '8-22' are not hours"),
            (WHOLE_YEAR + 'hours = { peak = ["08:00-25:00"] }', "seasons.0.hours.peak.0: '08:00-25:00' are not hours"),
            (WHOLE_YEAR + 'hours = { noon = ["00:00-24:00"] }', "seasons.0.hours: noon is none of the periods"),
            (HEAD + '[[seasons]]\nmonths = "1-13"\nhours = {}', "seasons.0.months: '1-13' are not months"),
            (
                HEAD + '[[seasons]]\nmonths = "1-11"\nhours = { peak = ["00:00-24:00"] }',
                "seasons: month 12 is in no season",
            ),
            (
                WHOLE_YEAR + 'hours = { peak = ["00:00-24:00"] }\n[[seasons]]\nmonths = "7"\n'
                'hours = { peak = ["00:00-24:00"] }',
                "seasons.1.months: month 7 is in an earlier season too",
            ),
            (
                HEAD + 'total = { zh = "总", en = "total" }\n[[seasons]]\nmonths = "1-12"\nhours = {}',
                "periods: total is the one period of a single rate",
            ),
            ("code = ", "is no TOML"),
        ],
    )
    def test_a_mistake_is_named_by_file_and_field(self, load: Load, text: str, complaint: str) -> None:
        with pytest.raises(RuleFileError) as error:
            load(text)
        assert str(error.value).startswith(f"lab-tou.toml: {complaint}")

    def test_a_file_is_named_after_its_code(self, tmp_path: Path) -> None:
        file = tmp_path / "other.toml"
        file.write_text(WHOLE_YEAR + 'hours = { peak = ["00:00-24:00"] }', encoding="utf-8")
        with pytest.raises(RuleFileError, match=r"other\.toml: code: 'lab-tou' must be the name of the file"):
            load_calendar(file)


@given(first=st.integers(1, 12), last=st.integers(1, 12))
def test_months_start_and_end_where_they_say(first: int, last: int) -> None:
    months = parse_months(f"{first}-{last}")
    assert {first, last} <= months
    assert len(months) == (last - first) % 12 + 1


@given(start=st.integers(0, 1439), end=st.integers(1, 1440))
def test_hours_and_their_complement_are_the_day(start: int, end: int) -> None:
    if start % 1440 == end % 1440:
        return
    inside = parse_hours(f"{clock(start)}-{clock(end)}")
    outside = parse_hours(f"{clock(end % 1440)}-{clock(start)}")
    minutes = sorted(minute for one, other in inside + outside for minute in range(one, other))
    assert minutes == list(range(1440))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """A calendar of three periods whose borders lie anywhere on the quarter hours."""
    borders = sorted(draw(st.sets(st.integers(1, 95), max_size=8)))
    edges = [0, *(border * 15 for border in borders), 1440]
    kinds = draw(st.lists(st.integers(0, 2), min_size=len(edges) - 1, max_size=len(edges) - 1))
    spans = tuple(Span(start, end, kind) for start, end, kind in zip(edges, edges[1:], kinds, strict=False))
    return Calendar(
        code="drawn",
        title=Title("", ""),
        status="background",
        source="a test",
        periods=("a", "b", "c"),
        titles=(Title("", ""),) * 3,
        seasons=(Season(frozenset(range(1, 13)), spans),),
    )


class TestAnOperatorsOwn:
    @pytest.fixture
    def bring(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
        monkeypatch.setenv("GRIDHALL_CALENDARS", str(tmp_path))

        def write(name: str, text: str) -> None:
            (tmp_path / name).write_text(text, encoding="utf-8")
            settings.cache_clear()
            catalogue._own.cache_clear()

        yield write
        monkeypatch.undo()
        settings.cache_clear()
        catalogue._own.cache_clear()

    def test_stand_beside_those_that_ship(self, bring: Callable[[str, str], None]) -> None:
        bring("lab-tou.toml", WHOLE_YEAR + 'hours = { peak = ["08:00-22:00"], valley = ["22:00-08:00"] }')
        assert calendar("lab-tou").periods == ("peak", "valley")
        assert calendar("lab-tou") is calendar("lab-tou")
        assert {"lab-tou", "zhejiang-tou", "single"} <= set(calendar_codes())
        with pytest.raises(UnknownCalendarError, match=r"calendar 'mars' is not known; there are .*lab-tou"):
            calendar("mars")

    def test_never_take_the_place_of_one_that_ships(self, bring: Callable[[str, str], None]) -> None:
        hours = 'hours = { peak = ["08:00-22:00"], valley = ["22:00-08:00"] }'
        bring("zhejiang-tou.toml", WHOLE_YEAR.replace("lab-tou", "zhejiang-tou") + hours)
        with pytest.raises(RuleFileError, match=r"zhejiang-tou.toml: code: is a calendar that ships"):
            calendar("lab-tou")


@given(
    found=calendars(),
    day=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_every_slot_has_the_period_that_the_wall_clock_shows(found: Calendar, day: date, zone: str) -> None:
    periods = periods_of_day(found, day=day, minutes=15, zone=zone)
    start, end = day_start(day, zone), day_start(day + timedelta(days=1), zone)
    assert len(periods) == (end - start) // timedelta(minutes=15)
    for slot, period in enumerate(periods):
        shown = datetime.fromtimestamp(start.timestamp() + slot * 900, UTC).astimezone(ZoneInfo(zone))
        minute = shown.hour * 60 + shown.minute
        span = next(one for one in found.seasons[0].spans if one.start <= minute < one.end)
        assert period == span.period

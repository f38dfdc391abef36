"""What a calendar file must say, and the calendar made of it."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from gridhall.kit.localdays import DAY_MINUTES
from gridhall.metering.calendars.datafile import RuleModel
from gridhall.metering.calendars.hours import clock, parse_hours, parse_months
from gridhall.metering.calendars.model import Calendar, Season, Span, Status, Title

SINGLE_PERIOD = "total"
_ALL_MONTHS = frozenset(range(1, 13))

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
PeriodCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=30)]
"""The set of periods is open: total, critical_peak, peak, flat, valley, deep_valley or a later one."""

Words = Annotated[str, Field(min_length=1)]


def _months(text: str) -> str:
    parse_months(text)
    return text


def _hours(text: str) -> str:
    parse_hours(text)
    return text


MonthsText = Annotated[str, AfterValidator(_months)]
HoursText = Annotated[str, AfterValidator(_hours)]


class TitleTable(RuleModel):
    """A name in both languages."""

    zh: Words
    en: Words

    def title(self) -> Title:
        """Return the name as the rooms pass it about."""
        return Title(zh=self.zh, en=self.en)


class SeasonTable(RuleModel):
    """The hours of every period in some months of the year."""

    months: MonthsText
    hours: dict[PeriodCode, list[HoursText]]

    @field_validator("hours")
    @classmethod
    def _covers_the_day_once(cls, hours: dict[str, list[str]]) -> dict[str, list[str]]:
        reached = 0
        for start, end, period in _ranges(hours):
            if start > reached:
                raise ValueError(f"{clock(reached)}-{clock(start)} belongs to no period; every minute must have one")
            if start < reached:
                raise ValueError(f"{period} begins at {clock(start)}, where another period runs to {clock(reached)}")
            reached = end
        if reached < DAY_MINUTES:
            raise ValueError(f"{clock(reached)}-24:00 belongs to no period; every minute must have one")
        return hours

    def season(self, periods: tuple[str, ...]) -> Season:
        """Return the season, with periods as indices into `periods`."""
        spans = (Span(start, end, periods.index(period)) for start, end, period in _ranges(self.hours))
        return Season(months=parse_months(self.months), spans=tuple(spans))


class CalendarFile(RuleModel):
    """A whole calendar file."""

    code: Code
    title: TitleTable
    status: Status
    source: Words
    periods: Annotated[dict[PeriodCode, TitleTable], Field(min_length=1)]
    seasons: list[SeasonTable]

    @field_validator("periods")
    @classmethod
    def _total_stands_alone(cls, periods: dict[str, TitleTable]) -> dict[str, TitleTable]:
        if SINGLE_PERIOD in periods and len(periods) > 1:
            raise ValueError(f"{SINGLE_PERIOD} is the one period of a single rate and stands beside no other")
        return periods

    @model_validator(mode="after")
    def _hours_are_of_its_periods(self) -> Self:
        for number, season in enumerate(self.seasons):
            if unknown := season.hours.keys() - self.periods.keys():
                raise ValueError(
                    f"seasons.{number}.hours: {min(unknown)} is none of the periods {', '.join(self.periods)}"
                )
        return self

    @model_validator(mode="after")
    def _seasons_cover_the_year_once(self) -> Self:
        seen: frozenset[int] = frozenset()
        for number, season in enumerate(self.seasons):
            months = parse_months(season.months)
            if twice := months & seen:
                raise ValueError(f"seasons.{number}.months: month {min(twice)} is in an earlier season too")
            seen |= months
        if missing := _ALL_MONTHS - seen:
            raise ValueError(f"seasons: month {min(missing)} is in no season; every month must be in one")
        return self

    def calendar(self) -> Calendar:
        """Return the calendar that the file describes."""
        periods = tuple(self.periods)
        return Calendar(
            code=self.code,
            title=self.title.title(),
            status=self.status,
            source=self.source,
            periods=periods,
            titles=tuple(table.title() for table in self.periods.values()),
            seasons=tuple(season.season(periods) for season in self.seasons),
        )


def _ranges(hours: dict[str, list[str]]) -> list[tuple[int, int, str]]:
    return sorted(
        (start, end, period) for period, texts in hours.items() for text in texts for start, end in parse_hours(text)
    )

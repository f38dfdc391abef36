"""What a household's curve tells: base load, peaks, typical days, last year."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import strawberry

from gridhall.graphql.context import Info
from gridhall.graphql.scalars import Labels, Numbers
from gridhall.graphql.types.missing import Missing
from gridhall.graphql.types.tariff import in_language
from gridhall.metering.calendars import calendar
from gridhall.metering.calendars.hours import clock
from gridhall.metering.load import change, model
from gridhall.metering.load.findings import findings
from gridhall.metering.points.model import ServicePoint

_HOUR = 60


@strawberry.type(description="What is drawn while nobody does anything: the quiet quarter of the nights' lowest hours.")
class BaseLoad:
    """What is drawn while nobody does anything."""

    kw: Decimal
    share: float = strawberry.field(description="Of all energy, 0 to 1.")
    standby_hours: float = strawberry.field(description="Hours of a mean day at which hardly more is drawn.")


@strawberry.type(description="The hour of a mean day that draws most.")
class LoadPeak:
    """The hour that draws most."""

    start: str = strawberry.field(description="Local time at which the hour begins, like 19:15.")
    end: str
    kw: Decimal


@strawberry.type(description="The slot of all days that drew most.")
class HighestLoad:
    """The slot that drew most."""

    at: datetime
    kw: Decimal


@strawberry.type(description="The typical day of one kind in columns: kW a slot of the clock, from midnight on.")
class LoadProfile:
    """The typical day of one kind."""

    days: int = strawberry.field(description="Of how many days it is made.")
    mean_kwh: Decimal = strawberry.field(description="Energy of a mean one.")
    labels: Labels = strawberry.field(description="Local start of each slot.")
    median: Numbers
    lower: Numbers = strawberry.field(description="The lower quartile.")
    upper: Numbers = strawberry.field(description="The upper quartile.")


@strawberry.type(description="The energy of a period of use, and its share.")
class LoadPeriod:
    """The energy of a period of use."""

    code: str
    title: str
    kwh: Decimal
    share: float


@strawberry.type(description="A day and its energy.")
class LoadDay:
    """A day and its energy."""

    day: date
    kwh: Decimal


@strawberry.type(
    description="The mean day beside that of last year: whole days of both years only, 52 weeks apart, or alike around "
    "Spring Festival. Not corrected for weather."
)
class YearChange:
    """The mean day beside that of last year."""

    earlier_from: date
    earlier_to: date = strawberry.field(description="First day after those compared with.")
    lunar: bool = strawberry.field(description="Whether the days lie alike around Spring Festival.")
    compared_days: int
    mean_kwh: Decimal
    mean_kwh_before: Decimal
    ratio: float = strawberry.field(description="0.12 is 12 % more.")


@strawberry.type(description="The figures of a load analysis, of the days without a gap.")
class LoadFigures:
    """The figures of a load analysis."""

    whole_days: int
    kwh: Decimal
    mean_kwh: Decimal = strawberry.field(description="Energy of a mean day.")
    base: BaseLoad
    morning: LoadPeak
    evening: LoadPeak
    highest: HighestLoad
    load_factor: float = strawberry.field(description="Mean power by the highest.")
    periods: list[LoadPeriod]
    working: LoadProfile | None = strawberry.field(description="Null of fewer than three working days.")
    off: LoadProfile | None = strawberry.field(description="Null of fewer than three days off.")
    largest: list[LoadDay] = strawberry.field(description="The three days of most energy.")


@strawberry.type(description="What the curve of a month tells of a household. Where it is thin: why, and no figures.")
class Load:
    """What the curve of a month tells."""

    month: str
    coverage: float | None = strawberry.field(
        description="Share of the intervals that are there; null with no figures."
    )
    as_of: datetime | None
    figures: LoadFigures | None
    missing: Missing | None
    change: YearChange | None
    change_missing: Missing | None
    findings: list[str] = strawberry.field(description="Sentences in the caller's language, the most telling first.")


def presented(
    found: model.LoadAnalysis | model.TooLittle,
    compared: change.Change | model.TooLittle,
    *,
    month: str,
    point: ServicePoint,
    info: Info,
) -> Load:
    """Present an analysis and the change against last year, each or why there is none."""
    analysis = None if isinstance(found, model.TooLittle) else found
    year = None if isinstance(compared, model.TooLittle) else compared
    words, language = info.context.hall.words, info.context.language
    said = findings(analysis, year) if analysis else ()
    return Load(
        month=month,
        coverage=float(analysis.coverage) if analysis else None,
        as_of=analysis.as_of if analysis else None,
        figures=_figures(analysis, point, language) if analysis else None,
        missing=Missing.of(found, info) if isinstance(found, model.TooLittle) else None,
        change=_change(year) if year else None,
        change_missing=Missing.of(compared, info) if isinstance(compared, model.TooLittle) else None,
        findings=[words.say(one.code, language=language, params=dict(one.params)) for one in said],
    )


def _figures(found: model.LoadAnalysis, point: ServicePoint, language: str) -> LoadFigures:
    hours = calendar(point.calendar)
    titles = dict(zip(hours.periods, hours.titles, strict=True))
    base, highest = found.base, found.highest
    return LoadFigures(
        whole_days=found.whole,
        kwh=found.kwh,
        mean_kwh=found.mean_kwh,
        base=BaseLoad(kw=base.kw, share=float(base.share), standby_hours=float(base.standby_hours)),
        morning=_peak(found.morning),
        evening=_peak(found.evening),
        highest=HighestLoad(at=highest.at.astimezone(ZoneInfo(point.zone)), kw=highest.kw),
        load_factor=float(found.load_factor),
        periods=[
            LoadPeriod(
                code=one.code,
                title=in_language(titles[one.code].zh, titles[one.code].en, language),
                kwh=one.kwh,
                share=float(one.share),
            )
            for one in found.periods
        ],
        working=_profile(found.working, found),
        off=_profile(found.off, found),
        largest=[LoadDay(day=one.day, kwh=one.kwh) for one in found.largest],
    )


def _peak(peak: model.Peak) -> LoadPeak:
    return LoadPeak(start=clock(peak.minute), end=clock(peak.minute + _HOUR), kw=peak.kw)


def _profile(profile: model.Profile | None, found: model.LoadAnalysis) -> LoadProfile | None:
    if profile is None:
        return None

    def kilowatts(counts: Sequence[int]) -> Numbers:
        unit = 10**found.scale * found.minutes / _HOUR
        return Numbers([round(count / unit, 4) for count in counts])

    return LoadProfile(
        days=profile.days,
        mean_kwh=profile.mean_kwh,
        labels=Labels([clock(index * found.minutes) for index in range(len(profile.median))]),
        median=kilowatts(profile.median),
        lower=kilowatts(profile.lower),
        upper=kilowatts(profile.upper),
    )


def _change(found: change.Change) -> YearChange:
    return YearChange(
        earlier_from=found.earlier.start,
        earlier_to=found.earlier.end,
        lunar=found.lunar,
        compared_days=found.compared,
        mean_kwh=found.mean_kwh,
        mean_kwh_before=found.mean_kwh_before,
        ratio=float(found.ratio),
    )

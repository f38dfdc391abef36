"""The first screen's words and figures of usage."""

from datetime import date, datetime

import strawberry

from gridhall.graphql.context import Info
from gridhall.graphql.types.usage import Channel, titles_of
from gridhall.graphql.types.usage_figures import Comparison, compared
from gridhall.metering.histories import summaries
from gridhall.metering.points.model import ServicePoint


@strawberry.type(description="The energy of one period of use in a month.")
class PeriodSum:
    """The energy of one period of use in a month."""

    code: str
    title: str
    kwh: float


@strawberry.type(description="A month, or what has passed of the running one.")
class MonthUsage:
    """A month."""

    month: str
    kwh: float | None = strawberry.field(description="Null where nothing is there.")
    periods: list[PeriodSum]
    coverage: float = strawberry.field(description="Share of the intervals up to now that are there, 0 to 1.")


@strawberry.type(description="How far the readings reach.")
class NewestDay:
    """How far the readings reach."""

    day: date | None = strawberry.field(
        description="The newest day of this or the last month that was read: estimates do not count."
    )
    missing_days: int = strawberry.field(
        description="Days since that have passed without a reading, or are partly estimated."
    )
    message: str


@strawberry.type(description="What the first screen says of usage.")
class UsageSummary:
    """What the first screen says of usage."""

    channel: Channel
    unit: str
    this_month: MonthUsage
    last_month: MonthUsage
    same_month_last_year: MonthUsage
    against_last_month: Comparison
    against_last_year: Comparison
    newest: NewestDay
    as_of: datetime | None = strawberry.field(description="When the newest of these readings was stored.")


def presented(found: summaries.UsageSummary, *, channel: Channel, point: ServicePoint, info: Info) -> UsageSummary:
    """Present a summary."""
    language = info.context.language
    titles = titles_of(point, language)

    def month(one: summaries.MonthSum) -> MonthUsage:
        return MonthUsage(
            month=str(one.month),
            kwh=None if one.total is None else float(one.total),
            periods=[
                PeriodSum(code=code, title=titles[code], kwh=float(value)) for code, value in one.by_period.items()
            ],
            coverage=round(one.present / one.expected, 4) if one.expected else 0.0,
        )

    reach = "usage.none" if found.newest_day is None else "usage.behind" if found.missing_days else "usage.up_to_date"
    message = info.context.hall.words.say(
        reach, language=language, params={"day": found.newest_day, "days": found.missing_days}
    )
    return UsageSummary(
        channel=channel,
        unit=channel.unit,
        this_month=month(found.this_month),
        last_month=month(found.last_month),
        same_month_last_year=month(found.same_month_last_year),
        against_last_month=compared(found.against_last_month, info),
        against_last_year=compared(found.against_last_year, info),
        newest=NewestDay(day=found.newest_day, missing_days=found.missing_days, message=message),
        as_of=found.as_of,
    )

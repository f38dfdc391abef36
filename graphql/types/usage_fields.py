"""The fields of an account, a customer's and the desk's alike, that tell of usage."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

import strawberry

from gridhall.billing.accounts import model
from gridhall.graphql.context import Info
from gridhall.graphql.errors import CODES, RefusedError
from gridhall.graphql.types.usage import Asked, Channel, Usage, of_intervals, of_totals
from gridhall.graphql.types.usage_export import FileKind, UsageFile, usage_file
from gridhall.graphql.types.usage_summary import UsageSummary, presented
from gridhall.kit.localdays import Days, local_day
from gridhall.metering.histories.curve import UnfitSlotsError
from gridhall.metering.histories.queries import day_series, interval_series, month_series, year_series
from gridhall.metering.histories.ranges import RangeLimits, RangeRefusedError, Resolution, months_of, overlap
from gridhall.metering.histories.summaries import usage_summary
from gridhall.metering.retention.policy import RetentionPolicy

_FOREVER: Final = date.max

From = Annotated[date | None, strawberry.argument(name="from", description="The first local day.")]
To = Annotated[date | None, strawberry.argument(description="The first local day after the range.")]
Last = Annotated[
    int | None,
    strawberry.argument(
        description="In the place of from and to: so many days up to yesterday, or months or years with the running."
    ),
]
Minutes = Annotated[
    int | None,
    strawberry.argument(description="Slots of so many minutes, say 30 or 60; as measured where it is left out."),
]


@strawberry.type(description="Why a history could not be told.")
class UsageProblem:
    """Why a history could not be told."""

    code: str
    message: str


@strawberry.type(description="One of several histories of an account: the history, or why it cannot be told.")
class UsageColumn:
    """One of several histories of an account."""

    point: int = strawberry.field(description="Which of the account's service points, from 1.")
    channel: Channel
    history: Usage | None
    problem: UsageProblem | None


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for, checked."""

    days: Days
    resolution: Resolution
    minutes: int | None


@strawberry.type
class UsageFields:
    """What every account tells of usage."""

    record: strawberry.Private[model.Account]

    @strawberry.field(description="The usage history of local days `from` up to, not including, `to`, or of the last.")
    async def usage(
        self,
        info: Info,
        *,
        from_: From = None,
        to: To = None,
        last: Last = None,
        resolution: Resolution = Resolution.DAY,
        channel: Channel = Channel.IMPORT_KWH,
        minutes: Minutes = None,
    ) -> Usage | None:
        """Return the usage of the account's first service point; null where it has none."""
        request = _request(info, (from_, to, last), resolution, minutes, columns=1)
        links = _links(self.record, request.days)
        return await _read(info, links[0], channel, request) if links else None

    @strawberry.field(description="Several channels of all the account's service points; what fails, fails alone.")
    async def usages(
        self,
        info: Info,
        *,
        channels: list[Channel],
        from_: From = None,
        to: To = None,
        last: Last = None,
        resolution: Resolution = Resolution.DAY,
        minutes: Minutes = None,
    ) -> list[UsageColumn]:
        """Return a column a point and channel."""
        chosen = list(dict.fromkeys(channels))
        columns = max(1, len(chosen) * len(self.record.points))
        request = _request(info, (from_, to, last), resolution, minutes, columns=columns)
        links = _links(self.record, request.days)
        return await asyncio.gather(
            *(_column(info, self.record, link, one, request) for link in links for one in chosen)
        )

    @strawberry.field(description="This month so far, last month, and the same month of last year.")
    async def usage_summary(self, info: Info, channel: Channel = Channel.IMPORT_KWH) -> UsageSummary | None:
        """Return the summary of the service point that the account has today; null where it has none."""
        today = _today(info)
        link = next((one for one in self.record.points if _held(one).start <= today < _held(one).end), None)
        point = await info.context.hall.points.load(link.point_id) if link else None
        if link is None or point is None:
            return None
        found = await usage_summary(
            point=point,
            channel=channel.value,
            histories=info.context.hall.months,
            today=today,
            held=_held(link),
        )
        return presented(found, channel=channel, point=point, info=info)

    @strawberry.field(description="A link to the usage of local days `from` up to, not including, `to`, as a file.")
    def usage_export(
        self,
        info: Info,
        *,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        kind: FileKind = FileKind.CSV,
        resolution: Resolution = Resolution.INTERVAL,
        channels: list[Channel] | None = None,
    ) -> UsageFile:
        """Return a link that is signed for the caller."""
        return usage_file(
            info,
            account_id=self.record.id,
            start=from_,
            end=to,
            kind=kind,
            resolution=resolution,
            channels=channels or [Channel.IMPORT_KWH],
        )


async def _column(
    info: Info, account: model.Account, link: model.PointLink, channel: Channel, request: Request
) -> UsageColumn:
    number = account.points.index(link) + 1
    try:
        usage = await _read(info, link, channel, request)
    except RefusedError as no:
        message = info.context.hall.words.say(f"refusal.{no.code}", language=info.context.language, params=no.params)
        problem = UsageProblem(code=CODES[no.code], message=message)
        return UsageColumn(point=number, channel=channel, history=None, problem=problem)
    return UsageColumn(point=number, channel=channel, history=usage, problem=None)


async def _read(info: Info, link: model.PointLink, channel: Channel, request: Request) -> Usage | None:
    """Read one history. Days before or after the account had the point belong to somebody else and are left out."""
    point = await info.context.hall.points.load(link.point_id)
    if point is None:
        return None
    asked = Asked(point=point, channel=channel, days=request.days, held=_held(link))
    days, resolution, months = overlap(request.days, asked.held), request.resolution, info.context.hall.months
    if resolution is Resolution.INTERVAL:
        return await _intervals(info, asked, days, request.minutes)
    today = local_day(info.context.hall.clock.now(), point.zone)
    if resolution is Resolution.DAY:
        totals = await day_series(point=point, days=days, channel=channel.value, histories=months, until=today)
    elif resolution is Resolution.MONTH:
        # Months are told whole, whichever days of them were named.
        totals = await month_series(
            point=point,
            months=months_of(days),
            channel=channel.value,
            histories=months,
            until=today,
            within=asked.held,
        )
    else:
        whole = Days(date(days.start.year, 1, 1), date(months_of(days)[-1].year + 1, 1, 1))
        totals = await year_series(
            point=point,
            days=overlap(whole, asked.held),
            channel=channel.value,
            histories=months,
            until=today,
        )
    return of_totals(totals, resolution=resolution, asked=asked, info=info)


async def _intervals(info: Info, asked: Asked, days: Days, minutes: int | None) -> Usage:
    hall, point = info.context.hall, asked.point
    today = local_day(hall.clock.now(), point.zone)
    try:
        series = await interval_series(
            point=point,
            days=days,
            histories=hall.billing.histories,
            channel=asked.channel.value,
            minutes=minutes,
            expired_before=RetentionPolicy.of(hall.settings).kept_from(point.supply_class, today=today),
        )
    except UnfitSlotsError as error:
        params = {"minutes": error.asked, "measured": error.measured}
        raise RefusedError("input.bad_minutes", params) from None
    return of_intervals(series, asked=asked, info=info)


def _request(
    info: Info,
    span: tuple[date | None, date | None, int | None],
    resolution: Resolution,
    minutes: int | None,
    *,
    columns: int,
) -> Request:
    """Check what was asked for. The more columns of intervals, the shorter the range. Raises RefusedError."""
    start, end, last = span
    limits = RangeLimits.of(info.context.hall.settings)
    most = limits.most_days[resolution] // (columns if resolution is Resolution.INTERVAL else 1)
    if minutes is not None and minutes not in _MINUTES:
        raise RefusedError("input.bad_minutes", {"minutes": minutes, "measured": _MINUTES[0]})
    try:
        if last is not None and start is None and end is None:
            days = limits.last(last, resolution=resolution, today=_today(info))
        elif last is None and start is not None and end is not None:
            days = limits.check(start=start, end=end, resolution=resolution)
        else:
            raise RefusedError("input.bad_span")
    except RangeRefusedError as error:
        raise RefusedError("input.bad_range", {"most": min(error.most, most)}) from None
    if len(days) > most:
        raise RefusedError("input.bad_range", {"most": most})
    return Request(days=days, resolution=resolution, minutes=minutes)


_MINUTES: Final = (5, 10, 15, 30, 60)


def _links(account: model.Account, days: Days) -> Sequence[model.PointLink]:
    return [link for link in account.points if len(overlap(days, _held(link)))]


def _held(link: model.PointLink) -> Days:
    return Days(link.from_day, link.to_day or _FOREVER)


def _today(info: Info) -> date:
    hall = info.context.hall
    return local_day(hall.clock.now(), hall.settings.time_zone)

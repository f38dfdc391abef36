"""The fields of an account, a customer's and the desk's alike, that tell what its curve means and what is to come."""

from datetime import date, timedelta

import strawberry

from gridhall.billing.accounts import model
from gridhall.billing.choices.queries import History, choices_of
from gridhall.billing.forecasts.queries import Outlooks, forecast_for
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.types.forecast import Forecast
from gridhall.graphql.types.load import Load, presented
from gridhall.graphql.types.money import Money
from gridhall.graphql.types.similar import SimilarHomes
from gridhall.graphql.types.tariff_options import TariffOptions
from gridhall.kit.localdays import Days, Month, local_day
from gridhall.metering.histories.ranges import overlap
from gridhall.metering.load.model import Reason, TooLittle
from gridhall.metering.load.queries import change_of, load_of
from gridhall.metering.load.similar.model import Standing
from gridhall.metering.load.similar.queries import stand_among
from gridhall.metering.points.model import ServicePoint

_YEARS = range(1970, 2100)
"""No meter was read before; beyond, nobody has tabled the lunar year."""


@strawberry.type
class OutlookFields:
    """The fields of an account that tell what its curve means and what is to come."""

    record: strawberry.Private[model.Account]

    @strawberry.field(description="What the curve of a month, like `2026-10`, tells; null where there was no point.")
    async def load(self, info: Info, month: str) -> Load | None:
        """Return what a month's curve tells of the account's first point."""
        return await _load_in(info, self.record, month)

    @strawberry.field(
        description="An ended month, like `2026-10`, beside similar homes; null where there was no point."
    )
    async def similar_homes(self, info: Info, month: str) -> SimilarHomes | None:
        """Return how the account's first point stood among similar homes."""
        return await _similar_in(info, self.record, month)

    @strawberry.field(description="The outlook of the running billing period: projected, never a bill.")
    async def forecast(self, info: Info) -> Forecast:
        """Return the outlook of the running billing period."""
        hall = info.context.hall
        today = local_day(hall.clock.now(), hall.settings.time_zone)
        outlooks = Outlooks(points=hall.joined_points, histories=hall.months, bills=hall.billed)
        return Forecast.of(await forecast_for(outlooks=outlooks, account=self.record, today=today), info)

    @strawberry.field(description="The last twelve months priced by every tariff that the household may choose.")
    async def tariff_options(self, info: Info) -> TariffOptions:
        """Return what the household would have paid."""
        hall = info.context.hall
        today = local_day(hall.clock.now(), hall.settings.time_zone)
        history = History(points=hall.joined_points, histories=hall.billing.histories)
        return TariffOptions.of(await choices_of(history=history, account=self.record, today=today), info)

    @strawberry.field(
        description="The projected bill above which the customer wants to be told; null where none is set."
    )
    async def bill_alert(self, info: Info) -> Money | None:
        """Return the account's limit."""
        limit = (await info.context.hall.billing.bill_alerts.alerts.of([self.record.id])).get(self.record.id)
        return None if limit is None else Money(fen=limit)


async def _load_in(info: Info, account: model.Account, label: str) -> Load | None:
    """Return what a month's curve tells of an account's first point; None where it has none."""
    month = _month(label)
    place = await _place(info, account, month.days)
    if place is None:
        return None
    (point, held), hall = place, info.context.hall
    days = _passed(overlap(month.days, held), _today(info, point))
    found = await load_of(point=point, days=days, histories=hall.billing.histories)
    compared = await change_of(point=point, days=days, histories=hall.months, held=held)
    return presented(found, compared, month=str(month), point=point, info=info)


async def _similar_in(info: Info, account: model.Account, label: str) -> SimilarHomes | None:
    """Return how an account's first point stood among similar homes in a month; None where it has no point."""
    month = _month(label)
    place = await _place(info, account, month.days)
    if place is None:
        return None
    (point, held), hall = place, info.context.hall
    lived, needed = len(overlap(month.days, held)), len(month.days)
    found: Standing | TooLittle = TooLittle(Reason.FEW_WHOLE_DAYS, whole=lived, needed=needed)
    if lived == needed:
        found = await stand_among(point=point, month=month, histories=hall.months, groups=hall.similar)
    return SimilarHomes.of(found, month=str(month), info=info)


async def _place(info: Info, account: model.Account, days: Days) -> tuple[ServicePoint, Days] | None:
    """Return the first point that an account had in some days, and the days on which it had it.

    What a home used before or after them is somebody else's.
    """
    for link in account.points:
        held = Days(link.from_day, link.to_day or date.max)
        if len(overlap(days, held)):
            point = await info.context.hall.points.load(link.point_id)
            return (point, held) if point else None
    return None


def _today(info: Info, point: ServicePoint) -> date:
    return local_day(info.context.hall.clock.now(), point.zone)


def _passed(days: Days, today: date) -> Days:
    """Return the days that are over, at least the first one."""
    return Days(days.start, max(days.start + timedelta(days=1), min(days.end, today)))


def _month(label: str) -> Month:
    try:
        month = Month.parse(label)
    except ValueError:
        raise RefusedError("input.bad_month") from None
    if month.year not in _YEARS:
        raise RefusedError("input.bad_month")
    return month

"""The loss of a transformer district (台区线损) day by day: its sum meter against the sum of its members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from gridhall.kit.localdays import Days
from gridhall.kit.quantity import from_scaled
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import month_key, point_of
from gridhall.metering.histories.model import DayTotals
from gridhall.metering.histories.queries import MonthReader
from gridhall.metering.histories.ranges import months_of
from gridhall.metering.irregular.reading import SUM_METER
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.points.repository import PointRepository

_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class DistrictLoss:
    """Loss in columns, an entry a day.

    flowed: kWh by the sum meter, used: kWh of the members, loss: their difference, percent: of what flowed; None where
    the sum meter has no complete day. measured: members whose day is complete; where they are fewer than `members`
    the loss holds what the others used too, and is no measure of anything.
    """

    district: str
    points: tuple[ServicePoint, ...]
    members: int
    sum_meters: int
    days: tuple[date, ...]
    flowed: tuple[Decimal | None, ...]
    used: tuple[Decimal, ...]
    loss: tuple[Decimal | None, ...]
    percent: tuple[Decimal | None, ...]
    measured: tuple[int, ...]
    as_of: datetime | None


async def district_loss(
    *, district: str, days: Days, points: PointRepository, histories: MonthReader
) -> DistrictLoss | None:
    """Return the loss of a district over local days, None where no point lies in it. Two round trips."""
    found = await points.in_district(district)
    if not found:
        return None
    months = months_of(days)
    kept = await histories.months([month_key(one.id, IMPORT_KWH, month) for one in found for month in months])
    by_day: dict[tuple[UUID, date], DayTotals] = {
        (point_of(key), day): totals for key, month in kept.items() for day, totals in month.dated().items()
    }
    meters = [one.id for one in found if one.supply_class == SUM_METER]
    members = [one.id for one in found if one.supply_class != SUM_METER]
    flowed = [_complete(meters, day, by_day) for day in days]
    homes = [[_whole(by_day.get((one, day))) for one in members] for day in days]
    used = [sum((kwh for kwh in of_day if kwh is not None), Decimal(0)) for of_day in homes]
    loss = [None if all_of is None else all_of - part for all_of, part in zip(flowed, used, strict=True)]
    return DistrictLoss(
        district=district,
        points=tuple(found),
        members=len(members),
        sum_meters=len(meters),
        days=tuple(days),
        flowed=tuple(flowed),
        used=tuple(used),
        loss=tuple(loss),
        percent=tuple(_percent(lost, all_of) for lost, all_of in zip(loss, flowed, strict=True)),
        measured=tuple(sum(kwh is not None for kwh in of_day) for of_day in homes),
        as_of=max((month.as_of for month in kept.values()), default=None),
    )


def _complete(meters: Sequence[UUID], day: date, by_day: Mapping[tuple[UUID, date], DayTotals]) -> Decimal | None:
    kwh = [_whole(by_day.get((meter, day))) for meter in meters]
    known = [one for one in kwh if one is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(kwh) else None


def _whole(totals: DayTotals | None) -> Decimal | None:
    """Return the energy of a day of which no slot is missing, else None."""
    if totals is None or totals.present < totals.expected:
        return None
    return from_scaled(sum(totals.totals.values()), scale=totals.scale)


def _percent(lost: Decimal | None, flowed: Decimal | None) -> Decimal | None:
    return round(100 * lost / flowed, _DECIMALS) if lost is not None and flowed else None

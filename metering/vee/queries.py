"""Reading what the checks said of days."""

from datetime import date
from uuid import UUID

from gridhall.kit.localdays import Days
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import month_key
from gridhall.metering.histories.ranges import months_of
from gridhall.metering.vee.model import JudgedDay
from gridhall.metering.vee.repository import CheckRepository


async def checks_of(
    *, point_id: UUID, days: Days, checks: CheckRepository, channel: str = IMPORT_KWH
) -> dict[date, JudgedDay]:
    """Return what was judged of local days of a point, by day, in one round trip; days not judged yet are left out."""
    found = await checks.months([month_key(point_id, channel, month) for month in months_of(days)])
    judged = {one.day: one for month in found.values() for one in month.values()}
    return {day: judged[day] for day in days if day in judged}

"""The tip of an account, from its curve of the last four weeks."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.bills.standing import tier_standing
from gridhall.billing.tariffs.stretches import stretches
from gridhall.billing.tips.habits import habits_of
from gridhall.billing.tips.model import Tip
from gridhall.billing.tips.rules import DAYS_AHEAD, Outlook, best
from gridhall.kit.localdays import Days
from gridhall.metering.histories.queries import interval_series
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.points.repository import PointRepository

_OBSERVED: Final = timedelta(days=28)
"""Four whole weeks, so that every weekday counts alike."""


@dataclass(frozen=True, slots=True)
class Tips:
    """Where tips are read from."""

    points: PointRepository
    histories: HistoryRepository
    bills: BillRepository


async def tip_for(*, tips: Tips, account: Account, today: date) -> Tip | None:
    """Return the best advice for an account; None where its curve is thin, or nothing is worth a yuan a month."""
    days = Days(today - _OBSERVED, today)
    links = account.points_in(days)
    if len(links) != 1:
        return None
    point = (await tips.points.by_ids([links[0].point_id])).get(links[0].point_id)
    if point is None:
        return None
    curve = await interval_series(point=point, days=days, histories=tips.histories)
    habits = habits_of(curve, zone=point.zone)
    standing = await tier_standing(account=account, bills=tips.bills, histories=tips.histories, today=today)
    if habits is None or standing is None:
        return None
    ahead = stretches(standing.version, days=Days(today, today + timedelta(days=DAYS_AHEAD)))
    return best(Outlook(habits, standing.version, ahead, standing.billed + standing.unbilled, account.terms))

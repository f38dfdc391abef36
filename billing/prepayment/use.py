"""Reading what was measured since the last bills of many accounts, in one round trip."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from gridhall.billing.accounts.model import Account, AccountId, holds_on
from gridhall.billing.prepayment.charging import DayUse
from gridhall.kit.localdays import Days, Month
from gridhall.kit.quantity import from_scaled
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import month_key
from gridhall.metering.histories.model import DayTotals, MonthOfDays
from gridhall.metering.histories.queries import MonthReader
from gridhall.metering.quality import worst

Use = tuple[Mapping[date, DayUse], datetime | None]
"""What was measured on each day, and when the newest of it was stored."""


async def use_of(
    *, accounts: Sequence[Account], days: Mapping[AccountId, Days], histories: MonthReader
) -> dict[AccountId, Use]:
    """Return what the points of each account measured on its days."""
    keys = {
        month_key(link.point_id, IMPORT_KWH, month)
        for account in accounts
        for link in account.points
        for month in _months(days[account.id])
    }
    months = await histories.months(keys) if keys else {}
    return {account.id: _use(account, days[account.id], months) for account in accounts}


def _use(account: Account, days: Days, months: Mapping[bytes, MonthOfDays]) -> Use:
    entries: dict[date, list[DayTotals]] = {}
    points: dict[date, int] = {}
    as_of: datetime | None = None
    for link in account.points:
        for month in _months(days):
            found = months.get(month_key(link.point_id, IMPORT_KWH, month))
            dated = found.dated() if found else {}
            if found is not None:
                as_of = max(as_of, found.as_of) if as_of else found.as_of
            for day in month.days:
                if day in days and holds_on(link, day):
                    points[day] = points.get(day, 0) + 1
                    if day in dated:
                        entries.setdefault(day, []).append(dated[day])
    return {day: _day(found, of=points[day]) for day, found in entries.items()}, as_of


def _day(entries: Sequence[DayTotals], *, of: int) -> DayUse:
    kwh: dict[str, Decimal] = {}
    for entry in entries:
        for period, energy in entry.totals.items():
            kwh[period] = kwh.get(period, Decimal(0)) + from_scaled(energy, scale=entry.scale)
    whole = len(entries) == of and all(one.present >= one.expected > 0 for one in entries)
    return DayUse(kwh, worst(one.quality for one in entries) or 0, whole)


def _months(days: Days) -> list[Month]:
    found, month = [], Month.of(days.start)
    while month.first < days.end:
        found.append(month)
        month = month.shift(1)
    return found

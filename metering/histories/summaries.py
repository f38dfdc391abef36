"""What a customer's first screen says of usage: this month so far, beside the last and the same of last year."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from gridhall.kit.localdays import Days, Month
from gridhall.kit.quantity import from_scaled
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.comparing import Against, Comparison, compare
from gridhall.metering.histories.model import DayTotals
from gridhall.metering.histories.queries import MonthReader, kept_days
from gridhall.metering.histories.series import TotalsSeries
from gridhall.metering.histories.tables import DaysKept
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.quality import ESTIMATES


@dataclass(frozen=True, slots=True)
class MonthSum:
    """A month, or of the running one what has passed of it. total: None where nothing is there."""

    month: Month
    total: Decimal | None
    by_period: dict[str, Decimal]
    present: int
    expected: int


@dataclass(frozen=True, slots=True)
class UsageSummary:
    """The first screen.

    newest_day: the last day of this month or the one before of which readings came and nothing is estimated;
    missing_days: how many days after it have passed. as_of: when the newest of all was stored.
    """

    this_month: MonthSum
    last_month: MonthSum
    same_month_last_year: MonthSum
    against_last_month: Comparison
    against_last_year: Comparison
    newest_day: date | None
    missing_days: int
    as_of: datetime | None


async def usage_summary(
    *,
    point: ServicePoint,
    histories: MonthReader,
    today: date,
    channel: str = IMPORT_KWH,
    held: Days | None = None,
) -> UsageSummary:
    """Return the summary in one round trip of three keys. `held` is as in `comparison`."""
    running = Month.of(today)
    months = [running, running.shift(-1), running.shift(-12)]
    kept = await kept_days(point, channel, months, histories, until=today, held=held)
    this, last, year_ago = (_sum(month, kept) for month in months)
    yesterday = today - timedelta(days=1)
    recent = Days(months[1].first, today)
    newest = max((day for day, entry in kept.of(recent) if entry and _measured(entry)), default=None)
    first = max(recent.start, held.start) if held else recent.start
    return UsageSummary(
        this_month=this,
        last_month=last,
        same_month_last_year=year_ago,
        against_last_month=compare(kept=kept, days=running.days, against=Against.PREVIOUS_PERIOD, today=today),
        against_last_year=compare(kept=kept, days=running.days, against=Against.SAME_PERIOD_LAST_YEAR, today=today),
        newest_day=newest,
        missing_days=max(0, (yesterday - newest).days if newest else (today - first).days),
        as_of=kept.as_of,
    )


def _measured(entry: DayTotals) -> bool:
    return entry.present > 0 and entry.quality not in ESTIMATES


def _sum(month: Month, kept: DaysKept) -> MonthSum:
    series: TotalsSeries = kept.by_month(month.days)
    total = series.totals[0]
    energy = {code: values[0] for code, values in series.by_period.items()}
    return MonthSum(
        month=month,
        total=None if total is None else from_scaled(total, scale=series.scale),
        by_period={code: from_scaled(value, scale=series.scale) for code, value in energy.items() if value is not None},
        present=series.present[0],
        expected=series.expected[0],
    )

"""Provisional bills: of a meter that was not read, where the region allows one, until the next real read settles it.

Estimation may fill a curve and never the last word of a bill (估抄 is forbidden). So such a bill says what it is and
what its estimate rests on, its registers show no closing read, and it is taken back as soon as one is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.making import make
from gridhall.billing.bills.meters import Reads
from gridhall.billing.bills.model import Basis, Bill, BillKind, RegisterRow
from gridhall.billing.bills.pricing import Pricing, pricing_of
from gridhall.billing.bills.rows import readings
from gridhall.billing.regions import region
from gridhall.billing.tariffs.quantity import billed_energy
from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import Days, Month
from gridhall.kit.quantity import from_scaled
from gridhall.metering.histories.queries import period_totals
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.load.years import a_year_before
from gridhall.metering.quality import ESTIMATES

LUNAR_WEEKS: Final = "lunar_weeks_of_last_year"
LAST_BILLS: Final = "mean_of_last_bills"

_UNREAD: Final = frozenset({"no_register_read", "register_read_estimated"})
_BILLS: Final = 3
"""So many last bills make the mean: a season, and not a year."""

Estimate = tuple[Basis, Mapping[tuple[UUID, str], Decimal]]
"""What an estimate rests on, and the kWh it expects of each point and period, not rounded."""


def may_be_provisional(
    wait: Waiting, *, account: Account, days: Days, last: Bill | None, today: date, after_days: int
) -> bool:
    """Return whether a period that waits for a read may be billed provisionally by now.

    Only where the region's policy allows it, and nothing else is missing than the read at its end; and the one at its
    beginning where the bill before is provisional too.
    """
    if not region(account.region).provisional or today < days.end + timedelta(days=after_days):
        return False
    lacking = dict(wait.params).get("day")
    missing = {days.end.isoformat()}
    if last is not None and last.kind is BillKind.PROVISIONAL and last.days.end == days.start:
        missing.add(days.start.isoformat())
    return wait.code in _UNREAD and lacking in missing


@dataclass(frozen=True, slots=True)
class Estimating:
    """Where estimates are made. after_days: how long a period waits for its read before one is."""

    histories: HistoryRepository
    after_days: int
    zone: str

    async def estimate(
        self, *, account: Account, days: Days, periods: Sequence[str], earlier: Sequence[Bill]
    ) -> Estimate | None:
        """Return what an account is expected to use, None where nothing is known to expect it by.

        The same weeks of last year, aligned by the moon, where their curve is whole; else the mean of the last bills.
        """
        then = a_year_before(days, zone=self.zone)
        ids = [link.point_id for link in account.points_in(days)]
        totals = await period_totals(point_ids=ids, days=then, histories=self.histories)
        if ids and all(id_ in totals and totals[id_].present == totals[id_].expected for id_ in ids):
            expected = {
                (id_, period): from_scaled(value, scale=one.scale)
                for id_, one in totals.items()
                for period, value in {**one.by_period, "total": one.total}.items()
                if period in periods
            }
            return _basis(LUNAR_WEEKS, then, expected, periods), expected
        return _by_bills(earlier, days=days, periods=periods)


async def provisional_bill(
    *, estimating: Estimating, account: Account, month: Month, reads: Reads, known: Sequence[Bill], now: datetime
) -> Bill | None:
    """Return the provisional draft of an account's month; None where nothing is known to estimate it by."""
    days = account.period(month)
    pricing = pricing_of(account, days)
    if isinstance(pricing, Waiting):
        return None
    earlier = [bill for bill in known if bill.status.counts]
    estimate = await estimating.estimate(account=account, days=days, periods=pricing.periods, earlier=earlier)
    last = next((bill for bill in reversed(earlier) if bill.days.end == days.start), None)
    rows = estimate and _rows(estimate, account=account, days=days, pricing=pricing, reads=reads, last=last)
    if not rows or estimate is None:
        return None
    opened = [
        reads[link.point_id, days.start] for link in account.points_in(days) if (link.point_id, days.start) in reads
    ]
    made = make(
        pricing,
        account=account,
        month=month,
        rows=rows,
        readings=readings((read, read) for read in opened if read.quality not in ESTIMATES),
        known=known,
        now=now,
        basis=estimate[0],
    )
    return None if isinstance(made, Waiting) else made


def _rows(
    estimate: Estimate, *, account: Account, days: Days, pricing: Pricing, reads: Reads, last: Bill | None
) -> tuple[RegisterRow, ...] | None:
    """Return register rows without a closing read; None where the meter of a point is not known."""
    before = {row.point_id: row for row in last.registers} if last else {}
    rows: list[RegisterRow] = []
    for link in account.points_in(days):
        opening = reads.get((link.point_id, days.start))
        if opening is not None and opening.quality in ESTIMATES:
            opening = None
        known = opening or before.get(link.point_id)
        if known is None:
            return None
        for period in pricing.periods:
            expected = estimate[1].get((link.point_id, period), Decimal(0))
            value = opening.values.get(period) if opening else None
            rows.append(
                RegisterRow(
                    point_id=link.point_id,
                    meter=known.meter,
                    period=period,
                    opening=from_scaled(value, scale=opening.scale) if opening and value is not None else None,
                    closing=None,
                    multiplier=known.multiplier,
                    kwh=billed_energy(pricing.version.quantity, metered=expected).kwh,
                )
            )
    return tuple(rows)


def _by_bills(earlier: Sequence[Bill], *, days: Days, periods: Sequence[str]) -> Estimate | None:
    last = [bill for bill in earlier if bill.kind is BillKind.REGULAR and bill.days.end <= days.start][-_BILLS:]
    counted = sum(len(bill.days) for bill in last)
    if not counted:
        return None
    expected: dict[tuple[UUID, str], Decimal] = {}
    for bill in last:
        for row in bill.registers:
            if row.period in periods:
                place = (row.point_id, row.period)
                expected[place] = expected.get(place, Decimal(0)) + row.kwh * len(days) / counted
    if not expected:
        return None
    return _basis(LAST_BILLS, Days(last[0].days.start, last[-1].days.end), expected, periods), expected


def _basis(method: str, days: Days, expected: Mapping[tuple[UUID, str], Decimal], periods: Sequence[str]) -> Basis:
    sums = {period: sum((kwh for (_, of), kwh in expected.items() if of == period), Decimal(0)) for period in periods}
    return Basis(method, days, tuple((period, kwh.quantize(Decimal("0.01"))) for period, kwh in sums.items()))

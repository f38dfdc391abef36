"""Catching up: the next real read settles provisional bills, each month getting what was used in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.making import make
from gridhall.billing.bills.model import Bill, BillKind, BillStatus, RegisterRow
from gridhall.billing.bills.pricing import Pricing, pricing_of
from gridhall.billing.bills.rows import Stretch, read_stretches, readings, register_rows
from gridhall.billing.bills.sources import SourceReader, Span
from gridhall.billing.credits.plan import Plan, Swap
from gridhall.billing.credits.spreading import spread
from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import Days, Month
from gridhall.metering.quality import ESTIMATES

_LOOK_AHEAD_MONTHS = 12


@dataclass(frozen=True, slots=True)
class _Month:
    """A month to bill: its days, how it is priced, and the provisional bill that it has, if any."""

    month: Month
    days: Days
    pricing: Pricing
    old: Bill | None


def unsettled(bills: Sequence[Bill], bill: Bill) -> list[Bill]:
    """Return the provisional bills in a row to which one belongs, oldest first."""
    standing = [one for one in bills if one.status.counts]
    at = next(number for number, one in enumerate(standing) if one.id == bill.id)
    first = last = at
    while first > 0 and standing[first - 1].kind is BillKind.PROVISIONAL:
        first -= 1
    while last + 1 < len(standing) and standing[last + 1].kind is BillKind.PROVISIONAL:
        last += 1
    return standing[first : last + 1]


async def catch_up(
    *, account: Account, bill: Bill, known: Sequence[Bill], sources: SourceReader, today: date, now: datetime
) -> Plan | Waiting:
    """Return what settles the provisional bills in a row to which one belongs, or say what they wait for.

    Everything from the last read before them to the newest real read at the end of a period that has ended: that may
    be one of theirs, or of a month behind them that has no bill yet. Between two reads each month gets its share.
    """
    row = unsettled(known, bill)
    months = _months(account, row, today)
    if isinstance(months, Waiting):
        return months
    borders = [months[0].days.start, *(one.days.end for one in months)]
    span = await sources.read_over(account=account, borders=borders)
    read = [day for day in borders if _read_on(account, span, day)]
    if len(read) < 2 or read[0] != borders[0]:  # noqa: PLR2004 - a beginning and an end
        return Waiting("no_register_read", (("day", borders[1].isoformat()),))
    last_needed = next((day for day in read if day >= row[-1].days.end), read[-1])
    drafts: list[tuple[_Month, Bill]] = []
    for start, end in pairwise([day for day in read if day <= last_needed]):
        within = [one for one in months if start <= one.days.start and one.days.end <= end]
        made = _between(account, within, span, _standing(known, drafts), now)
        if isinstance(made, Waiting):
            return made
        drafts += made
    swaps = tuple(Swap(one.old, new) for one, new in drafts if one.old is not None)
    return Plan(swaps, added=tuple(new for one, new in drafts if one.old is None))


def _months(account: Account, row: Sequence[Bill], today: date) -> list[_Month] | Waiting:
    """Return the months of the provisional bills, and those behind them that have ended."""
    found: list[_Month] = []
    old: dict[Month, Bill] = {bill.month: bill for bill in row}
    month = row[0].month
    while month <= row[-1].month or len(found) < len(row) + _LOOK_AHEAD_MONTHS:
        days = account.period(month)
        if days.end > today:
            break
        pricing = pricing_of(account, days)
        if isinstance(pricing, Waiting):
            return pricing
        found.append(_Month(month, days, pricing, old.get(month)))
        month = month.shift(1)
    return found


def _read_on(account: Account, span: Span, day: date) -> bool:
    """Return whether every point of the account was really read as a day began, and nobody doubts it."""
    for link in account.points_in(span.days):
        read = span.reads.get((link.point_id, day))
        if read is None or read.quality in ESTIMATES or (link.point_id, day) in span.doubted:
            return False
    return bool(account.points_in(span.days))


def _between(
    account: Account, months: Sequence[_Month], span: Span, known: Sequence[Bill], now: datetime
) -> list[tuple[_Month, Bill]] | Waiting:
    """Draft the months between two reads."""
    days = Days(months[0].days.start, months[-1].days.end)
    moves = {id_: [move for move in of if days.start < move.day <= days.end] for id_, of in span.moves.items()}
    links = account.points_in(span.days)
    parts = read_stretches(links, days=days, reads=span.reads, moves=moves, doubted=span.doubted)
    if isinstance(parts, Waiting):
        return parts
    pricing = months[0].pricing
    if any(set(one.pricing.periods) != set(pricing.periods) for one in months):
        return Waiting("registers_of_another_tariff")
    made: list[tuple[_Month, Bill]] = []
    shared = [_shares(part, months, span, pricing) for part in parts]
    for number, one in enumerate(months):
        rows: list[RegisterRow] = []
        for of_part in shared:
            if isinstance(of_part, Waiting):
                return of_part
            rows += of_part[number]
        stood = _standing(known, made)
        if one.old is not None:
            stood = [replace(bill, status=BillStatus.CANCELLED) if bill.id == one.old.id else bill for bill in stood]
        new = make(
            one.pricing,
            account=account,
            month=one.month,
            rows=rows,
            readings=readings(part for part in parts if part[0].day < one.days.end and one.days.start < part[1].day),
            known=stood,
            now=now,
            replaces=one.old,
        )
        if isinstance(new, Waiting):
            return new
        made.append((one, new))
    return made


def _shares(part: Stretch, months: Sequence[_Month], span: Span, pricing: Pricing) -> list[list[RegisterRow]] | Waiting:
    """Return the rows of one meter between two reads, a list a month."""
    rows = register_rows([part], periods=pricing.periods, rule=pricing.version.quantity, digits=span.digits)
    if isinstance(rows, Waiting):
        return rows
    days = Days(part[0].day, part[1].day)
    touched = [one.days.start < days.end and days.start < one.days.end for one in months]
    found: list[list[RegisterRow]] = [[] for _ in months]
    for row in rows:
        curve = _curve(span, row.point_id, row.period)
        of_months = [one.days for one, touches in zip(months, touched, strict=True) if touches]
        shares = iter(spread(row.kwh, days=days, months=of_months, curve=curve, step=pricing.version.quantity.step))
        for number, touches in enumerate(touched):
            if touches:
                found[number].append(replace(row, kwh=next(shares)))
    return found


def _curve(span: Span, point_id: UUID, period: str) -> Mapping[date, Decimal]:
    return {day: used[period] for day, used in span.curve.get(point_id, {}).items() if period in used}


def _standing(known: Sequence[Bill], made: Sequence[tuple[_Month, Bill]]) -> list[Bill]:
    gone = {one.old.id for one, _ in made if one.old is not None}
    stood = [replace(bill, status=BillStatus.CANCELLED) if bill.id in gone else bill for bill in known]
    fresh = [new for _, new in made if new.id not in {bill.id for bill in stood}]
    return sorted([*stood, *fresh], key=lambda bill: (bill.month, bill.sequence))

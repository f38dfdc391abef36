"""The parts of an e-bill's page, each from the bill in the books. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final, TypeVar
from uuid import UUID

from gridhall.billing.accounts.model import Term
from gridhall.billing.arrears.model import supply_class
from gridhall.billing.arrears.policies import policy
from gridhall.billing.bills.model import NO_POINT, Bill, BillKind, BillOrigin, BillStatus
from gridhall.billing.bills.model import RegisterRow as BilledRow
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.cycle import cycle_days
from gridhall.billing.tariffs.households import kinds_on, tiers_of
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.kit.localdays import Days
from gridhall.kit.money import Fen
from gridhall.metering.histories.series import PeriodTotals
from gridhall.metering.quality import Quality
from gridhall.metering.registers.origin import How
from gridhall.notifications.ebill.model import (
    MAX_LINES,
    MAX_REGISTERS,
    OF_ENERGY,
    Basis,
    ChargeLine,
    LateFee,
    LineKind,
    Note,
    NoteKind,
    ReadingSource,
    RegisterRow,
    TierBar,
)

One = TypeVar("One")

_NOTHING: Final = Decimal(0)
_LEAST_SURE_LAST: Final = list(Basis)
_NAMED_METERS: Final = 3
_PLAIN = "total"
_FROM_SUPPLIER = "supplier"
_BY_PEOPLE = "people"
_BY_ITSELF = frozenset({How.REMOTE, How.EXCHANGE})


def tariff_of(bill: Bill) -> TariffVersion | None:
    """Return the tariff version of a bill; None of an imported one whose tariff is not known here."""
    return catalogue.version(bill.tariff_code, on=bill.tariff_from) if bill.tariff_code else None


def charge_lines(bill: Bill) -> tuple[ChargeLine, ...]:
    """Return the lines of energy, and then the charges beside it: together where they are more than the page holds."""
    energy = [
        ChargeLine(
            kind=LineKind(line.kind),
            period=line.period or _PLAIN,
            tier=line.tier,
            kwh=line.kwh,
            price=line.price,
            amount=line.amount,
            span=_span(line.days) if line.days and line.days != bill.days else "",
        )
        for line in bill.lines
    ]
    beside = [
        ChargeLine(
            kind=LineKind(one.kind.value),
            period="",
            tier=1,
            kwh=one.quantity,
            price=one.price,
            amount=one.amount,
            title=one.title,
            unit=one.unit,
        )
        for one in bill.charges
    ]
    if len(energy) + len(beside) <= MAX_LINES:
        return (*energy, *beside)
    energy = [_added(lines) for lines in _grouped(energy, lambda line: (line.kind, line.period, line.tier))]
    return together((*energy, *beside), most=max(0, MAX_LINES - len(energy) - 1))


def together(lines: Sequence[ChargeLine], *, most: int) -> tuple[ChargeLine, ...]:
    """Return lines of which so many at most are charges beside energy, and one for all others of these together."""
    energy = [line for line in lines if line.kind in OF_ENERGY]
    beside = [line for line in lines if line.kind not in OF_ENERGY]
    rest = Fen(sum(line.amount for line in beside[most:]))
    folded = [ChargeLine(LineKind.REST, "", 1, None, None, rest)] if beside[most:] else []
    return (*energy, *beside[:most], *folded)


def _added(lines: Sequence[ChargeLine]) -> ChargeLine:
    """Return lines of one kind, period and tier as one; without a price where it changed."""
    prices = {line.price for line in lines}
    return replace(
        lines[0],
        kwh=sum((line.kwh or _NOTHING for line in lines), _NOTHING),
        price=prices.pop() if len(prices) == 1 else None,
        amount=Fen(sum(line.amount for line in lines)),
        span="",
    )


def register_rows(bill: Bill) -> tuple[RegisterRow, ...]:
    """Return what the meters showed; their numbers where there are several, a sum a period where they are too many."""
    several = len({row.meter for row in bill.registers}) > 1
    rows = tuple(
        RegisterRow(
            period=row.period,
            opening=row.opening,
            closing=row.closing,
            multiplier=Decimal(row.multiplier),
            billed_kwh=row.kwh,
            meter=row.meter if several else "",
            basis=None if bill.origin is BillOrigin.IMPORTED else _basis(bill, row),
        )
        for row in bill.registers
    )
    if not _are_together(bill):
        return rows
    return tuple(
        RegisterRow(
            period=of_period[0].period,
            opening=None,
            closing=None,
            multiplier=None,
            billed_kwh=sum((row.billed_kwh for row in of_period), _NOTHING),
            basis=max((row.basis for row in of_period if row.basis), key=_LEAST_SURE_LAST.index, default=None),
        )
        for of_period in _grouped(rows, lambda row: row.period)
    )


def _are_together(bill: Bill) -> bool:
    return len(bill.registers) > MAX_REGISTERS


def _grouped(ones: Iterable[One], key: Callable[[One], object]) -> list[list[One]]:
    """Return them by their keys, in the order in which these first come."""
    groups: dict[object, list[One]] = {}
    for one in ones:
        groups.setdefault(key(one), []).append(one)
    return list(groups.values())


def _basis(bill: Bill, row: BilledRow) -> Basis:
    if row.estimated:
        return Basis.ESTIMATED
    days = row.days or bill.days
    if not bill.days.start <= days.start <= days.end <= bill.days.end:
        return Basis.SHARED
    ends = [one for one in bill.readings if (one.point_id, one.meter) == (row.point_id, row.meter)]
    corrected = any(one.quality == Quality.EDITED and one.day in {days.start, days.end} for one in ends)
    return Basis.CORRECTED if corrected else Basis.READ


def points_of(bill: Bill) -> Collection[UUID]:
    """Return the service points whose registers a bill stands on."""
    return {row.point_id for row in bill.registers} - {NO_POINT}


def reading_of(bill: Bill, *, curves: Mapping[UUID, PeriodTotals]) -> ReadingSource:
    """Return where the readings come from. curves: of the bill's days, of those of its points that have any."""
    meters = dict.fromkeys(row.meter for row in bill.registers)
    # A person's read is told by its own id.
    ways = (one.source if one.source in _BY_ITSELF else _BY_PEOPLE for one in bill.readings)
    sources = tuple(dict.fromkeys(ways))
    imported = bill.origin is BillOrigin.IMPORTED
    expected = sum(one.expected for one in curves.values())
    present = Decimal(sum(one.present for one in curves.values()))
    numbers = list(meters)
    return ReadingSource(
        meter_number="、".join(numbers if len(numbers) <= _NAMED_METERS else [f"{numbers[0]} … {numbers[-1]}"]) or "–",
        # Points without any curve lack all that the others have.
        coverage=present / expected * len(curves) / len(points_of(bill)) if expected else None,
        unsure_days=max((one.unsure_days for one in curves.values()), default=0),
        is_provisional=bill.kind is BillKind.PROVISIONAL,
        sources=(_FROM_SUPPLIER,) if imported else sources,
        together=len(meters) if _are_together(bill) else 0,
    )


def tier_bar(bill: Bill, version: TariffVersion, *, terms: Collection[Term]) -> TierBar | None:
    """Return where the bill stands in the tiers of its cycle: only what counts to them. None where nothing does.

    Nor has a bill one place where tiers begin anew inside it: by a tariff of another cycle, or any change in a monthly
    one. version: of its first day. terms: of the household, whose tiers are those of the bill's last day.
    """
    versions = [version, *(catalogue.version_named(line.version) for line in bill.lines if line.version)]
    changes = len({line.days for line in bill.lines}) > 1
    if len({one.cycle for one in versions}) > 1 or (changes and version.cycle.every == "month"):
        return None
    version = versions[-1]
    cycle = cycle_days(version.cycle, on=bill.days.start)
    kinds = kinds_on(version, terms=terms, day=bill.days.end - timedelta(days=1))
    tiers = tiers_of(version, kinds=kinds, terms=terms, day=bill.days.start, month=bill.month.number)
    if len(tiers) == 1:
        return None
    monthly = version.cycle.every == "month"
    return TierBar(
        boundaries=tuple(tier.upto_kwh for tier in tiers if tier.upto_kwh is not None),
        used_before=bill.used_before,
        used_now=bill.counted_kwh,
        cycle_label=str(bill.month) if monthly else f"{cycle.start} – {cycle.end - timedelta(days=1)}",
    )


def notes_of(bill: Bill, *, replaced: str) -> tuple[Note, ...]:
    """Return what has to be said above all else. replaced: the number of the bill in whose place it came."""
    notes: list[Note] = []
    if bill.status is BillStatus.CANCELLED:
        notes.append(Note(NoteKind.CANCELLED, f"R{bill.number}"))
    if bill.kind is BillKind.PROVISIONAL:
        notes.append(Note(NoteKind.PROVISIONAL))
    if replaced:
        notes.append(Note(NoteKind.REPLACES, replaced))
    if bill.origin is BillOrigin.IMPORTED:
        notes.append(Note(NoteKind.NOT_CALCULATED if bill.charges else NoteKind.IMPORTED))
    return tuple(notes)


def late_fee_of(bill: Bill) -> LateFee | None:
    """Return what a late payment costs by the policy of the bill's region and class on its due day."""
    if bill.due_on is None:
        return None
    found = policy(bill.region, supply_class(bill.tariff_code), on=bill.due_on)
    return LateFee(found.rate.this_year, found.rate.earlier_years) if found else None


def _span(days: Days) -> str:
    last = days.end - timedelta(days=1)
    return f"{days.start:%m-%d}–{last:%m-%d}"

"""From what the registers showed to the energy that was billed."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from gridhall.billing.bills.explaining.model import Section, Step, text
from gridhall.billing.bills.model import Bill, RegisterRow
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.quantity import billed_energy
from gridhall.metering.points.model import MAX_DIGITS

_NOTHING: Final = Decimal(0)


def reading_steps(bill: Bill, version: TariffVersion | None) -> Iterator[Step]:
    """Yield what each register showed and how its energy was rounded; then their sum.

    version: whose rule of quantity holds, None of a bill whose tariff is not known here.
    """
    for row in bill.registers:
        yield from _row(bill, row, version)
    summed = sum((row.kwh for row in bill.registers), _NOTHING)
    if len(bill.registers) > 1:
        parts = " + ".join(text(row.kwh) for row in bill.registers)
        yield Step(Section.READINGS, "energy", {"parts": parts, "kwh": text(bill.kwh)}, holds=summed == bill.kwh)


def _row(bill: Bill, row: RegisterRow, version: TariffVersion | None) -> Iterator[Step]:
    named = {"meter": row.meter, "kwh": text(row.kwh)}
    if row.opening is None or row.closing is None:
        yield Step(Section.READINGS, "estimated", named, row.period, version)
        return
    ran_over = row.closing < row.opening
    used = row.closing - row.opening
    if ran_over:
        used += _turn(row, version)
    numbers = {
        **named,
        "opening": text(row.opening),
        "closing": text(row.closing),
        "used": text(used),
        "multiplier": str(row.multiplier),
        "metered": text(used * row.multiplier),
    }
    shared = row.days is not None and not (bill.days.start <= row.days.start <= row.days.end <= bill.days.end)
    if row.days is not None and row.days != bill.days:
        days = {"meter": row.meter, "from": str(row.days.start), "to": str(row.days.end)}
        yield Step(Section.READINGS, "shared_days" if shared else "part_days", days, row.period, version)
    yield Step(Section.READINGS, "ran_over" if ran_over else "counted", numbers, row.period, version)
    if shared:
        yield Step(Section.READINGS, "share", named, row.period, version)
    elif version is not None:
        yield _rounded(row, version, used)


def _rounded(row: RegisterRow, version: TariffVersion, used: Decimal) -> Step:
    """What the opening read left over was not billed before it, so it is billed now; what is left now, comes next."""
    rule, opening = version.quantity, row.opening or _NOTHING
    carried = billed_energy(rule, metered=opening * row.multiplier).carried
    metered = used * row.multiplier
    billed = billed_energy(rule, metered=metered, carried=carried)
    numbers = {
        "metered": text(metered),
        "carried": text(carried),
        "sum": text(metered + carried),
        "step": text(rule.step),
        "kwh": text(billed.kwh),
        "left": text(billed.carried),
    }
    code = f"{'carried' if rule.carried else 'rounded'}_{rule.rounding}"
    return Step(Section.READINGS, code, numbers, row.period, version, holds=billed.kwh == row.kwh)


def _turn(row: RegisterRow, version: TariffVersion | None) -> Decimal:
    """Return what a register counts until it begins again at 0: the fewest digits by which it comes to the billed kWh.

    The bill keeps the energy and not the digits.
    """
    opening, closing = row.opening or _NOTHING, row.closing or _NOTHING
    fewest = len(str(int(opening)))
    for digits in range(fewest, MAX_DIGITS + 1):
        turn = Decimal(10) ** digits
        used = (closing - opening + turn) * row.multiplier
        if version is None:
            return turn
        carried = billed_energy(version.quantity, metered=opening * row.multiplier).carried
        if billed_energy(version.quantity, metered=used, carried=carried).kwh == row.kwh:
            return turn
    return Decimal(10) ** fewest

"""A supplier's bill beside the same bill as we compute it: where they differ, line by line. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from gridhall.billing.bills.model import Bill, RegisterRow
from gridhall.billing.shadow.model import Difference, Finding, Verdict
from gridhall.billing.tariffs.engine import Line
from gridhall.billing.waits.model import Waiting
from gridhall.kit.money import Fen, yuan

TWO_PART = "two_part_tariff"
"""Demand, capacity and power factor are not calculated here."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two bills may be apart and still agree.

    shown: kWh between what registers show; kwh: billed energy of a register or line; price: yuan/kWh; line_fen,
    total_fen: money.
    """

    shown: Decimal = Decimal("0.01")
    kwh: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    line_fen: int = 1
    total_fen: int = 1


def tolerance_of(chosen: Mapping[str, Decimal]) -> Tolerance:
    """Return the tolerances with those that a setting names. Raises ValueError that names one there is not."""
    names = [one.name for one in fields(Tolerance)]
    for name, value in chosen.items():
        if name not in names or value < 0:
            raise ValueError(f"shadow_tolerances: {name} must be one of {', '.join(names)}, and from 0 up")
    shipped = Tolerance()
    return Tolerance(
        shown=chosen.get("shown", shipped.shown),
        kwh=chosen.get("kwh", shipped.kwh),
        price=chosen.get("price", shipped.price),
        line_fen=int(chosen.get("line_fen", shipped.line_fen)),
        total_fen=int(chosen.get("total_fen", shipped.total_fen)),
    )


@dataclass(frozen=True, slots=True)
class _Charged:
    """What the lines of one kind, period and tier charge together; several prices where one changed within."""

    kwh: Decimal
    prices: tuple[Decimal, ...]
    amount: Fen


def compare(theirs: Bill, ours: Bill | Waiting, *, tolerance: Tolerance) -> Finding:
    """Return what recomputing an imported bill comes to; `ours` is the draft of the same month, or what it waits for.

    Charges beside energy are not calculated: with them only the energy is compared, and the total is not.
    """
    if isinstance(ours, Waiting):
        if theirs.charges:
            return Finding(Verdict.NOT_CALCULATED, why=TWO_PART)
        return Finding(Verdict.NOT_COMPUTED, why=ours.code)
    differences = [
        *_days(theirs, ours),
        *_registers(theirs.registers, ours.registers, tolerance),
        *_lines(theirs.lines, ours.lines, tolerance),
    ]
    if not theirs.charges and abs(theirs.total - ours.total) > tolerance.total_fen:
        differences.append(Difference("total", "", str(yuan(theirs.total)), str(yuan(ours.total))))
    if differences:
        return Finding(Verdict.DIFFERS, tuple(differences), total=ours.total)
    if theirs.charges:
        return Finding(Verdict.NOT_CALCULATED, why=TWO_PART, total=ours.total)
    return Finding(Verdict.VERIFIED, total=ours.total)


def _days(theirs: Bill, ours: Bill) -> Iterator[Difference]:
    if theirs.days != ours.days:
        told, found = (f"{one.days.start} to {one.days.end}" for one in (theirs, ours))
        yield Difference("days", "", told, found)


def _registers(
    theirs: Sequence[RegisterRow], ours: Sequence[RegisterRow], tolerance: Tolerance
) -> Iterator[Difference]:
    told, found = ({f"{row.meter} {row.period}": row for row in rows} for rows in (theirs, ours))
    looks: tuple[tuple[str, Callable[[RegisterRow], Decimal | None], Decimal], ...] = (
        ("opening", lambda row: row.opening, tolerance.shown),
        ("closing", lambda row: row.closing, tolerance.shown),
        ("multiplier", lambda row: Decimal(row.multiplier), Decimal(0)),
        ("kwh", lambda row: row.kwh, tolerance.kwh),
    )
    for where in sorted({*told, *found} if told else ()):
        for what, look, most in looks:
            sides = (_seen(told.get(where), look), _seen(found.get(where), look))
            yield from _unlike(f"register.{what}", where, *sides, most=most)


def _lines(theirs: Sequence[Line], ours: Sequence[Line], tolerance: Tolerance) -> Iterator[Difference]:
    told, found = _charged(theirs), _charged(ours)
    for where in sorted({*told, *found}):
        one, other = told.get(where), found.get(where)
        energy = (one.kwh if one else None, other.kwh if other else None)
        yield from _unlike("line.kwh", where, *energy, most=tolerance.kwh)
        prices = (_price(one), _price(other))
        if None not in prices or (one is None) != (other is None):
            yield from _unlike("line.price", where, *prices, most=tolerance.price)
        elif one and other and one.prices != other.prices:
            yield Difference("line.price", where, _listed(one.prices), _listed(other.prices))
        money = (yuan(one.amount) if one else None, yuan(other.amount) if other else None)
        yield from _unlike("line.amount", where, *money, most=yuan(Fen(tolerance.line_fen)))


def _charged(lines: Sequence[Line]) -> Mapping[str, _Charged]:
    """Return what is charged by kind, period and tier; `total` and no period are the same."""
    sums: dict[str, _Charged] = {}
    for line in lines:
        where = f"{line.kind} {line.period or 'total'} tier {line.tier}"
        before = sums.get(where, _Charged(Decimal(0), (), Fen(0)))
        prices = before.prices if line.price in before.prices else (*before.prices, line.price)
        sums[where] = _Charged(before.kwh + line.kwh, prices, Fen(before.amount + line.amount))
    return sums


def _seen(row: RegisterRow | None, look: Callable[[RegisterRow], Decimal | None]) -> Decimal | None:
    return None if row is None else look(row)


def _price(charged: _Charged | None) -> Decimal | None:
    return charged.prices[0] if charged and len(charged.prices) == 1 else None


def _listed(prices: Sequence[Decimal]) -> str:
    return ", ".join(f"{one:f}" for one in prices)


def _unlike(
    what: str, where: str, theirs: Decimal | None, ours: Decimal | None, *, most: Decimal
) -> Iterator[Difference]:
    if theirs is None and ours is None:
        return
    if theirs is None or ours is None or abs(theirs - ours) > most:
        told, found = (None if one is None else f"{one:f}" for one in (theirs, ours))
        yield Difference(what, where, told, found)

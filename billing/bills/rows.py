"""The register rows of a bill: first and last read of every meter, and the energy billed between them. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from gridhall.billing.accounts.model import PointLink
from gridhall.billing.bills.meters import Moves, Reads, counted_on, stretches
from gridhall.billing.bills.model import Reading, RegisterRow
from gridhall.billing.tariffs.model import QuantityRule
from gridhall.billing.tariffs.quantity import billed_energy
from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import Days
from gridhall.kit.quantity import from_scaled
from gridhall.metering.registers.model import RegisterRead

Stretch = tuple[RegisterRead, RegisterRead]
"""The first and the last read of a meter that counted."""


def read_stretches(
    links: Sequence[PointLink], *, days: Days, reads: Reads, moves: Moves, doubted: Collection[tuple[UUID, date]]
) -> list[Stretch] | Waiting:
    """Return what the meters of an account counted in `days`, or what the bill waits for."""
    found: list[Stretch] = []
    for link in links:
        asked = next((day for day in (days.start, days.end) if (link.point_id, day) in doubted), None)
        if asked:
            return Waiting("reread_pending", (("day", asked.isoformat()),))
        parts = stretches(point_id=link.point_id, days=days, reads=reads, moves=moves.get(link.point_id, ()))
        if isinstance(parts, Waiting):
            return parts
        found += parts
    return found if links else Waiting("no_service_point")


def register_rows(
    parts: Iterable[Stretch], *, periods: Sequence[str], rule: QuantityRule, digits: Mapping[str, int]
) -> tuple[RegisterRow, ...] | Waiting:
    """Return a row a meter and period, or what the bill waits for."""
    rows: list[RegisterRow] = []
    for opening, closing in parts:
        days = Days(opening.day, closing.day)
        for period in periods:
            if period not in opening.values or period not in closing.values:
                return Waiting("register_lacks_period", (("period", period),))
            used = counted_on(opening, closing, register=period, digits=digits.get(closing.meter))
            if used is None:
                return Waiting("register_ran_backwards", (("period", period),))
            start = from_scaled(opening.values[period], scale=opening.scale)
            kwh = billed_kwh(rule, opening=start, closing=start + used, multiplier=opening.multiplier)
            rows.append(
                RegisterRow(
                    point_id=opening.point_id,
                    meter=closing.meter,
                    period=period,
                    opening=start,
                    closing=from_scaled(closing.values[period], scale=closing.scale),
                    multiplier=opening.multiplier,
                    kwh=kwh,
                    days=days,
                )
            )
    return tuple(rows)


def billed_kwh(rule: QuantityRule, *, opening: Decimal, closing: Decimal, multiplier: int) -> Decimal:
    """Return the kWh billed between two register reads by the tariff's rule of quantity.

    What the opening read left over after the same rule was not billed before it, so it is billed now. A closing read
    beyond the end of the register's digits is given as it would be with one digit more.
    """
    left_over = billed_energy(rule, metered=opening * multiplier).carried
    return billed_energy(rule, metered=(closing - opening) * multiplier, carried=left_over).kwh


def readings(parts: Iterable[Stretch]) -> tuple[Reading, ...]:
    """Return the reads themselves, each once: where one came from, and how sure it is."""
    return tuple(dict.fromkeys(_readings(parts)))


def _readings(parts: Iterable[Stretch]) -> Iterator[Reading]:
    for part in parts:
        for read in part:
            yield Reading(read.point_id, read.meter, read.day, read.version, read.origin.source, read.quality)

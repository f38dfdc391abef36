"""Whether a meter may be exchanged: True, or why not. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final, Literal

from gridhall.kit.quantity import QuantityError, to_scaled
from gridhall.kit.subject import Refusal
from gridhall.metering.exchanges.model import Exchange
from gridhall.metering.points.model import KnownMeter, Meter, MeterLink, ServicePoint
from gridhall.metering.registers.consumption import used_between
from gridhall.metering.registers.model import RegisterRead

NO_SUCH_POINT = Refusal("exchange.no_such_point")
IN_FUTURE = Refusal("exchange.in_future")
NOT_HANGING = Refusal("exchange.not_hanging")
HUNG_THE_SAME_DAY = Refusal("exchange.hung_the_same_day")
LATER_EXISTS = Refusal("exchange.later_exists")
SAME_METER = Refusal("exchange.same_meter")
ELSEWHERE = Refusal("exchange.meter_elsewhere")
OTHER_ZONE = Refusal("exchange.other_zone")
OTHER_REGISTERS = Refusal("exchange.other_registers")
CLOSING_BELOW_LAST = Refusal("exchange.closing_below_last")
ID_REUSED = Refusal("exchange.id_reused")

SENTENCES: Final = {
    "exchange.no_such_point": "point: there is no such service point",
    "exchange.in_future": "at: must not lie in the future",
    "exchange.not_hanging": "old: does not hang at the point on that day",
    "exchange.hung_the_same_day": "at: the old meter was hung on that day itself; enter the day after",
    "exchange.later_exists": "at: a later exchange of this point is entered already; only the last one can be added to",
    "exchange.same_meter": "new: is the old meter with the same multiplier, or shows other registers than the old one",
    "exchange.meter_elsewhere": "new: hangs at another point on that day or later",
    "exchange.other_zone": "new: hung in another time zone before",
    "exchange.closing_below_last": "closing: shows less than the meter showed before",
    "exchange.id_reused": "id: another exchange was entered under it",
    "exchange.bad_registers": "{field}: register {register} must be a number of 0 or more, not finer than the meter",
    "exchange.other_registers": "closing, opening: must name the same registers, `total` among them",
}
"""What the command line says of a refusal."""


def counts(shown: Mapping[str, str], *, scale: int, digits: int | None, field: str) -> dict[str, int] | Refusal:
    """Return registers in counts of a meter, or which of them is no number of it."""
    found: dict[str, int] = {}
    for register, text in shown.items():
        try:
            value = to_scaled(text.strip(), scale=scale)
        except QuantityError:
            value = -1
        if value < 0 or (digits is not None and value >= 10 ** (digits + scale)):
            return Refusal("exchange.bad_registers", {"field": field, "register": register})
        found[register] = value
    return found


def may_exchange(
    exchange: Exchange,
    *,
    point: ServicePoint,
    day: date,
    new_meter: KnownMeter | None,
    now: datetime,
    skew: timedelta,
) -> Literal[True] | Refusal:
    """Say whether a meter may take another's place from a local day on.

    The old one must hang there since an earlier day with no end set; the new one must be free from that day on.
    """
    old = point.link_on(day)
    later = any(link.from_day > day for link in point.links) or (old is not None and old.to_day is not None)
    registers = exchange.closing.keys() == exchange.opening.keys() and "total" in exchange.closing
    checks = (
        (exchange.at <= now + skew, IN_FUTURE),
        (not later, LATER_EXISTS),
        (old is not None and old.meter == exchange.old, NOT_HANGING),
        (old is not None and old.from_day != day, HUNG_THE_SAME_DAY),
        (registers, OTHER_REGISTERS),
        (exchange.new.number != exchange.old or _is_another(exchange, old), SAME_METER),
    )
    against = next((refusal for holds, refusal in checks if not holds), None)
    if against is None and new_meter is not None and exchange.new.number != exchange.old:
        against = _against_place(new_meter, point, day)
    return against or True


def _is_another(exchange: Exchange, old: MeterLink | None) -> bool:
    """Say whether the same meter comes back with another multiplier, showing what it showed."""
    return old is not None and old.multiplier != exchange.multiplier and exchange.closing == exchange.opening


def _against_place(new_meter: KnownMeter, point: ServicePoint, day: date) -> Refusal | None:
    places = new_meter.points
    links = [link for place in places for link in place.links if link.meter == new_meter.meter.number]
    if any(place.zone != point.zone for place in places):
        return OTHER_ZONE
    return ELSEWHERE if any(link.to_day is None or link.to_day > day for link in links) else None


def checked_registers(
    exchange: Exchange, *, old: Meter, new: Meter, last: RegisterRead | None
) -> tuple[dict[str, int], dict[str, int]] | Refusal:
    """Return the closing and the opening registers in counts of their meters, or what stands against them."""
    closing = counts(exchange.closing, scale=old.scale, digits=old.digits, field="closing")
    opening = counts(exchange.opening, scale=new.scale, digits=new.digits, field="opening")
    if isinstance(closing, Refusal):
        return closing
    if isinstance(opening, Refusal):
        return opening
    holds = closing_holds(closing, meter=old, last=last)
    return (closing, opening) if holds is True else holds


def closing_holds(closing: Mapping[str, int], *, meter: Meter, last: RegisterRead | None) -> Literal[True] | Refusal:
    """Say whether the closing registers continue the last read: none shows less, unless it ran over its digits.

    A step of more than half of what the register can show at all is taken for a mistake rather than a rollover.
    """
    for register, value in closing.items():
        before = last.values.get(register) if last else None
        if last is None or before is None:
            continue
        scale = max(meter.scale, last.scale)
        used = used_between(
            before=before * 10 ** (scale - last.scale),
            after=value * 10 ** (scale - meter.scale),
            scale=scale,
            digits=meter.digits,
        )
        half = 10 ** ((meter.digits or 0) + scale) // 2
        if used is None or (value * 10**last.scale < before * 10**meter.scale and used > half):
            return CLOSING_BELOW_LAST
    return True

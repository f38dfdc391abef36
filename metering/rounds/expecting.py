"""What is to be found at many points, from their meters and the reads of the past, in a few round trips."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from gridhall.kit.localdays import Days, Month, day_start
from gridhall.metering.calendars import calendar
from gridhall.metering.calendars.schema import SINGLE_PERIOD as TOTAL
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.quality import ESTIMATES
from gridhall.metering.registers.model import RegisterDay, RegisterRead
from gridhall.metering.rounds.bounds import bounds_of
from gridhall.metering.rounds.model import Expected, LastRead
from gridhall.metering.rounds.stores import Rounds

_MONTHS_BACK: Final = 13
"""The same month of last year is the best witness."""

_DAYS_BACK: Final = 40
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A point with the meter that hangs there on the day it is to be read."""

    point: ServicePoint
    link: MeterLink
    meter: Meter


async def places_of(*, points: Sequence[ServicePoint], day: date, rounds: Rounds) -> list[Place]:
    """Return those of the points that have a meter on a day, with it, in their order."""
    linked = [(point, link) for point in points if (link := point.link_on(day))]
    meters = await rounds.meters.by_numbers({link.meter for _, link in linked})
    return [Place(point, link, meters[link.meter]) for point, link in linked if link.meter in meters]


async def expected_at(*, places: Sequence[Place], day: date, read_day: int, rounds: Rounds) -> list[Expected]:
    """Return what is to be found at each place around `day`, in their order.

    The past is what stands for the reading days of the last thirteen months, and every read of the last weeks.
    """
    found: list[Expected] = []
    for first in range(0, len(places), _AT_ONCE):
        some = places[first : first + _AT_ONCE]
        history = await _history([place.point.id for place in some], day, read_day, rounds)
        found += [_expected(place, history.get(place.point.id, ()), day, rounds) for place in some]
    return found


async def _history(
    point_ids: Sequence[UUID], day: date, read_day: int, rounds: Rounds
) -> dict[UUID, list[RegisterDay]]:
    months = (Month.of(day).shift(-back) for back in range(_MONTHS_BACK))
    days = [on for month in months if (on := date(month.year, month.number, read_day)) <= day]
    keys = [day_key(point_id, IMPORT_KWH, on) for point_id in point_ids for on in days]
    lately = Days(day - timedelta(days=_DAYS_BACK), day + timedelta(days=1))
    found = await rounds.registers.days(keys)
    found |= await rounds.registers.within(point_ids, channel=IMPORT_KWH, days=lately)
    by_point: dict[UUID, list[RegisterDay]] = {}
    for key in sorted(found):
        by_point.setdefault(found[key].reads[0].point_id, []).append(found[key])
    return by_point


def _expected(place: Place, past: Sequence[RegisterDay], day: date, rounds: Rounds) -> Expected:
    meter, limits = place.meter, rounds.limits
    history = [
        _at_scale(read, meter.scale)
        for one in past
        for read in one.reads
        if read.meter == meter.number and read.quality not in ESTIMATES
    ]
    periods = calendar(place.point.calendar).periods
    registers = (TOTAL,) if periods == (TOTAL,) else (TOTAL, *periods)
    until = day_start(day + timedelta(days=limits.tolerance_days + 1), place.point.zone)
    bounds = {
        register: found
        for register in registers
        if (
            found := bounds_of(
                register,
                history=history,
                until=until,
                digits=meter.digits,
                capacity_kw=place.point.capacity_kw,
                limits=limits,
            )
        )
    }
    last = history[-1] if history else None
    return Expected(
        meter=meter.number,
        multiplier=place.link.multiplier,
        scale=meter.scale,
        digits=meter.digits,
        registers=registers,
        last=LastRead(last.origin.taken_at or last.at, last.values) if last else None,
        bounds=bounds,
        place=place.point.place,
    )


def _at_scale(read: RegisterRead, scale: int) -> RegisterRead:
    """Return a read in the counts of its meter; what an earlier, finer meter description kept beyond is cut."""
    if read.scale == scale:
        return read
    values = {name: value * 10**scale // 10**read.scale for name, value in read.values.items()}
    return replace(read, scale=scale, values=values)

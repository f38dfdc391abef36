"""The demo's one meter without collection: a reader has read it every month, on the round that passes it."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import orjson

from gridhall.api.demo.people import Resident
from gridhall.api.state import State
from gridhall.kit.localdays import Days, Month
from gridhall.metering.calendars import calendar, periods_of_day
from gridhall.metering.registers.origin import Position
from gridhall.metering.rounds.bringing import bring_back
from gridhall.metering.rounds.making import make_worklist
from gridhall.metering.rounds.model import Route
from gridhall.metering.rounds.reads import HandRead
from gridhall.simulators.households import feed_lines

BY_HAND = 58
"""Index of the resident whose meter is read by people."""

_NAMESPACE = UUID("0c9a3a52-7a1e-4a3e-8d0b-4c7e1b9d2f60")
_READER = "sun.lei"
_AT = time(10, 20)
_BROUGHT_AFTER = timedelta(hours=7)
_HERE = Position(lat=30.3781, lon=120.0355, accuracy_m=8)


async def read_by_hand(state: State, people: Sequence[Resident], *, months: Sequence[Month]) -> None:
    """Walk the round of the first of every month, and bring its read back in the evening. Idempotent."""
    one = people[BY_HAND]
    found = await state.hall.people.agents.agents.by_name(_READER)
    if found is None:
        raise RuntimeError(f"the demo's reader {_READER} was not added")
    reader, _password = found
    rounds = state.metering.rounds
    route = Route(
        code="YH-01",
        name="余杭良渚一段",
        region=one.household.region,
        org_path=f"gridhall/{one.household.region}",
        points=tuple(other.point_id for other in people if other.household.region == one.household.region),
        day=1,
        reader=reader.id,
    )
    await rounds.routes.put([route])
    for day, shown in _registers(one, months, state.settings.time_zone).items():
        taken_at = datetime.combine(day, _AT, ZoneInfo(state.settings.time_zone))
        now = taken_at + _BROUGHT_AFTER
        worklist = await make_worklist(route=route, day=day, rounds=rounds, now=taken_at)
        read = HandRead(
            id=uuid5(_NAMESPACE, day.isoformat()),
            worklist=worklist.id,
            point_id=one.point_id,
            meter=one.household.meter_no,
            values=shown,
            taken_at=taken_at,
            by=reader.id,
            position=_HERE,
        )
        await bring_back(worklist=worklist, reads=[read], rounds=rounds, now=now)


def _registers(one: Resident, months: Sequence[Month], zone: str) -> dict[date, dict[str, str]]:
    """Return what the meter showed when each of the months began, and when the last one ended."""
    hours = calendar(one.calendar)
    lines = feed_lines(
        one.household,
        days=Days(months[0].first, months[-1].days.end),
        zone=zone,
        periods=hours.periods,
        periods_of=lambda day: periods_of_day(hours, day=day, minutes=15, zone=zone),
    )
    rows = [orjson.loads(line) for line in lines]
    shown = {date.fromisoformat(row["at"][:10]): row["registers"] for row in rows if "at" in row}
    return {day: registers for day, registers in shown.items() if day.day == 1}

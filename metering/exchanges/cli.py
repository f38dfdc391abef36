"""`gridhall rounds exchange`: enter a meter exchange from the command line."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer

from gridhall.kit.clock import SystemClock
from gridhall.kit.console import refuse, report
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import local_day
from gridhall.kit.subject import Refusal
from gridhall.metering.exchanges.model import Exchange, Exchanged
from gridhall.metering.exchanges.operations import exchange_meter
from gridhall.metering.exchanges.policies import SENTENCES
from gridhall.metering.exchanges.replaying import replay_exchange
from gridhall.metering.points.model import Meter
from gridhall.metering.services import open_metering


def exchange(
    *,
    at: Annotated[datetime, typer.Option(formats=["%Y-%m-%dT%H:%M:%S%z"], help="The moment, with its offset.")],
    old: Annotated[str, typer.Option(help="Number of the meter that is taken down; says at which point.")],
    new: Annotated[str, typer.Option(help="Number of the one that is hung; the same one for another multiplier.")],
    closing: Annotated[list[str], typer.Option(help="A register of the old one, like total=1361.50.")],
    opening: Annotated[list[str], typer.Option(help="A register of the new one, like total=0.")],
    reason: Annotated[str, typer.Option(help="Why it was exchanged.")],
    point: Annotated[UUID | None, typer.Option(help="Id of the service point, to be sure of it.")] = None,
    multiplier: Annotated[int, typer.Option(min=1, help="Multiplier of the new meter here.")] = 1,
    scale: Annotated[int, typer.Option(min=0, max=6, help="Decimals that the new meter counts.")] = 3,
    digits: Annotated[int | None, typer.Option(min=1, max=12, help="Whole digits of its registers.")] = None,
    minutes: Annotated[int, typer.Option(help="Length of its slots.")] = 15,
    manual: Annotated[bool, typer.Option("--manual", help="It does not send its reads itself.")] = False,
    id_: Annotated[UUID | None, typer.Option("--id", help="Enter it once, however often it is given.")] = None,
) -> None:
    """Enter a meter exchange with the registers of both meters, and take readings again that came before it."""
    try:
        meter = Meter(new, scale=scale, interval_minutes=minutes, digits=digits, remote=not manual)
    except ValueError as error:
        raise refuse(str(error)) from None
    place = point or asyncio.run(_place(old, at))
    if place is None:
        raise refuse(f"old: no meter {old} hangs at any point on that day")
    entered = Exchange(
        id=id_ or new_id(),
        point_id=place,
        at=at,
        old=old,
        new=meter,
        multiplier=multiplier,
        closing=_registers(closing, "--closing"),
        opening=_registers(opening, "--opening"),
        by=None,
        reason=reason,
    )
    done, taken = asyncio.run(_exchange(entered))
    if isinstance(done, Refusal):
        raise refuse(SENTENCES[done.code].format_map(done.params))
    report(
        {"exchange": done.exchange.id, "from": done.day.isoformat(), "readings taken again": taken},
        json=False,
        title=f"{old} → {new}",
    )


def _registers(shown: list[str], option: str) -> dict[str, str]:
    pairs = [one.partition("=") for one in shown]
    if any(not name or not value for name, _, value in pairs):
        raise refuse(f"{option}: write it like total=1361.50")
    return {name.strip(): value.strip() for name, _, value in pairs}


async def _place(old: str, at: datetime) -> UUID | None:
    """Return the point at which a meter hangs on a day, or hung until then: the exchange may be entered again."""
    async with open_metering() as metering:
        known = (await metering.points.known([old])).get(old)
        for back in (timedelta(0), timedelta(days=1)):
            for point in known.points if known else ():
                link = point.link_on(local_day(at, point.zone) - back)
                if link and link.meter == old:
                    return point.id
    return None


async def _exchange(entered: Exchange) -> tuple[Exchanged | Refusal, int]:
    async with open_metering() as metering:
        now = SystemClock().now()
        done = await exchange_meter(exchange=entered, stores=metering.exchanges, now=now)
        if isinstance(done, Refusal):
            return done, 0
        return done, await replay_exchange(done=done, replaying=metering.replaying, now=now)

"""A made-up town: households with meters, accounts and people, their readings, and bills for months that ended."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson

from gridhall.api.state import State
from gridhall.billing.accounts.model import Account, AccountId, PointLink, TariffLink
from gridhall.billing.accounts.walks import chunks
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.crm.customers.model import Binding, Customer, CustomerId, Role
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Days, Month, day_start
from gridhall.metering.feed.intake import take
from gridhall.metering.feed.model import FeedSource
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository

REGION = "zhejiang"
TARIFF = "zhejiang-residential-tou"
_CALENDAR = "zhejiang-tou"
_LOOKS_AFTER = 4
"""Every fourth customer also looks after the account of a neighbour."""


@dataclass(frozen=True, slots=True)
class Home:
    """A household: number 0 and up, its point and its account."""

    number: int
    point_id: UUID
    account_id: AccountId

    @property
    def meter(self) -> str:
        """What is written on the meter."""
        return f"33{self.number:010d}"


def homes(count: int) -> list[Home]:
    """Return households that are nowhere registered yet."""
    return [Home(number, new_id(), AccountId(new_id())) for number in range(count)]


async def install(points: PointRepository, town: Sequence[Home], *, since: date, zone: str) -> None:
    """Register points and meters."""
    await register_points(
        points=[
            ServicePoint(home.point_id, REGION, "grid/city", zone, _CALENDAR, (MeterLink(home.meter, since),))
            for home in town
        ],
        meters=[Meter(home.meter) for home in town],
        repository=points,
    )


async def settle(state: State, town: Sequence[Home], *, since: date) -> None:
    """Register points, meters and accounts."""
    await install(state.metering.points, town, since=since, zone=state.settings.time_zone)
    await state.hall.billing.accounts.add(
        [
            Account(
                id=home.account_id,
                number=f"330100{home.number:07d}",
                region=REGION,
                org_path="grid/city",
                address=f"浙江省杭州市余杭区良渚街道{home.number}号",
                kept_since=since,
                points=(PointLink(home.point_id, since),),
                tariffs=(TariffLink(TARIFF, since),),
            )
            for home in town
        ]
    )


async def people(state: State, town: Sequence[Home], *, now: datetime) -> list[CustomerId]:
    """Register the holder of every account, each bound to it."""
    crm = state.hall.people
    holders: dict[AccountId, CustomerId] = {}

    async def register(home: Home) -> None:
        phone, mail = f"139{home.number:08d}", f"home{home.number}@bench.example"
        customer = await crm.customers.get_or_add(
            Customer(CustomerId(new_id()), phone, name="王小明", mail=mail), now=now
        )
        await crm.customers.bind(customer.id, Binding(home.account_id, Role.OWNER, now))
        if home.number % _LOOKS_AFTER == 0:
            neighbour = town[(home.number + 1) % len(town)]
            await crm.customers.bind(customer.id, Binding(neighbour.account_id, Role.MEMBER, now))
        holders[home.account_id] = customer.id

    await asyncio.gather(*(register(home) for home in town))
    await crm.holders.put(holders)
    return list(holders.values())


async def read_registers(state: State, town: Sequence[Home], months: Sequence[Month]) -> None:
    """Feed what every register showed at both ends of the months."""
    zone = state.settings.time_zone
    ends = [months[0].first, *(month.days.end for month in months)]
    await _feed(
        state, (_register_row(home, count, day_start(end, zone)) for home in town for count, end in enumerate(ends))
    )


async def read_curves(state: State, town: Sequence[Home], days: Days) -> None:
    """Feed the quarters of the days."""
    await _feed(state, (day_row(home, day) for home in town for day in days))


def day_row(home: Home, day: date) -> dict[str, object]:
    """Return a day of quarters as the feed writes it."""
    kwh = [f"{quarter_wh(home, day, slot) / 1000:.3f}" for slot in range(96)]
    return {"meter": home.meter, "day": day.isoformat(), "minutes": 15, "kwh": kwh}


def quarter_wh(home: Home, day: date, slot: int) -> int:
    """Return the energy of a quarter of an hour: 0.030 to 0.120 kWh, never two days alike."""
    return 30 + (home.number * 31 + day.toordinal() * 17 + slot * 7) % 91


async def bill(state: State, month: Month) -> int:
    """Bill every account of the region for a month; return how many bills were issued."""
    issued = 0
    async for ids in chunks(accounts=state.hall.billing.accounts, region=REGION):
        made = await issue_chunk(
            issuing=state.hall.billing.issuing, account_ids=ids, month=month, now=state.clock.now()
        )
        issued += made.issued
    return issued


async def _feed(state: State, rows: Iterable[dict[str, object]]) -> None:
    async def lines() -> AsyncIterator[bytes]:
        for row in rows:
            yield orjson.dumps(row) + b"\n"

    report = await take(
        chunks=lines(),
        format="ndjson",
        source=FeedSource("bench", None, "town"),
        stores=state.metering.stores,
        limits=state.metering.limits.for_file(),
        now=state.clock.now(),
    )
    if report.quarantined:
        raise RuntimeError(f"{report.quarantined} readings of the town were refused: {report.refusals[0].sentence}")


def _register_row(home: Home, months: int, at: datetime) -> dict[str, object]:
    peak, valley = 1000 + months * (110 + home.number % 40 * 4), 500 + months * (70 + home.number % 30)
    shown = {"total": str(peak + valley), "peak": str(peak), "valley": str(valley)}
    return {"meter": home.meter, "at": at.isoformat(), "registers": shown}

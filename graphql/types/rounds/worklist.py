"""Routes and worklists as readers and supervisors see them."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.crm.agents.policies import may_read_meters
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.paging import checked_first, connection
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.kit.paging import Page, from_cursor
from gridhall.kit.quantity import from_scaled
from gridhall.metering.registers.consumption import shown_after
from gridhall.metering.rounds import model
from gridhall.notifications.ebill.assemble import masked_address

strawberry.enum(model.Cycle, name="ReadingCycle", description="In which months a route is read.")
strawberry.enum(model.Kind, name="WorklistKind", description="Why a worklist was made.")
strawberry.enum(model.State, name="EntryState", description="How far an entry of a worklist is.")
strawberry.enum(model.Obstacle, name="Obstacle", description="Why a meter could not be read.")


@strawberry.type(description="A reading route (抄表段).")
class ReadingRoute(DeskNode):
    """A reading route."""

    id: relay.NodeID[str]
    key: str = strawberry.field(description="What names it, like zhejiang/R1.")
    name: str
    region: str
    org_path: str
    day: int = strawberry.field(description="Day of the month on which it is read (抄表例日), 1 to 28.")
    cycle: model.Cycle
    points: int = strawberry.field(description="How many points are on it.")
    mine: bool = strawberry.field(description="Whether the caller usually goes.")

    @classmethod
    def of(cls, route: model.Route, info: Info) -> "ReadingRoute":
        """Present a route."""
        return cls(
            id=route.id,
            key=route.id,
            name=route.name,
            region=route.region,
            org_path=route.org_path,
            day=route.day,
            cycle=route.cycle,
            points=len(route.points),
            mine=route.reader is not None and route.reader == info.context.subject.id,
        )


@strawberry.type(description="A register that is to be read, and what it may show, so that a phone can judge offline.")
class ExpectedRegister:
    """A register that is to be read."""

    name: str = strawberry.field(description="`total` or a code of the point's time-of-use calendar.")
    last: Decimal | None = strawberry.field(description="What it showed last; null where readers do not see it.")
    least: Decimal | None = strawberry.field(description="Below it a read is doubted; after a rollover it is small.")
    most: Decimal | None = strawberry.field(description="Above it a read is doubted and has to be confirmed.")
    possible: Decimal | None = strawberry.field(description="Above it a read is impossible.")


@strawberry.type(description="Where a meter hangs, in degrees (WGS 84).")
class MeterPlace:
    """Where a meter hangs."""

    lat: float
    lon: float


@strawberry.type(description="A point to be read.")
class WorklistEntry(DeskNode):
    """A point to be read."""

    id: relay.NodeID[str]
    point_id: UUID
    position: int = strawberry.field(description="In walking order, from 1.")
    address: str | None = strawberry.field(description="Masked; null where no account pays for the point.")
    meter: str = strawberry.field(description="The number that is to be on it.")
    multiplier: int
    decimals: int = strawberry.field(description="How many it shows at most.")
    digits: int | None = strawberry.field(description="Whole digits before it begins again at 0.")
    registers: list[ExpectedRegister]
    last_at: datetime | None
    place: MeterPlace | None
    state: model.State
    asked: int = strawberry.field(description="How often it was asked to be read again (补抄).")
    asked_why: str | None
    obstacle: model.Obstacle | None = strawberry.field(description="Why it could not be read, last time.")
    first_right: bool = strawberry.field(description="Read once, and right (一次抄准).")
    revision: int

    @classmethod
    def of(cls, entry: model.Entry, *, address: str | None, show_last: bool) -> "WorklistEntry":
        """Present an entry to somebody who may read it."""
        expected = entry.expected
        return cls(
            id=entry.id,
            point_id=entry.point_id,
            position=entry.position,
            address=masked_address(address) if address else None,
            meter=expected.meter,
            multiplier=expected.multiplier,
            decimals=expected.scale,
            digits=expected.digits,
            registers=[_register(name, expected, show_last=show_last) for name in expected.registers],
            last_at=expected.last.at if expected.last else None,
            place=MeterPlace(lat=expected.place[0], lon=expected.place[1]) if expected.place else None,
            state=entry.state,
            asked=len(entry.asks),
            asked_why=entry.asks[-1].reason if entry.asks else None,
            obstacle=entry.marks[-1].obstacle if entry.marks else None,
            first_right=entry.first_right,
            revision=entry.revision,
        )


@strawberry.type(description="What one person takes along (抄表计划).")
class Worklist(DeskNode):
    """What one person takes along."""

    id: relay.NodeID[str]
    key: str = strawberry.field(description="What names it, like zhejiang/R1@2026-11-01; reads are brought back by it.")
    kind: model.Kind
    region: str
    org_path: str
    day: date
    route: str | None
    mine: bool = strawberry.field(description="Whether it was given to the caller.")
    version: int = strawberry.field(description="Grows with every change: a phone's copy of it is the newest or not.")
    closed: bool

    @strawberry.field(description="Its points in walking order.")
    async def entries(self, info: Info, first: int = 50, after: str | None = None) -> relay.Connection[WorklistEntry]:
        """Return a page of entries with their masked addresses."""
        limit, hall = checked_first(first), info.context.hall
        start = _position(from_cursor(after)) if after else 0
        found = await hall.metering.rounds.entries.page(self.key, after=start, limit=limit + 1)
        addresses = await _addresses(info, [entry.point_id for entry in found[:limit]])
        page = Page.cut(found, limit=limit, key=lambda entry: str(entry.position))
        show_last = hall.metering.rounds.limits.show_last
        return connection(
            page.map(lambda entry: WorklistEntry.of(entry, address=addresses.get(entry.point_id), show_last=show_last)),
            after=after,
        )

    @classmethod
    def of(cls, worklist: model.Worklist, info: Info) -> "Worklist":
        """Present a worklist to somebody who may take it along."""
        return cls(
            id=worklist.id,
            key=worklist.id,
            kind=worklist.kind,
            region=worklist.region,
            org_path=worklist.org_path,
            day=worklist.day,
            route=worklist.route,
            mine=worklist.reader is not None and worklist.reader == info.context.subject.id,
            version=worklist.version,
            closed=worklist.closed,
        )


async def visible_worklist(info: Info, key: str) -> model.Worklist | None:
    """Return a worklist that the caller may take along, None where there is none."""
    worklist = await info.context.hall.metering.rounds.lists.load(key)
    if worklist is None:
        return None
    may = may_read_meters(info.context.subject, region=worklist.region, org_path=worklist.org_path)
    return worklist if may is True else None


def _register(name: str, expected: model.Expected, *, show_last: bool) -> ExpectedRegister:
    last = expected.last.values.get(name) if expected.last else None
    bounds = expected.bounds.get(name)
    if last is None or bounds is None:
        return ExpectedRegister(name=name, last=None, least=None, most=None, possible=None)

    def shown(used: int) -> Decimal:
        after = shown_after(before=last, used=used, scale=expected.scale, digits=expected.digits)
        return from_scaled(after, scale=expected.scale)

    return ExpectedRegister(
        name=name,
        last=from_scaled(last, scale=expected.scale) if show_last else None,
        least=shown(bounds.least),
        most=shown(bounds.most),
        possible=shown(bounds.possible),
    )


async def _addresses(info: Info, point_ids: Sequence[UUID]) -> dict[UUID, str]:
    accounts = info.context.hall.billing.accounts
    found = await accounts.of_points(point_ids)
    known = await accounts.load(set(found.values()))
    return {point_id: known[account_id].address for point_id, account_id in found.items() if account_id in known}


def _position(key: str) -> int:
    if not key.isdecimal() or len(key) > 6:  # noqa: PLR2004 - no list has a million points
        raise RefusedError("input.bad_cursor")
    return int(key)

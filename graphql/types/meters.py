"""The fields of an account, a customer's and the desk's alike, that tell which meters count for it."""

import asyncio
from datetime import date
from uuid import UUID

import strawberry

from gridhall.billing.accounts import model
from gridhall.graphql.context import Info
from gridhall.graphql.paging import checked_first
from gridhall.graphql.types.usage import Channel
from gridhall.metering.points.model import MeterLink


@strawberry.type(description="A meter that counts, or counted, for an account.")
class AccountMeter:
    """A meter that counts for an account."""

    number: str = strawberry.field(description="What is written on it.")
    point_id: UUID = strawberry.field(description="The service point at which it hangs.")
    from_day: date = strawberry.field(description="The first local day on which it counts for the account.")
    to_day: date | None = strawberry.field(description="The first day on which it no longer does; null for none.")
    multiplier: int = strawberry.field(description="What it counts, times this (倍率), is the account's energy.")
    channels: list[Channel] = strawberry.field(description="What it counts; none where its record is not there.")


@strawberry.type
class MeterFields:
    """What every account tells of its meters."""

    record: strawberry.Private[model.Account]

    @strawberry.field(description="Meters that count or counted for the account, the last hung first.")
    async def meters(self, info: Info, first: int = 10) -> list[AccountMeter]:
        """Return the account's last meters; what hung at a point before or after the account had it is not there."""
        limit, hall = checked_first(first), info.context.hall
        points = await hall.joined_points.by_ids({link.point_id for link in self.record.points})
        hung = [
            (held.point_id, link)
            for held in self.record.points
            if held.point_id in points
            for link in points[held.point_id].links_within(held.from_day, held.to_day)
        ]
        hung = sorted(hung, key=lambda one: one[1].from_day, reverse=True)[:limit]
        return await asyncio.gather(*(_meter(info, point_id, link) for point_id, link in hung))


async def _meter(info: Info, point_id: UUID, link: MeterLink) -> AccountMeter:
    meter = await info.context.hall.meters.load(link.meter)
    return AccountMeter(
        number=link.meter,
        point_id=point_id,
        from_day=link.from_day,
        to_day=link.to_day,
        multiplier=link.multiplier,
        channels=[one for one in Channel if meter and one.value in meter.channels],
    )

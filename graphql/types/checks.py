"""What the checks of readings say of a usage history: a flag and a plain sentence a day."""

from datetime import date
from typing import Final, Protocol

import strawberry

from gridhall.graphql.context import Info
from gridhall.kit.localdays import Days
from gridhall.metering.histories.ranges import overlap
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.vee import sentences
from gridhall.metering.vee.queries import checks_of

MOST_DAYS: Final = 62
"""Days that are told of; a longer history is looked at for something else."""


class Held(Protocol):
    """A history: of which point, which days were asked for, and which of them may be read."""

    @property
    def point(self) -> ServicePoint:
        """The service point."""

    @property
    def days(self) -> Days:
        """The days that were asked for."""

    @property
    def held(self) -> Days:
        """The days that the caller may read."""


@strawberry.type(description="Something about the readings of a day that is worth knowing.")
class UsageNotice:
    """Something about the readings of a day."""

    day: date
    code: str = strawberry.field(description="The check: missing, sum, zero, spike, high_low and so on.")
    title: str
    text: str = strawberry.field(description="In plain words, and what it means for the bill.")


async def notices_of(info: Info, asked: Held, *, channel: str) -> list[UsageNotice]:
    """Return the notices of a history of up to 62 days, oldest first; of a longer one none."""
    if len(asked.days) > MOST_DAYS:
        return []
    days = overlap(asked.days, asked.held)
    hall, language = info.context.hall, info.context.language
    checks = hall.metering.vee.bench.checks
    judged = await checks_of(point_id=asked.point.id, days=days, checks=checks, channel=channel)
    return [
        UsageNotice(
            day=day,
            code=outcome.code,
            title=sentences.title(outcome.code, words=hall.words, language=language),
            text=sentences.told_to_customer(outcome, words=hall.words, language=language),
        )
        for day, one in judged.items()
        for outcome in one.failed
    ]

"""The loss of a transformer district as inspectors and supervisors see it: in columns, an entry a day."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Final

import strawberry

from gridhall.crm.agents.policies import may_inspect
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.scalars import Codes, Labels, Numbers
from gridhall.kit.localdays import Days
from gridhall.metering.irregular import losses

MOST_DAYS: Final = 366


@strawberry.type(
    description="Loss of a transformer district (台区线损): the i-th entry of each column is the i-th day."
)
class DistrictLoss:
    """Loss of a transformer district."""

    district: str
    members: int = strawberry.field(description="Homes, shops and works that it feeds.")
    sum_meters: int
    days: Labels
    flowed_kwh: Numbers = strawberry.field(description="By the sum meter; null where its day is not complete.")
    used_kwh: Numbers = strawberry.field(description="Of the members whose day is complete.")
    loss_kwh: Numbers
    loss_percent: Numbers = strawberry.field(description="Of what flowed.")
    measured: Codes = strawberry.field(description="Members whose day is complete.")
    coverage: Numbers = strawberry.field(
        description="Share of the members that are measured. Below 1 the loss holds what the others used, too."
    )


async def district_loss(
    info: Info, district: str, from_: Annotated[date, strawberry.argument(name="from")], to: date
) -> DistrictLoss | None:
    """Return the loss of a district, None where the agent may not see every point of it."""
    if not 0 < (to - from_).days <= MOST_DAYS:
        raise RefusedError("input.bad_range", {"most": MOST_DAYS})
    hall, subject = info.context.hall, info.context.subject
    found = await losses.district_loss(
        district=district, days=Days(from_, to), points=hall.metering.points, histories=hall.months
    )
    if found is None or not all(
        may_inspect(subject, region=one.region, org_path=one.org_path) is True for one in found.points
    ):
        return None
    return DistrictLoss(
        district=found.district,
        members=found.members,
        sum_meters=found.sum_meters,
        days=Labels([day.isoformat() for day in found.days]),
        flowed_kwh=_numbers(found.flowed),
        used_kwh=_numbers(found.used),
        loss_kwh=_numbers(found.loss),
        loss_percent=_numbers(found.percent),
        measured=Codes(list(found.measured)),
        coverage=Numbers([round(count / found.members, 4) if found.members else None for count in found.measured]),
    )


def _numbers(values: Sequence[Decimal | None]) -> Numbers:
    return Numbers([None if value is None else float(value) for value in values])

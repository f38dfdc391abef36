"""Issued bills whose readings were corrected afterwards, as agents see them."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.corrections import model
from gridhall.crm.agents.policies import units_served
from gridhall.graphql.context import Info
from gridhall.graphql.paging import Places, connection, instant_of
from gridhall.graphql.types.desk.bill import DeskBill, Evidence
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.metering.closings.model import ChangeKind

strawberry.enum(
    ChangeKind, name="CorrectionKind", description="A curve, by which a bill was reviewed, or a register it stands on."
)


strawberry.enum(model.Verdict, name="CorrectionVerdict", description="What was decided on a bill that is questioned.")


@strawberry.type(description="Who decided on a correction, and why.")
class CorrectionDecision:
    """Who decided on a correction."""

    verdict: model.Verdict
    by: str
    reason: str
    at: datetime


@strawberry.type(
    description="A day of an issued bill that was corrected afterwards: it is rebilled, or left with a reason."
)
class BillCorrection(DeskNode):
    """A correction of an issued bill's readings."""

    id: relay.NodeID[str]
    kind: ChangeKind
    day: date
    before: list[Evidence] = strawberry.field(description="As the bill knows it: kWh a period, or a register's.")
    after: list[Evidence]
    noted_at: datetime
    decided: CorrectionDecision | None = strawberry.field(description="Null while nobody has.")
    bill: DeskBill

    @classmethod
    def of(cls, one: model.Correction, *, bill: DeskBill) -> "BillCorrection":
        """Present a correction to an agent who may see its bill."""
        return cls(
            id=str(one.id),
            kind=one.kind,
            day=one.day,
            before=[Evidence(name=name, value=value) for name, value in one.before],
            after=[Evidence(name=name, value=value) for name, value in one.after],
            noted_at=one.noted_at,
            decided=CorrectionDecision(
                verdict=one.decided.verdict, by=one.decided.by, reason=one.decided.reason, at=one.decided.at
            )
            if one.decided
            else None,
            bill=bill,
        )


_PLACES: Final[Places[model.Correction, datetime, UUID]] = Places(lambda one: (one.noted_at, one.id), instant_of, UUID)


async def bill_corrections(
    info: Info, region: str, first: int = 20, after: str | None = None
) -> relay.Connection[BillCorrection]:
    """Return a page of the corrections of a region that the agent may see, newest first."""
    billing, units = info.context.hall.billing, units_served(info.context.subject, region=region)
    corrections = billing.questioning.corrections
    page = await _PLACES.page(
        lambda place, limit: corrections.page(region=region, units=units, before=place, limit=limit),
        first=first,
        after=after,
    )
    bills = await billing.bills.load({one.bill_id for one in page.items})
    accounts = await billing.accounts.load({one.account_id for one in page.items})

    def presented(one: model.Correction) -> BillCorrection:
        return BillCorrection.of(one, bill=DeskBill.of(bills[one.bill_id], account=accounts[one.account_id]))

    return connection(page.map(presented), after=after)

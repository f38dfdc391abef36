"""Issued bills whose readings were corrected afterwards, as agents see them."""

from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.corrections import model
from gridhall.crm.agents.policies import units_served
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.paging import checked_first, connection
from gridhall.graphql.types.desk.bill import DeskBill, Evidence
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.desk.timeline import read_instant
from gridhall.kit.paging import Page, from_cursor
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


async def bill_corrections(
    info: Info, region: str, first: int = 20, after: str | None = None
) -> relay.Connection[BillCorrection]:
    """Return a page of the corrections of a region that the agent may see, newest first."""
    limit, billing = checked_first(first), info.context.hall.billing
    units = units_served(info.context.subject, region=region)
    last = _read_place(from_cursor(after)) if after else None
    found = await billing.questioning.corrections.page(region=region, units=units, before=last, limit=limit + 1)
    page = Page.cut(found, limit=limit, key=lambda one: f"{one.noted_at.isoformat()} {one.id}")
    bills = await billing.bills.load({one.bill_id for one in page.items})
    accounts = await billing.accounts.load({one.account_id for one in page.items})

    def presented(one: model.Correction) -> BillCorrection:
        return BillCorrection.of(one, bill=DeskBill.of(bills[one.bill_id], account=accounts[one.account_id]))

    return connection(page.map(presented), after=after)


def _read_place(key: str) -> tuple[datetime, UUID]:
    at, _, last = read_instant(key, parts=2)
    try:
        return at, UUID(last)
    except ValueError:
        raise RefusedError("input.bad_cursor") from None

"""Issued bills whose readings were corrected afterwards, as agents see them."""

from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.corrections import model
from gridhall.crm.agents.policies import may_serve
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


@strawberry.type(description="A day of an issued bill that was corrected afterwards; whether to bill anew is open.")
class BillCorrection(DeskNode):
    """A correction of an issued bill's readings."""

    id: relay.NodeID[str]
    kind: ChangeKind
    day: date
    before: list[Evidence] = strawberry.field(description="As the bill knows it: kWh a period, or a register's.")
    after: list[Evidence]
    noted_at: datetime
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
            bill=bill,
        )


async def bill_corrections(
    info: Info, region: str, first: int = 20, after: str | None = None
) -> relay.Connection[BillCorrection]:
    """Return a page of the corrections of a region that the agent may see, newest first."""
    limit, hall = checked_first(first), info.context.hall
    corrections = hall.billing.questioning.corrections
    seen: list[BillCorrection] = []
    last = _read_place(from_cursor(after)) if after else None
    # What lies outside the agent's organisation is skipped, so a page may take more than one read.
    while len(seen) <= limit:
        found = await corrections.page(region=region, before=last, limit=limit + 1)
        seen += await _presented(info, found)
        if len(found) <= limit:
            break
        last = (found[-1].noted_at, found[-1].id)
    page = Page.cut(seen[: limit + 1], limit=limit, key=lambda one: f"{one.noted_at.isoformat()} {one.id}")
    return connection(page, after=after)


async def _presented(info: Info, found: list[model.Correction]) -> list[BillCorrection]:
    billing, subject = info.context.hall.billing, info.context.subject
    bills = await billing.bills.load({one.bill_id for one in found})
    accounts = await billing.accounts.load({one.account_id for one in found})
    return [
        BillCorrection.of(one, bill=DeskBill.of(bill, account=account))
        for one in found
        if (account := accounts.get(one.account_id))
        and (bill := bills.get(one.bill_id))
        and may_serve(subject, region=account.region, org_path=account.org_path) is True
    ]


def _read_place(key: str) -> tuple[datetime, UUID]:
    at, _, last = read_instant(key, parts=2)
    try:
        return at, UUID(last)
    except ValueError:
        raise RefusedError("input.bad_cursor") from None

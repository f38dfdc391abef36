"""Bill runs as the desk sees them."""

from datetime import datetime
from typing import Final
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.runs import model
from gridhall.crm.agents.policies import units_served
from gridhall.graphql.context import Info
from gridhall.graphql.paging import Places, connection, instant_of
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.kit.keyset import Before


@strawberry.type(description="A bill run of a region's month: who started it, how far it is, and what came of it.")
class BillRun(DeskNode):
    """A bill run."""

    id: relay.NodeID[str]
    region: str
    month: str = strawberry.field(description="Label of the period, like 2026-10.")
    number: int = strawberry.field(description="1 for the first of the month; who waited is billed by a later one.")
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    seen_at: datetime | None = strawberry.field(description="When somebody who works on it was last heard of.")
    accounts: int = strawberry.field(description="Whose period had ended when it was opened.")
    done: int = strawberry.field(description="Of those, how many were looked at.")
    issued: int
    held: int
    waiting: int
    already: int = strawberry.field(description="Had their bill before.")
    not_due: int = strawberry.field(description="Accounts whose period had not ended.")
    workers: int = strawberry.field(description="How many work on it now.")

    @classmethod
    def of(cls, run: model.Run, reached: model.Progress) -> "BillRun":
        """Present a run to an agent who serves its whole region."""
        counts = reached.counts
        return cls(
            id=str(run.id),
            region=run.region,
            month=str(run.month),
            number=run.number,
            started_by=run.started_by,
            started_at=run.started_at,
            finished_at=run.finished_at,
            seen_at=reached.seen_at,
            accounts=run.accounts,
            done=counts.accounts,
            issued=counts.issued,
            held=counts.held,
            waiting=counts.waiting,
            already=counts.already,
            not_due=run.not_due,
            workers=len(reached.workers),
        )


_PLACES: Final[Places[model.Run, datetime, UUID]] = Places(lambda one: (one.started_at, one.id), instant_of, UUID)


async def bill_runs(info: Info, region: str, first: int = 20, after: str | None = None) -> relay.Connection[BillRun]:
    """Return a page of a region's runs, newest first; empty for all who do not serve the whole region."""
    running = info.context.hall.billing.running
    whole = "" in units_served(info.context.subject, region=region)

    async def read(place: Before | None, limit: int) -> list[model.Run]:
        return await running.runs.page(region, before=place, limit=limit) if whole else []

    page = await _PLACES.page(read, first=first, after=after)
    reached = await running.ranges.progress([run.id for run in page.items]) if page.items else {}
    return connection(page.map(lambda run: BillRun.of(run, reached.get(run.id, model.Progress()))), after=after)

"""Take refused rows through the intake again."""

from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.crm.audit.model import Action
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.mutations.mend_feed import audited, rows_to_mend
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.desk.refused_row import RefusedRow
from gridhall.kit.paging import MAX_PAGE
from gridhall.kit.subject import Refusal
from gridhall.metering.feed.replay import replay_one


@strawberry.input(description="Refused rows to take again once what stood against them is mended, and why.")
class ReplayRefusedRowsInput:
    """Refused rows to take again."""

    ids: list[relay.GlobalID] = strawberry.field(description="1 to 100.")
    reason: str = strawberry.field(description="4 to 200 characters; kept in the audit trail.")


@strawberry.type(description="The rows went through the intake again.")
class RefusedRowsReplayed:
    """The rows went through the intake again."""

    accepted: int = strawberry.field(description="Rows that are in no quarantine any more.")
    moved: int = strawberry.field(description="Rows that are refused for another reason now, and kept under that.")
    refused: int = strawberry.field(description="Rows that are refused for the same reason again.")
    rows: list[RefusedRow] = strawberry.field(description="As they are now.")


ReplayRefusedRowsResult = Annotated[
    RefusedRowsReplayed | Refused,
    strawberry.union("ReplayRefusedRowsResult", description="What came of taking refused rows again."),
]


@strawberry.mutation(
    description="Take refused rows through the intake again. For reviewers and supervisors of their districts."
)
async def replay_refused_rows(info: Info, input: ReplayRefusedRowsInput) -> ReplayRefusedRowsResult:
    """Replay refused rows."""
    if not 1 <= len(input.ids) <= MAX_PAGE:
        raise RefusedError("input.bad_list", {"field": "ids", "most": MAX_PAGE})
    rows = await rows_to_mend(info, input.ids, field="ids")
    if isinstance(rows, Refusal):
        return refused(rows, info)
    no = await audited(info, rows, action=Action.FEED_REPLAYED, reason=input.reason)
    if no:
        return refused(no, info)
    hall = info.context.hall
    metering, now = hall.metering, hall.clock.now()
    outcomes = [
        await replay_one(row, stores=metering.stores, clients=metering.clients, limits=metering.limits, now=now)
        for row in rows
    ]
    after = await metering.stores.quarantine.by_ids([row.id for row in rows])
    return RefusedRowsReplayed(
        accepted=outcomes.count("accepted"),
        moved=outcomes.count("moved"),
        refused=outcomes.count("refused"),
        rows=[RefusedRow.of(row) for row in after],
    )

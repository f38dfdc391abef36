"""Hand in a corrected row in the place of one that was refused."""

from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.crm.agents.policies import NOT_YOUR_DISTRICT, may_mend_feed
from gridhall.crm.audit.model import Action
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.mend_feed import audited, rows_to_mend
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.desk.refused_row import RefusedRow
from gridhall.kit.subject import Refusal
from gridhall.metering.feed.model import IntakeReport
from gridhall.metering.feed.quarantine import KeptRow
from gridhall.metering.feed.replay import NotCorrectedError, SettledBeforeError, correct, named_meters


@strawberry.input(description="A refused row, the row that takes its place, and why.")
class CorrectRefusedRowInput:
    """A refused row, the row that takes its place, and why."""

    id: relay.GlobalID
    row: str = strawberry.field(description="In the format in which the refused one came, without a header.")
    reason: str = strawberry.field(description="4 to 200 characters; kept in the audit trail.")


@strawberry.type(description="The corrected row is stored; the refused one has left the quarantine, and both are kept.")
class RefusedRowCorrected:
    """The corrected row is stored."""

    row: RefusedRow
    accepted: int = strawberry.field(description="Readings that were not there before.")
    duplicate: int = strawberry.field(description="Readings that said nothing new.")
    corrected: int = strawberry.field(description="Readings that took the place of another value, which is kept.")


CorrectRefusedRowResult = Annotated[
    RefusedRowCorrected | Refused,
    strawberry.union("CorrectRefusedRowResult", description="What came of correcting a refused row."),
]


@strawberry.mutation(
    description="Hand in a corrected row in the place of a refused one. For reviewers and supervisors of its district."
)
async def correct_refused_row(info: Info, input: CorrectRefusedRowInput) -> CorrectRefusedRowResult:
    """Correct a refused row."""
    rows = await rows_to_mend(info, [input.id], field="id")
    if isinstance(rows, Refusal):
        return refused(rows, info)
    (row,), corrected = rows, input.row.encode(errors="replace")
    try:
        no = await _outside(info, row, corrected)
        no = no or await audited(info, rows, action=Action.FEED_CORRECTED, reason=input.reason)
        if no:
            return refused(no, info)
        report = await _correct(info, row, corrected)
    except NotCorrectedError as error:
        return refused(Refusal("feed.row_refused_again", {"reason": error.reason}), info)
    except SettledBeforeError:
        return refused(Refusal("feed.row_settled"), info)
    settled = await info.context.hall.metering.stores.quarantine.by_id(row.id)
    return RefusedRowCorrected(
        row=RefusedRow.of(settled or row),
        accepted=report.accepted,
        duplicate=report.duplicate,
        corrected=report.corrected,
    )


async def _outside(info: Info, row: KeptRow, corrected: bytes) -> Refusal | None:
    """Refuse a row that names a meter outside the agent's districts, which its sender might well write."""
    metering, subject = info.context.hall.metering, info.context.subject
    known = await metering.points.known(await named_meters(row, text=corrected, limits=metering.limits))
    places = [(point.region, point.org_path) for meter in known.values() for point in meter.points]
    inside = all(may_mend_feed(subject, region=region, org_path=path) is True for region, path in places)
    return None if inside else NOT_YOUR_DISTRICT


async def _correct(info: Info, row: KeptRow, corrected: bytes) -> IntakeReport:
    hall = info.context.hall
    return await correct(
        row,
        corrected=corrected,
        stores=hall.metering.stores,
        clients=hall.metering.clients,
        limits=hall.metering.limits,
        now=hall.clock.now(),
    )

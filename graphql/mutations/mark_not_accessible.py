"""Note that a meter could not be read."""

from datetime import datetime
from uuid import UUID

import strawberry

from gridhall.crm.audit.model import Action
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.mutations.brought_input import audited, instant_of, photos_of
from gridhall.graphql.mutations.change_entry import NO_SUCH_ENTRY, ChangeEntryResult, EntryChanged, shown
from gridhall.graphql.mutations.refused import refused
from gridhall.graphql.mutations.submit_reads import NO_SUCH_LIST
from gridhall.graphql.types.rounds.worklist import visible_worklist
from gridhall.metering.rounds import marking
from gridhall.metering.rounds.model import Mark, Obstacle

_LONGEST_NOTE = 200


@strawberry.input(description="A meter that could not be read, and why.")
class MarkNotAccessibleInput:
    """A meter that could not be read."""

    id: UUID = strawberry.field(description="Made by the phone: bringing it again changes nothing.")
    worklist: str = strawberry.field(description="The list's key.")
    point_id: UUID
    obstacle: Obstacle
    at: datetime
    note: str = ""
    photo_ids: list[UUID] = strawberry.field(default_factory=list)


@strawberry.mutation(description="Note that a meter could not be read. For readers and supervisors of its district.")
async def mark_not_accessible(info: Info, input: MarkNotAccessibleInput) -> ChangeEntryResult:
    """Note that a meter could not be read."""
    agent, hall = info.context.on_rounds(), info.context.hall
    if len(input.note) > _LONGEST_NOTE:
        raise RefusedError("desk.bad_text", {"least": 0, "most": _LONGEST_NOTE})
    at = min(instant_of(input.at, field="at"), hall.clock.now())
    worklist = await visible_worklist(info, input.worklist)
    if worklist is None:
        return refused(NO_SUCH_LIST, info)
    mark = Mark(input.id, agent.id, at, input.obstacle, input.note, photos_of(input.photo_ids))
    entry = await marking.mark_not_accessible(
        worklist=worklist, point_id=input.point_id, mark=mark, rounds=hall.metering.rounds
    )
    if entry is None:
        return refused(NO_SUCH_ENTRY, info)
    await audited(info, Action.MARKED_NO_ACCESS, f"entry:{entry.id}")
    return EntryChanged(entry=shown(entry, info))

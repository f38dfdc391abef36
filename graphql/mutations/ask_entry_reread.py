"""Ask that a point be read again."""

from uuid import UUID

import strawberry

from gridhall.crm.agents.policies import may_lead_rounds
from gridhall.crm.audit.model import Action
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.mutations.brought_input import audited
from gridhall.graphql.mutations.change_entry import NO_SUCH_ENTRY, ChangeEntryResult, EntryChanged, shown
from gridhall.graphql.mutations.refused import refused
from gridhall.graphql.mutations.submit_reads import NO_SUCH_LIST
from gridhall.graphql.types.rounds.worklist import visible_worklist
from gridhall.kit.subject import Refusal
from gridhall.metering.rounds import marking


@strawberry.input(description="A point that is to be read again, and why.")
class AskEntryRereadInput:
    """A point that is to be read again."""

    worklist: str = strawberry.field(description="The list's key.")
    point_id: UUID
    reason: str = strawberry.field(description="4 to 200 characters; the reader sees it.")


@strawberry.mutation(description="Ask that a point be read again (补抄). For supervisors of its district.")
async def ask_entry_reread(info: Info, input: AskEntryRereadInput) -> ChangeEntryResult:
    """Ask that a point be read again."""
    agent, hall = info.context.on_rounds(), info.context.hall
    worklist = await visible_worklist(info, input.worklist)
    if worklist is None:
        return refused(NO_SUCH_LIST, info)
    require(may_lead_rounds(info.context.subject, region=worklist.region, org_path=worklist.org_path))
    reason = good_reason(input.reason)
    if isinstance(reason, Refusal):
        return refused(reason, info)
    entry = await marking.ask_reread(
        worklist=worklist,
        point_id=input.point_id,
        by=agent.id,
        reason=reason,
        rounds=hall.metering.rounds,
        now=hall.clock.now(),
    )
    if entry is None:
        return refused(NO_SUCH_ENTRY, info)
    await audited(info, Action.ASKED_REREAD, f"entry:{entry.id}", reason=reason)
    return EntryChanged(entry=shown(entry, info))

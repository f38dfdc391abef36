"""What the mutations on refused rows share: which rows, who mends them and why, and the entry in the trail."""

from collections.abc import Sequence

from strawberry import relay

from gridhall.crm.audit.model import Action, AuditEntry
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.types.desk.refused_row import mendable
from gridhall.kit.ids import new_id
from gridhall.kit.subject import Refusal
from gridhall.metering.feed.quarantine import KeptRow

NO_SUCH_ROW = Refusal("feed.no_such_row")


async def rows_to_mend(info: Info, ids: Sequence[relay.GlobalID], *, field: str) -> list[KeptRow] | Refusal:
    """Return the rows, all of which the agent may mend, or that there is one that is none of those."""
    info.context.at_desk()
    wanted = {_row_id(one, field) for one in ids}
    rows = await mendable(info, await info.context.hall.metering.stores.quarantine.by_ids(wanted))
    return rows if len(rows) == len(wanted) else NO_SUCH_ROW


async def audited(info: Info, rows: Sequence[KeptRow], *, action: Action, reason: str) -> Refusal | None:
    """Write into the trail what is about to be done, and return None; or why the reason is none."""
    agent, hall = info.context.at_desk(), info.context.hall
    why = good_reason(reason)
    if isinstance(why, Refusal):
        return why
    fields = tuple(row.id.hex() for row in rows)
    await hall.people.audit.add(
        AuditEntry(new_id(), hall.clock.now(), action, agent.id, agent.name, fields=fields, reason=why)
    )
    return None


def _row_id(id: relay.GlobalID, field: str) -> bytes:
    try:
        found = bytes.fromhex(id.node_id)
    except ValueError:
        found = b""
    if not found or id.type_name != "RefusedRow":
        raise RefusedError("input.bad_id", {"field": field, "type": "RefusedRow"})
    return found

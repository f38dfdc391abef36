"""Bring reads back."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import strawberry

from gridhall.crm.agents.model import Agent
from gridhall.crm.audit.model import Action
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.mutations.brought_input import (
    PositionInput,
    RegisterInput,
    audited,
    instant_of,
    number_of,
    photos_of,
    position_of,
    registers_of,
)
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.rounds.judged import ReadFinding, findings_of
from gridhall.graphql.types.rounds.worklist import visible_worklist
from gridhall.kit.paging import MAX_PAGE
from gridhall.kit.subject import Refusal
from gridhall.metering.rounds import settling
from gridhall.metering.rounds.bringing import Brought, bring_back
from gridhall.metering.rounds.model import State
from gridhall.metering.rounds.reads import HandRead, Verdict

NO_SUCH_LIST = Refusal("rounds.no_such_list")

strawberry.enum(settling.Beside, name="ReadBeside", description="Why a read does not stand.")


@strawberry.enum(description="What became of a read.")
class ReadOutcome(StrEnum):
    """What became of a read."""

    ACCEPTED = "accepted"
    NEEDS_CONFIRMATION = "needs_confirmation"
    REFUSED = "refused"
    ID_REUSED = "id_reused"


_OUTCOMES = {
    Verdict.ACCEPTED: ReadOutcome.ACCEPTED,
    Verdict.WARNED: ReadOutcome.NEEDS_CONFIRMATION,
    Verdict.REFUSED: ReadOutcome.REFUSED,
}


@strawberry.input(description="A read of one point.")
class HandReadInput:
    """A read of one point."""

    id: UUID = strawberry.field(description="Made by the phone: bringing it again changes nothing.")
    point_id: UUID
    meter: str = strawberry.field(description="The number that is on the meter.")
    registers: list[RegisterInput]
    taken_at: datetime
    position: PositionInput | None = None
    photo_ids: list[UUID] = strawberry.field(default_factory=list)
    confirmed: str | None = strawberry.field(
        default=None, description="Why it is right although it is doubted: 4 to 200 characters."
    )


@strawberry.input(description="Reads of one worklist, at most 100.")
class SubmitReadsInput:
    """Reads of one worklist."""

    worklist: str = strawberry.field(description="The list's key.")
    reads: list[HandReadInput]


@strawberry.type(description="What became of one read.")
class BroughtRead:
    """What became of one read."""

    read_id: UUID
    outcome: ReadOutcome
    findings: list[ReadFinding]
    stands_for: date | None = strawberry.field(description="The local day at whose beginning it counts.")
    beside: settling.Beside | None = strawberry.field(description="Why it does not stand; null where it does.")
    entry_state: State | None


@strawberry.type(description="What became of every read, in their order.")
class ReadsBrought:
    """What became of every read."""

    reads: list[BroughtRead]


SubmitReadsResult = Annotated[
    ReadsBrought | Refused, strawberry.union("SubmitReadsResult", description="What came of bringing reads back.")
]


@strawberry.mutation(description="Bring reads of a worklist back. For readers and supervisors of its district.")
async def submit_reads(info: Info, input: SubmitReadsInput) -> SubmitReadsResult:
    """Bring reads back."""
    agent, hall = info.context.on_rounds(), info.context.hall
    if not 1 <= len(input.reads) <= MAX_PAGE or len({one.id for one in input.reads}) < len(input.reads):
        raise RefusedError("input.bad_list", {"field": "reads", "most": MAX_PAGE})
    worklist = await visible_worklist(info, input.worklist)
    if worklist is None:
        return refused(NO_SUCH_LIST, info)
    reads = [_read(one, worklist.id, agent) for one in input.reads]
    brought = await bring_back(worklist=worklist, reads=reads, rounds=hall.metering.rounds, now=hall.clock.now())
    await audited(info, Action.READS_BROUGHT, f"worklist:{worklist.id}")
    return ReadsBrought(reads=[_brought(one, info) for one in brought])


def _read(given: HandReadInput, worklist: str, agent: Agent) -> HandRead:
    confirmed = None if given.confirmed is None else good_reason(given.confirmed)
    if isinstance(confirmed, Refusal):
        raise RefusedError("input.bad_confirmation", confirmed.params)
    return HandRead(
        id=given.id,
        worklist=worklist,
        point_id=given.point_id,
        meter=number_of(given.meter),
        values=registers_of(given.registers, field="registers"),
        taken_at=instant_of(given.taken_at, field="takenAt"),
        by=agent.id,
        position=position_of(given.position),
        photos=photos_of(given.photo_ids),
        confirmed=confirmed,
    )


def _brought(one: Brought, info: Info) -> BroughtRead:
    judged = one.judged
    return BroughtRead(
        read_id=one.read.id,
        outcome=_OUTCOMES[judged.verdict] if judged else ReadOutcome.ID_REUSED,
        findings=findings_of(judged.findings, info) if judged else [],
        stands_for=judged.day if judged else None,
        beside=one.beside,
        entry_state=one.entry.state if one.entry else None,
    )

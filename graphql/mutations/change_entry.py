"""What the mutations on entries of worklists share: the outcomes."""

from typing import Annotated

import strawberry

from gridhall.graphql.context import Info
from gridhall.graphql.mutations.refused import Refused
from gridhall.graphql.types.rounds.worklist import WorklistEntry
from gridhall.kit.subject import Refusal
from gridhall.metering.rounds.model import Entry

NO_SUCH_ENTRY = Refusal("rounds.no_such_entry")


@strawberry.type(description="The entry as it is now.")
class EntryChanged:
    """The entry as it is now."""

    entry: WorklistEntry


ChangeEntryResult = Annotated[
    EntryChanged | Refused, strawberry.union("ChangeEntryResult", description="What came of changing an entry.")
]


def shown(entry: Entry, info: Info) -> WorklistEntry:
    """Present an entry whose address the phone has."""
    return WorklistEntry.of(entry, address=None, show_last=info.context.hall.metering.rounds.limits.show_last)

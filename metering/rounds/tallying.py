"""Counting a list again after its entries changed, so that rates are read and never scanned."""

from uuid import UUID

from gridhall.metering.rounds.model import Worklist
from gridhall.metering.rounds.rates import Tally, count
from gridhall.metering.rounds.stores import Rounds


async def refresh(*, worklist_id: str, rounds: Rounds) -> Worklist | None:
    """Count a list's entries a person, raise its version, and return it.

    The version is the sum of the entries' revisions, which only grows; so of two counts at once the newer one stays.
    """
    entries = await rounds.entries.all_of(worklist_id)
    tallies: dict[UUID | None, Tally] = {}
    for entry in entries:
        tallies[entry.person] = tallies.get(entry.person, Tally()) + count(entry)
    version = sum(entry.revision for entry in entries)
    await rounds.lists.keep_tallies(worklist_id, version=version, tallies=tallies)
    return await rounds.lists.load(worklist_id)

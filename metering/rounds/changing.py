"""Changing entries: optimistic, in a few round trips, each state following from everything that is kept."""

from collections.abc import Callable, Collection
from itertools import count

from gridhall.metering.retry import take_turn
from gridhall.metering.rounds.model import Entry
from gridhall.metering.rounds.settling import settled
from gridhall.metering.rounds.stores import Rounds
from gridhall.metering.rounds.tallying import refresh

Change = Callable[[Entry], Entry]


def _same(entry: Entry) -> Entry:
    return entry


async def change_entries(
    *, worklist_id: str, entry_ids: Collection[str], rounds: Rounds, change: Change = _same
) -> dict[str, Entry]:
    """Change entries of a list and let their states follow; return them as they are then, and count the list again.

    `change` returns the entry itself where there is nothing to change; it is asked again where another was faster.
    Raises ContendedError where others were faster every time.
    """
    waiting = set(entry_ids)
    done: dict[str, Entry] = {}
    for attempt in count():
        await take_turn(attempt, of="reading_entries")
        entries = await rounds.entries.load(waiting)
        reads = await rounds.reads.of_entries(list(entries.values()))
        after = {id_: settled(entry, change(entry), reads.get(id_, [])) for id_, entry in entries.items()}
        late = await rounds.entries.put([one for id_, one in after.items() if one != entries[id_]])
        done |= {id_: one for id_, one in after.items() if id_ not in late}
        waiting = late
        if not waiting:
            break
    await refresh(worklist_id=worklist_id, rounds=rounds)
    return done

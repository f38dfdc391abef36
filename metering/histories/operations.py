"""Storing readings: days first, then what is summed up from them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count

from gridhall.metering.histories.merge import Merged, merge
from gridhall.metering.histories.model import DayBucket, DayPiece
from gridhall.metering.histories.months import settle
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.histories.running import is_running
from gridhall.metering.recorded import Recorded
from gridhall.metering.retry import take_turn


async def record(*, pieces: Sequence[DayPiece], histories: HistoryRepository, now: datetime) -> Recorded:
    """Lay pieces, at most one a day and channel, over what is kept, in a handful of round trips for all of them.

    Safe against other writers of the same days: who comes too late reads again and lays its piece over the newer
    state. Older revisions are kept before a day is replaced. Raises ContendedError where that never succeeds, and
    ValueError where two pieces have one key.
    """
    waiting = {piece.key: piece for piece in pieces}
    if len(waiting) != len(pieces):
        raise ValueError("pieces: two of them are of one day and channel; store the second in a call of its own")
    recorded, kept = Recorded(), []
    for attempt in count():
        await take_turn(attempt, of="usage_days")
        stored = await histories.days(waiting)
        merged = {key: merge(stored.get(key), piece, now=now) for key, piece in waiting.items()}
        await histories.keep_revisions([one.replaced for one in merged.values() if one.replaced])
        late = await histories.put_days([one.bucket for one in merged.values() if one.bucket])
        done = {key: one for key, one in merged.items() if key not in late}
        recorded += Recorded.of(done.values())
        for key, one in done.items():
            day = one.bucket or stored.get(key)
            if day is not None and _is_told(day, one):
                kept.append(day)
        waiting = {key: waiting[key] for key in late}
        if not waiting:
            break
    await settle(buckets=kept, histories=histories)
    return recorded


def _is_told(day: DayBucket, merged: Merged) -> bool:
    """Tell whether the month has to hear of a day now: always, but of news of a day that runs and has begun before.

    What was said before may come from a writer that died before it told the month, so then it is told again.
    """
    return not is_running(day) or day.revision == 1 or merged.duplicate > 0


async def record_over(
    *, piece: DayPiece, revision: int, histories: HistoryRepository, now: datetime
) -> Recorded | None:
    """Lay a piece over that revision of its day which its author has seen (0: there was no day), or not at all.

    Returns None where the day is of another revision by now. The older revision is kept likewise.
    """
    stored = (await histories.days([piece.key])).get(piece.key)
    if (stored.revision if stored else 0) != revision:
        return None
    merged = merge(stored, piece, now=now)
    await histories.keep_revisions([merged.replaced] if merged.replaced else [])
    if await histories.put_days([merged.bucket] if merged.bucket else []):
        return None
    day = merged.bucket or stored
    await settle(buckets=[day] if day else [], histories=histories)
    return Recorded() + merged

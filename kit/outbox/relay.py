"""The relay: carries waiting events to the jobs that want them, at least once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from gridhall.kit import log
from gridhall.kit.jobs import JobQueue
from gridhall.kit.outbox.repository import Outbox

Routes = Mapping[str, tuple[str, ...]]
"""For each kind of event, the names of the jobs that consume it."""

_AT_ONCE: Final = 1000
_IDS_A_JOB: Final = 200


async def relay(*, outbox: Outbox, queue: JobQueue, routes: Routes, before: datetime, now: datetime) -> int:
    """Publish the events that waited since before an instant, and return how many.

    Each interested job gets up to 200 event ids of one request. A crash between queueing and marking publishes
    again, so consumers are idempotent by event id. Raises the broker's error; what was not marked waits for the next
    call.
    """
    published = 0
    while events := await outbox.waiting(before=before, limit=_AT_ONCE):
        jobs = {event.id: routes.get(event.kind, ()) for event in events}
        await _queue(queue, jobs, requests={event.id: event.request_id for event in events})
        await outbox.mark_published(jobs, now=now)
        published += len(events)
    return published


async def sweep(*, outbox: Outbox, queue: JobQueue, before: datetime, now: datetime, job: str | None = None) -> int:
    """Queue events again whose jobs were queued before an instant and never confirmed; return how many.

    job: only those that await this job, where one is less patient than the others.
    """
    lost = await outbox.unconfirmed(before=before, limit=_AT_ONCE, job=job)
    await _queue(queue, lost, requests={})
    await outbox.mark_published(lost, now=now)
    return len(lost)


async def _queue(queue: JobQueue, jobs: Mapping[UUID, Sequence[str]], *, requests: Mapping[UUID, str | None]) -> None:
    wanted: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for event_id, names in jobs.items():
        for name in names:
            wanted[name, requests.get(event_id)].append(str(event_id))
    for (name, request_id), ids in wanted.items():
        with log.request(request_id):
            for start in range(0, len(ids), _IDS_A_JOB):
                await queue.send(name, event_ids=ids[start : start + _IDS_A_JOB])

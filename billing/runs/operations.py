"""Opening a bill run, and working on it: by one worker or by many, killed at any point and begun again."""

import gc
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.bills.issuing import Issuing, issue_chunk
from gridhall.billing.credits.settling import Settling, settle_provisional
from gridhall.billing.runs.model import Counts, Range, Run, RunId, due
from gridhall.billing.runs.repository import RangeRepository, RunRepository
from gridhall.kit.clock import Clock
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Month, local_day

CHUNK: Final = 200
"""Accounts a transaction. Larger chunks win little and hold their write locks longer."""

RANGE: Final = 5_000
"""Accounts a range at most: some seconds of work, so that little is left when the others have ended."""

LEASE: Final = timedelta(seconds=60)
"""A worker that has said nothing for so long is gone: a chunk takes a second."""


@dataclass(frozen=True, slots=True)
class Running:
    """What bill runs need at hand."""

    issuing: Issuing
    settling: Settling
    accounts: AccountRepository
    runs: RunRepository
    ranges: RangeRepository


async def open_run(*, running: Running, region: str, month: Month, by: str, workers: int = 1, now: datetime) -> Run:
    """Return the run of a region's month that is not finished, or open the next.

    Reading days follow each other in the order in which they are read; those whose period has not ended are left
    out. Idempotent until the run is finished.
    """
    last = await running.runs.newest_of(region, month)
    if last is not None and last.finished_at is None:
        return last
    number = last.number + 1 if last else 1
    wanted = RunId(new_id())
    today = local_day(now, running.issuing.zone)
    ranges: list[Range] = []
    not_due = 0
    for read_day, homes in (await running.accounts.by_read_day(region=region)).items():
        if not due(month, read_day=read_day, today=today):
            not_due += homes
            continue
        size = max(CHUNK, min(RANGE, -(-homes // workers)))
        first: AccountId | None = None
        while border := await running.accounts.border(region=region, read_day=read_day, after=first, size=size):
            last_id, found = border
            ranges.append(Range(wanted, len(ranges), read_day, first, last_id, found))
            first = last_id
    run = Run(
        id=wanted,
        region=region,
        month=month,
        number=number,
        accounts=sum(one.accounts for one in ranges),
        ranges=len(ranges),
        not_due=not_due,
        started_by=by,
        started_at=now,
    )
    await running.ranges.add(ranges)
    kept = await running.runs.add(run)
    if kept.id != run.id:
        await running.ranges.drop(run.id)
    return kept


async def work(
    *,
    running: Running,
    run: Run,
    clock: Clock,
    owner: str,
    most: int | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Counts:
    """Bill the ranges of a run that are nobody's, one after the other, `most` at most; return what came of them.

    Several may work on a run at once. What a killed one had begun, another goes on with where it ended; the accounts
    of the chunk that it was in are looked at twice and billed once.
    """
    counts = Counts()
    # What a process holds when it begins lives as long as it does: the collector need not look at it every chunk.
    gc.freeze()
    try:
        for _ in count() if most is None else range(most):
            now = clock.now()
            taken = None
            if not stop():
                taken = await running.ranges.take(run.id, owner=owner, lost=now - LEASE, now=now)
            if taken is None:
                break
            counts += await _bill(running, run, taken, clock=clock, owner=owner, stop=stop)
    finally:
        gc.unfreeze()
    if not await running.ranges.left(run.id):
        await running.runs.finish(run.id, now=clock.now())
    return counts


async def release_gone(*, running: Running, run: Run, owner: str) -> None:
    """Free the ranges of workers of this machine that are not there any more, and of an earlier process of ours."""
    owners = await running.ranges.owners(run.id)
    await running.ranges.give_back(run.id, owners=[one for one in owners if one == owner or _gone(one)])


def this_worker() -> str:
    """Return the name by which this process takes ranges."""
    return f"{socket.gethostname()}/{os.getpid()}"


def _gone(owner: str) -> bool:
    host, _, pid = owner.rpartition("/")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


async def _bill(
    running: Running, run: Run, taken: Range, *, clock: Clock, owner: str, stop: Callable[[], bool]
) -> Counts:
    counts = Counts()
    while not stop():
        ids = await running.accounts.ids_between(
            region=run.region,
            read_day=taken.read_day,
            after=taken.after or taken.first,
            last=taken.last,
            limit=CHUNK,
        )
        if not ids:
            await running.ranges.done(taken, owner=owner, now=clock.now())
            break
        await settle_provisional(settling=running.settling, account_ids=ids, now=clock.now())
        made = await issue_chunk(issuing=running.issuing, account_ids=ids, month=run.month, now=clock.now())
        chunk = Counts(made.issued, made.held, made.waiting, made.already)
        counts = counts + chunk
        taken = replace(taken, after=ids[-1])
        if not await running.ranges.note(taken, counts=chunk, owner=owner, now=clock.now()):
            break
    return counts

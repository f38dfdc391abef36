"""What a field system does about requests, and what becomes of those that it fails at or leaves lying."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gridhall.billing.arrears.cutting.gate import Cause, hand_over, report
from gridhall.billing.arrears.cutting.operations import Cutting
from gridhall.billing.cases.model import Case, CaseKind, case_of
from gridhall.billing.cases.operations import Cases, open_cases
from gridhall.billing.field.repository import FieldClientRepository
from gridhall.billing.prepayment.cutting import BalanceCutting
from gridhall.billing.prepayment.room import Prepaying
from gridhall.billing.supply.model import BALANCE, OPEN, SupplyKind, SupplyRequest, SupplyRequestId, SupplyState
from gridhall.billing.supply.repository import SupplyRepository
from gridhall.kit.localdays import local_day
from gridhall.kit.mongo import Mongo, Transaction

AT_ONCE: Final = 200

MOST_TRIES: Final = 3
"""How often restoring is asked for again before a person looks; it is asked for all the same until it is done."""

PAUSE: Final = timedelta(minutes=15)
EXPIRES: Final = timedelta(days=3)
"""A cut that nobody took for so long is withdrawn: what it stood on is old, and it is proposed anew."""

NOT_TAKEN: Final = "arrears.cut_not_taken"
"""Why a cut that nobody took is called off, beside the codes of those that may not be made."""

SILENT: Final = timedelta(hours=4)
"""What was taken and not told of for so long is looked into; restoring is asked for again."""


@dataclass(frozen=True, slots=True)
class FieldWork:
    """What the field system's side needs at hand."""

    mongo: Mongo
    supply: SupplyRepository
    cutting: Cutting
    prepaying: Prepaying
    cases: Cases
    clients: FieldClientRepository
    zone: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The request does not hold any more: it must not be carried out."""

    request: SupplyRequest


Place = tuple[datetime, SupplyRequestId]


async def to_do(
    *,
    work: FieldWork,
    regions: Collection[str],
    state: SupplyState,
    after: Place | None,
    limit: int,
    now: datetime,
) -> list[SupplyRequest]:
    """Return what waits to be taken (ASKED), or was taken and not done (ACKNOWLEDGED), whose time has come.

    What is not acknowledged is told again at the next poll, so that none is lost on the way.
    """
    return await work.supply.waiting(regions=regions, state=state, after=after, now=now, limit=limit)


async def acknowledge(
    *, work: FieldWork, regions: Collection[str], request_id: SupplyRequestId, reference: str, now: datetime
) -> SupplyRequest | Withdrawn | None:
    """Give a request to the field system; None where its regions have no such one. Idempotent.

    A cut is looked at to the minute before it is given: one that may not be made now is withdrawn, and so answered.
    """
    request = await _find(work, regions, request_id)
    if request is None or request.state in {SupplyState.ACKNOWLEDGED, SupplyState.DONE}:
        return request
    if request.state is SupplyState.ASKED:
        taken = await hand_over(cause=_cause(work, request), request=request, reference=reference, now=now)
        if taken is not None:
            return taken
        # Withdrawn by this look, or taken by a call beside this one.
        request = await _find(work, regions, request_id) or request
    return request if request.state is SupplyState.ACKNOWLEDGED else Withdrawn(request)


async def finish(
    *,
    work: FieldWork,
    regions: Collection[str],
    request_id: SupplyRequestId,
    done: bool,
    note: str,
    now: datetime,
) -> SupplyRequest | Withdrawn | None:
    """Note that a request was done or failed; None where the field system's regions have no such one. Idempotent.

    What was done counts, even where it was withdrawn meanwhile. A cut that failed is a case; restoring that failed is
    asked for again, and a case after some tries.
    """
    request = await _find(work, regions, request_id)
    if request is None or request.state is (SupplyState.DONE if done else SupplyState.FAILED):
        return request
    if request.state not in OPEN:
        if done:
            await _open(work, request, what="done_after_all", note=note, now=now)
        return Withdrawn(request)
    if not done and request.kind is SupplyKind.RECONNECT:
        return await _again(work, request, note=note, now=now)
    if not done:
        await _open(work, request, what="failed", note=note, now=now)
    over = await report(cause=_cause(work, request), request=request, done=done, note=note, now=now)
    return over or await _find(work, regions, request_id)


async def look_after(*, work: FieldWork, region: str, now: datetime) -> int:
    """Withdraw cuts that nobody took, ask again for what was left undone, and open cases; return how many moved."""
    moved = 0
    for state in sorted(OPEN):
        after: Place | None = None
        while found := await work.supply.waiting(regions=[region], state=state, after=after, now=now, limit=AT_ONCE):
            for request in found:
                moved += await _look(work, request, now)
            after = (found[-1].not_before, found[-1].id)
    return moved


async def _look(work: FieldWork, request: SupplyRequest, now: datetime) -> bool:
    if request.kind is SupplyKind.DISCONNECT and request.state is SupplyState.ASKED:
        return now - request.not_before > EXPIRES and await _expire(work, request, now)
    late = request.due_by is not None and request.due_by < now
    if late:
        await _open(work, request, what="late", note="", now=now)
    silent = request.state is SupplyState.ACKNOWLEDGED and now - (request.changed_at or request.asked_at) > SILENT
    if silent and request.kind is SupplyKind.RECONNECT:
        await _again(work, request, note="taken, and not told of", now=now)
    elif silent:
        await _open(work, request, what="silent", note="", now=now)
    return late or silent


async def _expire(work: FieldWork, request: SupplyRequest, now: datetime) -> bool:
    async def write(transaction: Transaction) -> bool:
        void = request.at(SupplyState.WITHDRAWN, now=now, note=NOT_TAKEN)
        if not await work.supply.move(void, was=[SupplyState.ASKED], transaction=transaction):
            return False
        cause = _cause(work, request)
        await cause.call_off(request.account_id, why=void.note, transaction=transaction, now=now)
        await open_cases(work.cases, [_case(work, request, "expired", "", now)], transaction=transaction)
        return True

    return await work.mongo.transact(write)


async def _again(work: FieldWork, request: SupplyRequest, *, note: str, now: datetime) -> SupplyRequest:
    again = request.again(now=now, not_before=now + PAUSE * (request.tries + 1), note=note)
    await work.supply.move(again, was=OPEN)
    if again.tries >= MOST_TRIES:
        await _open(work, again, what="failed", note=note, now=now)
    return again


async def _open(work: FieldWork, request: SupplyRequest, *, what: str, note: str, now: datetime) -> None:
    await open_cases(work.cases, [_case(work, request, what, note, now)])


def _case(work: FieldWork, request: SupplyRequest, what: str, note: str, now: datetime) -> Case:
    return case_of(
        kind=CaseKind.SUPPLY_REQUEST,
        key=f"supply:{request.id}:{what}",
        region=request.region,
        org_path=request.org_path,
        account_id=request.account_id,
        evidence=(
            ("what", what),
            ("asked", str(request.kind)),
            ("for", request.reason),
            ("tries", str(request.tries)),
            ("note", note),
        ),
        now=now,
        today=local_day(now, work.zone),
    )


def _cause(work: FieldWork, request: SupplyRequest) -> Cause:
    return BalanceCutting(work.prepaying) if request.reason == BALANCE else work.cutting


async def _find(work: FieldWork, regions: Collection[str], request_id: SupplyRequestId) -> SupplyRequest | None:
    found = (await work.supply.load([request_id])).get(request_id)
    return found if found is not None and found.region in regions else None

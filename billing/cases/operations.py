"""Opening, taking and closing cases."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gridhall.billing.cases.model import Case, CaseId, CaseState
from gridhall.billing.cases.repository import CaseRepository
from gridhall.kit.mongo import Mongo, Transaction


@dataclass(frozen=True, slots=True)
class Cases:
    """What the operations need at hand."""

    mongo: Mongo
    cases: CaseRepository


@dataclass(frozen=True, slots=True)
class CaseChanged:
    """The case as it is now."""

    case: Case


@dataclass(frozen=True, slots=True)
class CaseClosedBefore:
    """There is no such case, or it is closed."""

    case: Case | None


async def open_cases(cases: Cases, opened: Sequence[Case], transaction: Transaction | None = None) -> int:
    """Open cases; return how many are new. Idempotent by key: a difference that was closed is not opened again."""
    return await cases.cases.add(opened, transaction=transaction)


async def take(*, cases: Cases, case_id: CaseId, owner: str, by: str, now: datetime) -> CaseChanged | CaseClosedBefore:
    """Put a case into somebody's care: one's own, or a colleague's, whoever had it before."""

    def taken(case: Case) -> Case:
        return case if case.owner == owner else case.taken(owner=owner, by=by, now=now)

    return await _change(cases, case_id, taken)


async def close(
    *, cases: Cases, case_id: CaseId, by: str, reason: str, now: datetime
) -> CaseChanged | CaseClosedBefore:
    """Close a case with what was found and done."""
    return await _change(cases, case_id, lambda case: case.closed(by=by, reason=reason, now=now))


async def _change(cases: Cases, case_id: CaseId, change: Callable[[Case], Case]) -> CaseChanged | CaseClosedBefore:
    async def work(transaction: Transaction) -> CaseChanged | CaseClosedBefore:
        case = (await cases.cases.load([case_id], transaction=transaction)).get(case_id)
        if case is None or case.state is CaseState.CLOSED:
            return CaseClosedBefore(case)
        changed = change(case)
        if changed is not case:
            await cases.cases.replace(changed, transaction=transaction)
        return CaseChanged(changed)

    return await cases.mongo.transact(work)

"""Preparing and deciding: a request is carried out in the transaction that approves it, or it is not approved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from gridhall.billing.approvals.model import (
    BY_RULE,
    SUMMED_OVER,
    Afterwards,
    Executor,
    Kind,
    Limits,
    OvertakenError,
    Request,
    RequestId,
    State,
)
from gridhall.billing.approvals.repository import ApprovalRepository, TurnRepository
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction


@dataclass(frozen=True, slots=True)
class Approvals:
    """What preparing and deciding need at hand.

    executors: what carries each kind out. dismissals: what each kind does when it is refused, if anything.
    afterwards: what each kind does once it was carried out by `decide`, if anything.
    """

    mongo: Mongo
    requests: ApprovalRepository
    turns: TurnRepository
    limits: Limits
    executors: Mapping[Kind, Executor]
    dismissals: Mapping[Kind, Executor] = field(default_factory=lambda: MappingProxyType({}))
    afterwards: Mapping[Kind, Afterwards] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Approved:
    """The request is approved and carried out: now, by rule, or earlier."""

    request: Request


@dataclass(frozen=True, slots=True)
class Waiting:
    """The request waits for a second person."""

    request: Request


@dataclass(frozen=True, slots=True)
class RefusedBefore:
    """The same request was refused. Whoever asks for it again, for another reason, gives it another key."""

    request: Request


@dataclass(frozen=True, slots=True)
class Decided:
    """The request was approved and carried out, or refused."""

    request: Request


@dataclass(frozen=True, slots=True)
class SamePerson:
    """Whoever prepared a request, or had a part in it, does not approve it. Withdrawing it by a refusal is theirs."""

    request: Request


@dataclass(frozen=True, slots=True)
class NotWaiting:
    """There is no such request, or it was decided before."""

    request: Request | None


@dataclass(frozen=True, slots=True)
class Overtaken:
    """What was prepared is not possible any more, so the request was refused by rule. why: a code, in `decision`."""

    request: Request


async def prepare(
    *, approvals: Approvals, request: Request, transaction: Transaction | None = None
) -> Approved | Waiting | RefusedBefore:
    """Ask for something. Below the limit of its kind it is approved at once, by rule, and carried out.

    What was approved so of the same kind within a day counts with it: on the same account towards the limit of one
    request, by the same person on whichever account towards the limit of a day.
    Idempotent by kind and key: what was asked for before is left as it is, and nothing is carried out twice.
    Raises OvertakenError where it is carried out at once and not possible; nothing is written then.
    """

    async def work(transaction: Transaction) -> Approved | Waiting | RefusedBefore:
        alone = await _one_is_enough(approvals, request, transaction)
        asked = request
        if alone:
            asked = request.decided(State.APPROVED, by=BY_RULE, reason="", now=request.prepared_at)
        kept = await approvals.requests.add(asked, transaction=transaction)
        if kept is asked and alone:
            await approvals.executors[asked.kind](asked, transaction)
        return _STANDS[kept.state](kept)

    return await work(transaction) if transaction else await approvals.mongo.transact(work)


async def decide(
    *, approvals: Approvals, request_id: RequestId, by: str, approve: bool, reason: str, now: datetime
) -> Decided | SamePerson | NotWaiting | Overtaken:
    """Approve a request, which carries it out, or refuse it. Idempotent: what was decided before is left alone.

    What cannot be carried out any more is refused, with all that follows from a refusal.
    """

    async def work(transaction: Transaction) -> Decided | SamePerson | NotWaiting:
        request = (await approvals.requests.load([request_id], transaction=transaction)).get(request_id)
        if request is None or request.state is not State.WAITING:
            return NotWaiting(request)
        if approve and not request.may_be_approved_by(by):
            return SamePerson(request)
        state = State.APPROVED if approve else State.REFUSED
        return await _settle(approvals, request.decided(state, by=by, reason=reason, now=now), transaction)

    async def overtaken(transaction: Transaction) -> Overtaken | NotWaiting:
        request = (await approvals.requests.load([request_id], transaction=transaction))[request_id]
        void = request.decided(State.REFUSED, by=BY_RULE, reason=error.why, now=now)
        settled = await _settle(approvals, void, transaction)
        return Overtaken(void) if isinstance(settled, Decided) else NotWaiting(request)

    try:
        outcome = await approvals.mongo.transact(work)
    except OvertakenError as caught:
        error = caught
        return await approvals.mongo.transact(overtaken)
    if approve and isinstance(outcome, Decided) and outcome.request.kind in approvals.afterwards:
        await approvals.afterwards[outcome.request.kind](outcome.request)
    return outcome


async def _one_is_enough(approvals: Approvals, request: Request, transaction: Transaction) -> bool:
    if not approvals.limits.one_is_enough(request):
        return False
    kind, since, sum_of = request.kind, request.prepared_at - SUMMED_OVER, approvals.requests.approved_by_rule
    on_account = await sum_of("account_id", request.account_id, kind=kind, since=since, transaction=transaction)
    by_preparer = Fen(0)
    if request.preparer is not None:
        await approvals.turns.take(request.preparer, kind=kind, at=request.prepared_at, transaction=transaction)
        by_preparer = await sum_of("preparer", request.preparer, kind=kind, since=since, transaction=transaction)
    return approvals.limits.one_is_enough(request, on_account=on_account, by_preparer=by_preparer)


async def _settle(approvals: Approvals, request: Request, transaction: Transaction) -> Decided | NotWaiting:
    if not await approvals.requests.settle(request, transaction=transaction):
        return NotWaiting(request)
    if request.state is State.APPROVED:
        await approvals.executors[request.kind](request, transaction)
    elif dismiss := approvals.dismissals.get(request.kind):
        await dismiss(request, transaction)
    return Decided(request)


_STANDS: Mapping[State, type[Approved | Waiting | RefusedBefore]] = MappingProxyType(
    {State.APPROVED: Approved, State.WAITING: Waiting, State.REFUSED: RefusedBefore}
)

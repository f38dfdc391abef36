"""Promising to pay, agreeing to a plan, and finding out whether it was kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.approvals.model import Kind, OvertakenError, Request, request_for
from gridhall.billing.approvals.operations import Approvals, Approved, RefusedBefore, Waiting, prepare
from gridhall.billing.arrears.agreements.model import (
    NOTHING_OWED,
    ONE_AT_A_TIME,
    Agreement,
    AgreementId,
    AgreementKind,
    AgreementState,
    Rate,
    paid_of,
    plan_rates,
    promise_rates,
)
from gridhall.billing.arrears.agreements.repository import AgreementRepository
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.model import SYSTEM, Debt, Pursuit
from gridhall.billing.arrears.notes import Form, rates_written, written
from gridhall.billing.arrears.policies import Policy
from gridhall.billing.arrears.states import Event
from gridhall.billing.arrears.stepping import pursuit_of, step
from gridhall.kit.ids import new_id
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.subject import Refusal

CUSTOMER: Final = "customer"
"""Who makes a promise that the customer makes in the app."""

JUDGED_AT_ONCE: Final = 200
_A_YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Agreeing:
    """What agreements need at hand."""

    mongo: Mongo
    following: Following
    agreements: AgreementRepository


async def promise(
    *, agreeing: Agreeing, account_id: AccountId, by_day: date, by: str, now: datetime
) -> Agreement | Refusal:
    """Promise to pay all that is overdue by a day; reminders rest until then.

    Refused beyond the policy's days, above its promises a year, beside another agreement, where nothing is overdue, and
    where the state does not allow it. The same promise again is the same.
    """

    async def work(transaction: Transaction) -> Agreement | Refusal:
        found = await _found(agreeing, account_id, transaction, now)
        if isinstance(found, Refusal):
            return found
        pursuit, debts, rules = found
        if same := await _open(agreeing, account_id, debts, transaction, now):
            return same if same.kind is AgreementKind.PROMISE and same.rates[0].due_on == by_day else ONE_AT_A_TIME
        made = await agreeing.agreements.count_since(
            account_id, kind=AgreementKind.PROMISE, since=now - _A_YEAR, transaction=transaction
        )
        if made >= rules.promises_a_year:
            return Refusal("arrears.too_many_promises", {"most": rules.promises_a_year})
        rates = promise_rates(debts, by_day=by_day, rules=rules, today=agreeing.following.today(now))
        if isinstance(rates, Refusal):
            return rates
        agreement = _agreement(
            AgreementKind.PROMISE, pursuit, debts, rates, by=by, now=now, following=agreeing.following
        )
        return await _begin(agreeing, agreement, Event.PROMISE_MADE, transaction, now)

    return await agreeing.mongo.transact(work)


async def ask_for_plan(
    *,
    agreeing: Agreeing,
    approvals: Approvals,
    account_id: AccountId,
    days: Sequence[date],
    reason: str,
    by: str,
    now: datetime,
) -> Approved | Waiting | RefusedBefore | Refusal:
    """Prepare a plan of equal rates on some days for what is overdue. Above the limit another person approves it."""

    async def work(transaction: Transaction) -> Approved | Waiting | RefusedBefore | Refusal:
        found = await _found(agreeing, account_id, transaction, now)
        if isinstance(found, Refusal):
            return found
        _, debts, rules = found
        rates = plan_rates(debts, days=days, rules=rules, today=agreeing.following.today(now))
        if isinstance(rates, Refusal):
            return rates
        if await _open(agreeing, account_id, debts, transaction, now):
            return ONE_AT_A_TIME
        account = (await agreeing.following.accounts.load([account_id], transaction=transaction))[account_id]
        request = request_for(
            account,
            kind=Kind.PLAN,
            key=f"{account_id}:{now.isoformat()}",
            amount=Fen(sum(rate.amount for rate in rates)),
            reason=reason,
            by=by,
            now=now,
            payload={"days": [day.isoformat() for day in days]},
        )
        return await prepare(approvals=approvals, request=request, transaction=transaction)

    return await agreeing.mongo.transact(work)


async def agree_to_plan(agreeing: Agreeing, request: Request, transaction: Transaction) -> None:
    """Carry an approved plan out. Raises OvertakenError where it is not possible any more."""
    now = request.acted_at
    found = await _found(agreeing, request.account_id, transaction, now)
    if isinstance(found, Refusal):
        raise OvertakenError(found.code)
    pursuit, debts, rules = found
    listed: Sequence[str] = request.payload["days"]  # type: ignore[assignment]
    days = [date.fromisoformat(day) for day in listed]
    rates = plan_rates(debts, days=days, rules=rules, today=agreeing.following.today(now))
    if isinstance(rates, Refusal):
        raise OvertakenError(rates.code)
    if await _open(agreeing, request.account_id, debts, transaction, now):
        raise OvertakenError(ONE_AT_A_TIME.code)
    agreement = _agreement(
        AgreementKind.PLAN, pursuit, debts, rates, by=request.prepared_by, now=now, following=agreeing.following
    )
    begun = await _begin(agreeing, agreement, Event.PLAN_AGREED, transaction, now)
    if isinstance(begun, Refusal):
        raise OvertakenError(begun.code)


async def judge(*, agreeing: Agreeing, region: str, now: datetime) -> int:
    """End the agreements of a region whose rate was due and not paid, and note those that were kept; return how many.

    Idempotent. A broken one lets the ladder go on, one step back.
    """
    ended, today = 0, agreeing.following.today(now)
    while due := await agreeing.agreements.due(region=region, before=today, limit=JUDGED_AT_ONCE):
        for agreement in due:

            async def work(transaction: Transaction, agreement: Agreement = agreement) -> bool:
                return await _judge(agreeing, agreement, today, transaction, now)

            ended += await agreeing.mongo.transact(work)
    return ended


async def _judge(
    agreeing: Agreeing, agreement: Agreement, today: date, transaction: Transaction, now: datetime
) -> bool:
    debts = await agreeing.following.debts.of_accounts([agreement.account_id], transaction=transaction)
    still = await _open(agreeing, agreement.account_id, debts, transaction, now)
    if still is None or still.id != agreement.id:
        return still is None
    paid = paid_of(still, debts)
    state = still.judged(paid=paid, today=today)
    after = still if state is AgreementState.OPEN else still.ended(state, now=now)
    await agreeing.agreements.put(after, paid=paid, transaction=transaction)
    if state is AgreementState.BROKEN:
        event = Event.PROMISE_BROKEN if still.kind is AgreementKind.PROMISE else Event.PLAN_BROKEN
        await step(
            following=agreeing.following,
            account_id=still.account_id,
            event=event,
            by=SYSTEM,
            note=written(Form.UNPAID, day=still.next_due(paid=paid)),
            transaction=transaction,
            now=now,
        )
    return state is not AgreementState.OPEN


async def _found(
    agreeing: Agreeing, account_id: AccountId, transaction: Transaction, now: datetime
) -> tuple[Pursuit, list[Debt], Policy] | Refusal:
    found = await pursuit_of(following=agreeing.following, account_id=account_id, transaction=transaction, now=now)
    if isinstance(found, Refusal):
        return found
    pursuit, debts = found
    rules = pursuit.policy(agreeing.following.today(now))
    return (pursuit, debts, rules) if rules else NOTHING_OWED


async def _open(
    agreeing: Agreeing, account_id: AccountId, debts: Sequence[Debt], transaction: Transaction, now: datetime
) -> Agreement | None:
    """Return the agreement that is still to be kept. One that was paid before its days is kept as of now."""
    found = await agreeing.agreements.of_accounts([account_id], open_only=True, limit=1, transaction=transaction)
    for agreement in found:
        paid = paid_of(agreement, debts)
        if agreement.next_due(paid=paid) is not None:
            return agreement
        kept = agreement.ended(AgreementState.KEPT, now=now)
        await agreeing.agreements.put(kept, paid=paid, transaction=transaction)
    return None


def _agreement(
    kind: AgreementKind,
    pursuit: Pursuit,
    debts: Sequence[Debt],
    rates: tuple[Rate, ...],
    *,
    by: str,
    now: datetime,
    following: Following,
) -> Agreement:
    today = following.today(now)
    return Agreement(
        id=AgreementId(new_id()),
        kind=kind,
        account_id=pursuit.account_id,
        region=pursuit.region,
        org_path=pursuit.org_path,
        bill_ids=tuple(debt.bill_id for debt in debts if debt.overdue(today)),
        owed=Fen(sum(rate.amount for rate in rates)),
        rates=rates,
        made_by=by,
        made_at=now,
    )


async def _begin(
    agreeing: Agreeing, agreement: Agreement, event: Event, transaction: Transaction, now: datetime
) -> Agreement | Refusal:
    note = written(Form.RATES, rates=rates_written((rate.due_on, rate.amount) for rate in agreement.rates))
    moved = await step(
        following=agreeing.following,
        account_id=agreement.account_id,
        event=event,
        by=agreement.made_by,
        note=note,
        transaction=transaction,
        now=now,
    )
    if isinstance(moved, Refusal):
        return moved
    await agreeing.agreements.add(agreement, transaction=transaction)
    return agreement

"""Rebilling: what an issued bill got wrong is taken back by a credit note, and billed anew, all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from gridhall.billing.accounts.model import Account
from gridhall.billing.approvals.model import Kind, OvertakenError, Request, request_for
from gridhall.billing.approvals.operations import Approvals, Approved, RefusedBefore, prepare
from gridhall.billing.bills.issuing import Issuing
from gridhall.billing.bills.model import BILL_RUN, Bill, BillId, BillKind, BillOrigin, BillStatus, Finding
from gridhall.billing.bills.review.gathering import Draft
from gridhall.billing.bills.review.jumps import OF_USE
from gridhall.billing.corrections.model import Decided, Verdict
from gridhall.billing.corrections.operations import look_again
from gridhall.billing.corrections.repository import CorrectionRepository
from gridhall.billing.credits.catching_up import catch_up
from gridhall.billing.credits.model import Cause
from gridhall.billing.credits.plan import Plan, Swap, plan
from gridhall.billing.credits.repository import CreditNoteRepository
from gridhall.billing.credits.swapping import Order, swap_bills
from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import local_day
from gridhall.kit.mongo import Transaction

_CYCLE_BACK_MONTHS: Final = 14
"""The tier cycle of the bill before the one that is asked for."""

_READ_BACK_MONTHS: Final = 3
"""So far before the bill its opening read may have moved other bills."""


@dataclass(frozen=True, slots=True)
class Rebilling:
    """What rebilling needs at hand."""

    issuing: Issuing
    notes: CreditNoteRepository
    corrections: CorrectionRepository


@dataclass(frozen=True, slots=True)
class Rebilled:
    """The bills were taken back and billed anew. plan: as it was carried out, or asked for the first time."""

    request: Request
    plan: Plan


@dataclass(frozen=True, slots=True)
class RebillWaits:
    """A second person has to approve it."""

    request: Request
    plan: Plan


@dataclass(frozen=True, slots=True)
class RebillRefused:
    """A second person refused these very figures before."""

    request: Request


@dataclass(frozen=True, slots=True)
class NotRebillable:
    """There is no such bill, or it is not issued, cancelled already, or not ours. why: a short code."""

    why: str


@dataclass(frozen=True, slots=True)
class NothingToRebill:
    """The bill is right as it is: by today's readings, tariff and household it would be the same."""


@dataclass(frozen=True, slots=True)
class CannotRebill:
    """A bill cannot be made now. waits: for what. findings: what the review says of the bill it would be."""

    waits: Waiting | None = None
    findings: tuple[Finding, ...] = ()


Outcome = Rebilled | RebillWaits | RebillRefused | NotRebillable | NothingToRebill | CannotRebill


async def rebill(
    *, rebilling: Rebilling, approvals: Approvals, bill_id: BillId, reason: str, by: str, now: datetime
) -> Outcome:
    """Take an issued bill back and bill its month anew, with every other bill that moves with it.

    Above the limit of its kind a second person approves the figures first. Idempotent: a bill that is cancelled is
    not rebilled again, and the same figures asked for twice are one request.
    """
    bill = (await rebilling.issuing.bills.load([bill_id])).get(bill_id)
    why = _unfit(bill) if bill else "no_such_bill"
    if bill is None or why is not None:
        return NotRebillable(why or "")
    account = (await rebilling.issuing.accounts.load([bill.account_id]))[bill.account_id]
    planned = await planned_for(rebilling=rebilling, account=account, bill=bill, now=now)
    if not isinstance(planned, Plan):
        return planned
    if by == BILL_RUN and (found := tuple(one for new in planned.bills for one in new.findings)):
        # Nobody has looked yet; a person who asks for the same has.
        return CannotRebill(findings=found)
    figures = planned.figures
    request = request_for(
        account,
        kind=Kind.REBILL,
        key=f"{bill.id}:{'/'.join(str(total) for total in figures.values())}",
        amount=planned.at_stake,
        reason=reason,
        by=by,
        now=now,
        payload={"bill_id": str(bill.id), "totals": figures},
    )
    try:
        asked = await prepare(approvals=approvals, request=request)
    except OvertakenError as error:
        return NotRebillable(error.why)
    if isinstance(asked, RefusedBefore):
        return RebillRefused(asked.request)
    done = isinstance(asked, Approved)
    if done:
        await look_after(rebilling, asked.request)
    return Rebilled(asked.request, planned) if done else RebillWaits(asked.request, planned)


async def planned_for(
    *, rebilling: Rebilling, account: Account, bill: Bill, now: datetime
) -> Plan | NothingToRebill | CannotRebill:
    """Return what rebilling an issued bill would do, with every new bill reviewed. Nothing is written."""
    issuing = rebilling.issuing
    known = (await issuing.bills.since([account.id], month=bill.month.shift(-_CYCLE_BACK_MONTHS)))[account.id]
    if bill.kind is BillKind.PROVISIONAL:
        today = local_day(now, issuing.zone)
        made = await catch_up(account=account, bill=bill, known=known, sources=issuing.sources, today=today, now=now)
    else:
        months = {one.month for one in known if one.month >= bill.month.shift(-_READ_BACK_MONTHS) and one.status.counts}
        read = {month: await issuing.sources.read(accounts=[account], month=month) for month in sorted(months)}
        sources = {month: found for month, (found, _) in read.items()}
        made = plan(account=account, bill_id=bill.id, known=known, sources=sources, now=now)
    if isinstance(made, Waiting):
        return CannotRebill(waits=made)
    if given_up := [swap.old for swap in made.swaps if swap.old.status is BillStatus.WRITTEN_OFF]:
        return CannotRebill(waits=Waiting("later_month_written_off", (("month", str(given_up[0].month)),)))
    return await _reviewed(rebilling, account, made, known) if made.swaps else NothingToRebill()


async def _reviewed(rebilling: Rebilling, account: Account, made: Plan, known: Sequence[Bill]) -> Plan | CannotRebill:
    """Return the plan with what the review says of each new bill, each on top of the new ones before it."""
    gone = {swap.old.id for swap in made.swaps}
    stood = [bill for bill in known if bill.status.counts and bill.id not in gone]
    reviewed: dict[BillId, Bill] = {}
    for new in sorted(made.bills, key=lambda bill: bill.month):
        earlier = [bill for bill in [*stood, *reviewed.values()] if bill.month < new.month]
        draft = Draft(new, account, sorted(earlier, key=lambda bill: bill.month), interval_kwh=None)
        found = (await rebilling.issuing.reviewing.review([draft]))[account.id]
        # Whoever rebills has looked at how much was used, and the second person sees what the review finds of it.
        if wrong := tuple(one for one in found.findings if one.code not in OF_USE):
            return CannotRebill(findings=wrong)
        reviewed[new.id] = replace(new, findings=found.findings, checks=found.checks)
    swaps = tuple(Swap(swap.old, reviewed[swap.new.id]) for swap in made.swaps)
    return replace(made, swaps=swaps, added=tuple(reviewed[bill.id] for bill in made.added))


async def carry_out(rebilling: Rebilling, request: Request, transaction: Transaction) -> None:
    """Carry an approved rebill out, if its figures still hold. Raises OvertakenError where they do not."""
    issuing, bill_id = rebilling.issuing, _bill_id(request)
    bill = (await issuing.bills.load([bill_id], transaction=transaction))[bill_id]
    if why := _unfit(bill):
        raise OvertakenError(why)
    account = (await issuing.accounts.load([bill.account_id], transaction=transaction))[bill.account_id]
    now = request.acted_at
    planned = await planned_for(rebilling=rebilling, account=account, bill=bill, now=now)
    if not isinstance(planned, Plan) or planned.figures != request.payload["totals"]:
        raise OvertakenError("figures_changed")
    order = Order(
        asked=None if bill.kind is BillKind.PROVISIONAL else bill_id,
        cause=Cause.CATCH_UP if bill.kind is BillKind.PROVISIONAL else Cause.REBILL,
        reason=request.reason,
        prepared_by=request.prepared_by,
        approved_by=request.acted_by,
    )
    await swap_bills(
        issuing=issuing,
        notes=rebilling.notes,
        plan=planned,
        account=account,
        order=order,
        transaction=transaction,
        now=now,
    )
    await rebilling.corrections.decide(
        bill_ids=[swap.old.id for swap in planned.swaps],
        decision=Decided(Verdict.REBILL, order.prepared_by, order.reason, now),
        transaction=transaction,
    )


async def look_after(rebilling: Rebilling, request: Request) -> None:
    """Look again at the bills of an account once it was rebilled: what changed of its readings meanwhile is noted.

    A month that a catch-up billed as well had no closed days before, so nobody else tells of it.
    """
    issuing, bill_id = rebilling.issuing, _bill_id(request)
    bill = (await issuing.bills.load([bill_id]))[bill_id]
    since = bill.month.shift(-_READ_BACK_MONTHS)
    known = (await issuing.bills.since([bill.account_id], month=since))[bill.account_id]
    standing = [one for one in known if one.status.shown and one.status.counts and one.origin is BillOrigin.OWN]
    await look_again(questioning=issuing.questioning, bills=standing, now=request.acted_at)


def _bill_id(request: Request) -> BillId:
    return BillId(UUID(str(request.payload["bill_id"])))


def _unfit(bill: Bill) -> str | None:
    if bill.origin is BillOrigin.IMPORTED:
        return "imported"
    if bill.status is BillStatus.WRITTEN_OFF:
        return "written_off"
    if not bill.status.shown:
        return "not_issued"
    return None if bill.status.counts else "cancelled"

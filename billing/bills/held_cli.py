"""Commands of the reviewers' queue: held, assign, release, reject."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Final, TypeVar
from uuid import UUID

import typer

from gridhall.billing.bills.model import Bill, BillId, Finding
from gridhall.billing.bills.releasing import Assigned, Rejected, Released, ReleasePrepared, assign, reject, release
from gridhall.billing.opening import open_billing
from gridhall.billing.regions import regions
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, console, good_reason, print_json, refuse, table
from gridhall.kit.localdays import local_day
from gridhall.kit.money import yuan
from gridhall.kit.settings import settings

app = typer.Typer()

T = TypeVar("T")

_SHOWN: Final = 200

HeldId = Annotated[UUID, typer.Argument(help="The id of a held bill.")]
Reviewer = Annotated[str, typer.Option(help="Who looked at it.")]


@app.command()
def held(
    *,
    region: Annotated[str | None, typer.Option(help="One region; all of them by default.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only those in the care of one person.")] = None,
    json: AsJson = False,
) -> None:
    """List the bills that a review holds, what is due first on top, 200 at most."""
    if region is not None and region not in regions():
        raise refuse(f"--region: {region!r} is not served; there are {', '.join(sorted(regions()))}")
    bills = asyncio.run(_held(region, owner))
    today = local_day(SystemClock().now(), settings().time_zone)
    rows = [_row(bill, today) for bill in bills]
    if json:
        print_json(rows)
    else:
        columns = ("id", "region", "month", "kWh", "yuan", "due", "owner", "stands", "findings")
        table("Held bills", columns, [tuple(row.values()) for row in rows])


@app.command(name="assign")
def assign_bill(
    bill_id: HeldId,
    owner: Annotated[str, typer.Option(help="Whose care it is from now on.")],
    by: Annotated[str, typer.Option(help="Who gives it.")],
) -> None:
    """Put a held bill into somebody's care."""
    if not isinstance(asyncio.run(_assign(BillId(bill_id), owner, by)), Assigned):
        raise _not_held(bill_id)
    console.print(f"{bill_id} is in the care of {owner}")


@app.command(name="release")
def release_bill(
    bill_id: HeldId, reviewer: Reviewer, reason: Annotated[str, typer.Option(help="Why it is right.")]
) -> None:
    """Issue a held bill as it is; above the limit of one person, prepare that for another to approve."""
    outcome = asyncio.run(_decide(release, BillId(bill_id), reviewer, good_reason(reason)))
    if isinstance(outcome, ReleasePrepared):
        console.print(
            f"prepared {bill_id}; another person approves it: gridhall approvals approve {outcome.request.id}"
        )
    elif isinstance(outcome, Released):
        console.print(f"issued {bill_id}")
    else:
        raise _not_held(bill_id)


@app.command(name="reject")
def reject_bill(
    bill_id: HeldId, reviewer: Reviewer, reason: Annotated[str, typer.Option(help="What is wrong.")]
) -> None:
    """Void a held bill; the next run bills its month again."""
    if not isinstance(asyncio.run(_decide(reject, BillId(bill_id), reviewer, good_reason(reason))), Rejected):
        raise _not_held(bill_id)
    console.print(f"rejected {bill_id}")


async def _held(region: str | None, owner: str | None) -> list[Bill]:
    async with open_billing() as billing:
        return await billing.bills.held(region=region, after=None, limit=_SHOWN, owner=owner)


async def _assign(bill_id: BillId, owner: str, by: str) -> object:
    async with open_billing() as billing:
        now = SystemClock().now()
        return await assign(issuing=billing.issuing, bill_id=bill_id, owner=owner, by=by, now=now)


async def _decide(decide: Callable[..., Awaitable[T]], bill_id: BillId, reviewer: str, reason: str) -> T:
    async with open_billing() as billing:
        return await decide(
            issuing=billing.issuing,
            approvals=billing.approvals,
            bill_id=bill_id,
            reviewer=reviewer,
            reason=reason,
            now=SystemClock().now(),
        )


def _not_held(bill_id: UUID) -> typer.Exit:
    return refuse(f"bill-id: {bill_id} is not held; `gridhall bills held` lists those that are")


def _row(bill: Bill, today: date) -> dict[str, object]:
    hold = bill.hold
    due = hold.due_on if hold else None
    return {
        "id": str(bill.id),
        "region": bill.region,
        "month": str(bill.month),
        "kwh": str(bill.kwh),
        "yuan": str(yuan(bill.total)),
        "due": f"{due} overdue" if due and due < today else str(due or ""),
        "owner": (hold.owner if hold else None) or "",
        "stands": _stands(bill),
        "findings": "; ".join(_said(finding) for finding in bill.findings),
    }


def _stands(bill: Bill) -> str:
    if bill.hold is None or not bill.hold.steps:
        return "waits"
    last = bill.hold.steps[-1]
    return f"{last.what.replace('_', ' ')} by {last.by}: {last.note}" if last.note else f"{last.what} by {last.by}"


def _said(finding: Finding) -> str:
    numbers = ", ".join(f"{name} {value}" for name, value in finding.evidence)
    return f"{finding.code} ({numbers})"

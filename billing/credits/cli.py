"""Commands of credit notes: rebill."""

import asyncio
import getpass
from typing import Annotated

import typer

from gridhall.billing.bills.naming import bill_named
from gridhall.billing.credits.operations import (
    CannotRebill,
    NothingToRebill,
    NotRebillable,
    Outcome,
    Rebilled,
    RebillRefused,
    RebillWaits,
    rebill,
)
from gridhall.billing.credits.plan import Plan
from gridhall.billing.opening import open_billing
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, console, good_reason, print_json, refuse, table
from gridhall.kit.money import yuan

app = typer.Typer(no_args_is_help=True)

_WHY = {
    "no_such_bill": "there is no bill with this id, nor with this number",
    "not_issued": "it was never issued; a held bill is released or rejected",
    "cancelled": "it is cancelled already; `gridhall bills explain` names the bill in its place",
    "written_off": "what was owed of it was given up; there is nothing to take back",
    "imported": "it came from the supplier's billing system, which alone can bill it anew",
}


@app.command(name="rebill")
def rebill_bill(
    which: Annotated[str, typer.Argument(help="The number or the id of an issued bill.", metavar="NUMBER|ID")],
    *,
    reason: Annotated[str, typer.Option(help="Why it is wrong; kept with the credit note.")],
    by: Annotated[str | None, typer.Option(help="Who asks for it; the user of this machine by default.")] = None,
    json: AsJson = False,
) -> None:
    """Take an issued bill back by a credit note and bill its month anew, with the months that move with it."""
    outcome = asyncio.run(_rebill(which, good_reason(reason), by or getpass.getuser()))
    match outcome:
        case Rebilled(_, plan):
            _show(plan, title="Rebilled", json=json)
        case RebillWaits(request, plan):
            _show(plan, title=f"Waits for a second person: request {request.id}", json=json)
        case RebillRefused(request):
            raise refuse(f"bill {which}: {request.decided_by} refused these figures: {request.decision}")
        case NothingToRebill():
            console.print("nothing to rebill: by today's readings, tariff and household it would be the same")
        case NotRebillable(why):
            raise refuse(f"bill {which}: {_WHY.get(why, why)}")
        case CannotRebill(waits, findings):
            found = waits.code if waits else ", ".join(one.code for one in findings)
            raise refuse(f"bill {which} cannot be billed anew now: {found}")


async def _rebill(which: str, reason: str, by: str) -> Outcome:
    async with open_billing() as billing:
        bill = await bill_named(which, bills=billing.bills, accounts=billing.accounts)
        if bill is None:
            return NotRebillable("no_such_bill")
        return await rebill(
            rebilling=billing.rebilling,
            approvals=billing.approvals,
            bill_id=bill.id,
            reason=reason,
            by=by,
            now=SystemClock().now(),
        )


def _show(plan: Plan, *, title: str, json: bool) -> None:
    rows = [
        {
            "month": str(swap.old.month),
            "cancelled": swap.old.number,
            "new": swap.new.number,
            "kwh": f"{swap.old.kwh} -> {swap.new.kwh}",
            "yuan": f"{yuan(swap.old.total)} -> {yuan(swap.new.total)}",
        }
        for swap in plan.swaps
    ]
    rows += [
        {
            "month": str(bill.month),
            "cancelled": "",
            "new": bill.number,
            "kwh": str(bill.kwh),
            "yuan": str(yuan(bill.total)),
        }
        for bill in plan.added
    ]
    if json:
        print_json({"outcome": title, "bills": rows, "rejected": [bill.number for bill in plan.void]})
    else:
        table(title, tuple(rows[0]), [tuple(row.values()) for row in rows])

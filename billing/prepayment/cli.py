"""Commands of prepayment: reckon a region's day now, and show how an account stands."""

import asyncio
from typing import Annotated

import typer

from gridhall.billing.accounts.model import Account
from gridhall.billing.opening import open_billing
from gridhall.billing.prepayment.days import run_page
from gridhall.billing.prepayment.model import Prepayment
from gridhall.billing.regions import regions
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, listing, print_json, refuse, report
from gridhall.kit.money import yuan

app = typer.Typer(no_args_is_help=True, help="Prepayment (预付费): provisional days, balances and warnings.")


@app.command("run")
def run_now(*, region: Annotated[str, typer.Option(help="Code of the region.")], json: AsJson = False) -> None:
    """Reckon all accounts of a region that pay ahead, and warn. The same again does nothing."""
    if region not in regions():
        raise refuse(f"--region: {region!r} is not served; there are {', '.join(sorted(regions()))}")
    report(asyncio.run(_run(region)), json=json, title=f"Prepayment of {region}")


@app.command("show")
def show(number: Annotated[str, typer.Argument(help="The account number (户号).")], *, json: AsJson = False) -> None:
    """Show an account's balance, and the provisional charge of each day since its last bill."""
    account, found = asyncio.run(_find(number))
    last = found.last
    figures = {
        "balance": str(yuan(found.balance(account))),
        "prepaid": str(yuan(account.balance.prepaid)),
        "provisional": str(yuan(found.charged)),
        "owed": str(yuan(account.balance.owed)),
        "level": str(found.level),
        "as_of": last.day.isoformat() if last else "",
        "days_left": found.days_left(account),
        "cut": str(found.cut),
        "unpriced": found.unpriced,
    }
    days = [
        (one.day.isoformat(), "" if one.kwh is None else str(one.kwh), str(yuan(one.amount)), one.quality, one.whole)
        for one in found.days
    ]
    columns = ("day", "kwh", "yuan", "quality", "whole")
    if json:
        print_json({**figures, "days": [dict(zip(columns, row, strict=True)) for row in days]})
        return
    report(figures, json=False, title=f"Account {number}")
    listing("Provisional days; the bill is the final word", columns, days, json=False)


async def _run(region: str) -> dict[str, object]:
    accounts = crossed = proposed = 0
    async with open_billing() as billing:
        after = None
        while True:
            page = await run_page(prepaying=billing.prepaying, region=region, after=after, now=SystemClock().now())
            accounts, crossed = accounts + page.accounts, crossed + page.crossed
            proposed += page.proposed
            after = page.last
            if after is None:
                return {"accounts": accounts, "warned": crossed, "proposed": proposed}


async def _find(number: str) -> tuple[Account, Prepayment]:
    async with open_billing() as billing:
        account_id = await billing.accounts.by_number(number)
        if account_id is None:
            raise refuse(f"there is no account {number}")
        found = (await billing.prepaying.following.prepayments.load([account_id])).get(account_id)
        if found is None:
            raise refuse(f"account {number} was not reckoned yet: it is post-paid, or its region's day has not run")
        return (await billing.accounts.load([account_id]))[account_id], found

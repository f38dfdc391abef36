"""Command that explains a bill."""

import asyncio
from itertools import groupby
from typing import Annotated

import typer

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.explaining.explain import explain
from gridhall.billing.bills.explaining.sentences import sentence, title
from gridhall.billing.bills.model import Bill
from gridhall.billing.bills.naming import bill_named
from gridhall.billing.opening import open_billing
from gridhall.kit.console import AsJson, console, print_json, refuse
from gridhall.kit.words import LANGUAGES, Words

app = typer.Typer()


@app.command(name="explain")
def explain_bill(
    which: Annotated[str, typer.Argument(help="The number or the id of a bill.", metavar="NUMBER|ID")],
    *,
    english: Annotated[bool, typer.Option(help="In English; in Chinese otherwise.")] = False,
    json: AsJson = False,
) -> None:
    """Show how a bill was calculated, from its readings to its total, so that it can be checked by hand."""
    found = asyncio.run(_found(which))
    if found is None:
        raise refuse(f"number or id: there is no bill {which}")
    bill, account = found
    explanation = explain(bill, account=account)
    words, language = Words(["gridhall.billing"]), LANGUAGES[1 if english else 0]
    said = [(step.section, sentence(step, words=words, language=language)) for step in explanation.steps]
    if json:
        steps = [{"section": str(section), "text": text} for section, text in said]
        print_json({"number": bill.number, "agrees": explanation.agrees, "again": explanation.again, "steps": steps})
        return
    console.print(f"{bill.number}  {bill.month}", style="bold", markup=False, highlight=False)
    for section, lines in groupby(said, key=lambda one: one[0]):
        console.print(title(section, words=words, language=language), style="bold", markup=False)
        for _, line in lines:
            console.print(f"  {line}", markup=False, highlight=False)
    if not explanation.agrees:
        raise typer.Exit(1)


async def _found(which: str) -> tuple[Bill, Account] | None:
    async with open_billing() as billing:
        bill = await bill_named(which, bills=billing.bills, accounts=billing.accounts)
        if bill is None:
            return None
        return bill, (await billing.accounts.load([bill.account_id]))[bill.account_id]

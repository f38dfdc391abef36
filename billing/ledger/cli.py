"""Commands of the ledger: the statement of an account, and whether every balance is what the entries say."""

import asyncio
from typing import Annotated

import typer

from gridhall.billing.ledger.checking import Checked, Differs, check
from gridhall.billing.ledger.statement import StatementLine, statement
from gridhall.billing.opening import open_billing
from gridhall.billing.regions import regions
from gridhall.kit.console import AsJson, listing, refuse, report
from gridhall.kit.money import yuan

app = typer.Typer(no_args_is_help=True, help="The ledger (账务).")

_SHOWN = 20


@app.command("check")
def check_balances(
    *,
    region: Annotated[str | None, typer.Option(help="One region; all where absent.")] = None,
    json: AsJson = False,
) -> None:
    """Compare every balance with the sum of its entries. Exit code 1 where one differs."""
    if region is not None and region not in regions():
        raise refuse(f"--region: {region!r} is not served; there are {', '.join(sorted(regions()))}")
    accounts, differing = asyncio.run(_check([region] if region else sorted(regions())))
    if not json and differing:
        rows = [(one.number, *_figures(one)) for one in differing[:_SHOWN]]
        columns = ("account", "owed", "owed by entries", "prepaid", "prepaid by entries", "off")
        listing("Balances that differ", columns, rows, json=False)
    shown = [one.number for one in differing[:_SHOWN]]
    told = {"accounts": accounts, "differing": len(differing)}
    report({**told, "shown": shown} if json else told, json=json, title="Ledger")
    if differing:
        raise typer.Exit(1)


def _figures(one: Differs) -> tuple[str, ...]:
    figures = (one.balance.owed, one.entries.owed, one.balance.prepaid, one.entries.prepaid, one.off)
    return tuple(str(yuan(figure)) for figure in figures)


async def _check(chosen: list[str]) -> tuple[int, list[Differs]]:
    accounts, differing = 0, list[Differs]()
    async with open_billing() as billing:
        mongo = billing.payments.mongo
        for region in chosen:
            page: Checked
            async for page in check(mongo=mongo, ledger=billing.ledger, accounts=billing.accounts, region=region):
                accounts += page.accounts
                differing += page.differing
    return accounts, differing


@app.command("statement")
def show_statement(
    *,
    account: Annotated[str, typer.Argument(help="The account number (户号).")],
    last: Annotated[int, typer.Option(min=1, max=100, help="How many of the newest postings.")] = 20,
    json: AsJson = False,
) -> None:
    """Show what moved on an account, newest first, and what was owed and prepaid after each posting."""
    found = asyncio.run(_statement(account, last))
    if found is None:
        raise refuse(f"account: there is no account {account}")
    rows = [
        (
            f"{line.posting.at:%Y-%m-%d %H:%M}",
            str(line.posting.kind),
            str(yuan(line.change.owed)),
            str(yuan(line.after.owed)),
            str(yuan(line.change.prepaid)),
            str(yuan(line.after.prepaid)),
            line.posting.key,
        )
        for line in found
    ]
    listing("Statement", ("at", "kind", "owed", "owed after", "prepaid", "prepaid after", "key"), rows, json=json)


async def _statement(number: str, last: int) -> list[StatementLine] | None:
    async with open_billing() as billing:
        account_id = await billing.accounts.by_number(number)
        if account_id is None:
            return None
        return await statement(ledger=billing.ledger, account_id=account_id, before=None, limit=last)

"""Commands of banks: mandates, collection files, their results, statements, and money of nobody."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from gridhall.billing.bank.collecting import Results, make_file, rows, take_results
from gridhall.billing.bank.formats.port import BadBankFileError, BankFormat
from gridhall.billing.bank.formats.registry import UnknownBankFormatError, bank_format
from gridhall.billing.bank.model import CollectionFile, Mandate, mandate_id
from gridhall.billing.bank.repository import MandateOpenError
from gridhall.billing.bank.transfers import Assigned, NotWaiting, assign, note_cash_banked
from gridhall.billing.opening import open_billing
from gridhall.billing.regions import regions
from gridhall.billing.services import Billing
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, good_reason, refuse, report
from gridhall.kit.localdays import local_day
from gridhall.kit.settings import settings

app = typer.Typer(no_args_is_help=True, help="Banks: collection (代扣) and transfers, by file.")

Format = Annotated[str, typer.Option("--format", help="plain (UTF-8) or gbk.")]
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The local day, like 2026-11-21.")]
T = TypeVar("T")

_CARD = re.compile(r"\d{8,32}", re.ASCII)
_BANK = re.compile(r"[a-z0-9]{2,16}", re.ASCII)
_HOLDER = 60


@app.command()
def mandate(
    *,
    account: Annotated[str, typer.Argument(help="The account number (户号).")],
    bank: Annotated[str, typer.Option(help="Code of the bank, like icbc.")],
    card: Annotated[str, typer.Option(help="The card; sealed at rest.")],
    holder: Annotated[str, typer.Option(help="Whose card it is; sealed at rest.")],
    signed: Day,
    json: AsJson = False,
) -> None:
    """Note a signed authorisation to collect. The same paper again changes nothing."""
    if not _CARD.fullmatch(card) or not _BANK.fullmatch(bank) or not 1 <= len(holder) <= _HOLDER:
        raise refuse("card: 8 to 32 digits; bank: 2 to 16 of a-z and 0-9; holder: 1 to 60 characters")

    async def work(billing: Billing, now: datetime) -> bool:
        account_id = await billing.accounts.by_number(account)
        found = (await billing.accounts.load([account_id])).get(account_id) if account_id else None
        if found is None:
            return False
        signed_at = signed.replace(tzinfo=UTC)
        today = local_day(now, settings().time_zone)
        made = Mandate(
            id=mandate_id(account_id=found.id, card=card, signed_at=signed_at),
            account_id=found.id,
            region=found.region,
            bank=bank,
            card=card,
            holder=holder,
            from_day=max(today, signed.date()),
            signed_at=signed_at,
        )
        await billing.collecting.mandates.add(made)
        return True

    try:
        known = run(work)
    except MandateOpenError:
        raise refuse(f"account: {account} has another mandate that holds; end it first") from None
    if not known:
        raise refuse(f"account: there is no account {account}")
    report({"account": account, "bank": bank, "card": f"*{card[-4:]}"}, json=json, title="Mandate")


@app.command("end-mandate")
def end_mandate(
    *, account: Annotated[str, typer.Argument(help="The account number (户号).")], json: AsJson = False
) -> None:
    """End the mandate of an account as of today."""

    async def work(billing: Billing, now: datetime) -> bool:
        account_id = await billing.accounts.by_number(account)
        found = await billing.collecting.mandates.open_of(account_id) if account_id else None
        today = local_day(now, settings().time_zone)
        return found is not None and await billing.collecting.mandates.end(found.id, on=today)

    if not run(work):
        raise refuse(f"account: {account} has no mandate that holds")
    report({"account": account, "ended": True}, json=json, title="Mandate")


@app.command()
def collect(
    *,
    region: Annotated[str, typer.Option(help="The region.")],
    bank: Annotated[str, typer.Option(help="Code of the bank.")],
    day: Day,
    to: Annotated[
        Path, typer.Option(dir_okay=False, help="The file to write; it holds card numbers, so keep it closed.")
    ],
    form: Format = "plain",
    json: AsJson = False,
) -> None:
    """Write the collection file of a bank and a day. Written again it is the same file."""
    chosen = chosen_format(form)
    if region not in regions():
        raise refuse(f"--region: {region!r} is not served; there are {', '.join(sorted(regions()))}")
    if not to.parent.is_dir():
        raise refuse(f"--to: there is no folder {to.parent}")

    async def work(billing: Billing, now: datetime) -> CollectionFile | list[str]:
        collecting = billing.collecting
        known = await collecting.mandates.banks(region=region)
        if bank not in known:
            return known
        file = await make_file(collecting=collecting, region=region, bank=bank, day=day.date(), now=now)
        to.touch(mode=0o600)
        with to.open("wb") as out:
            async for line in chosen.write_collection(file, rows(collecting=collecting, number=file.number)):
                out.write(line)
        return file

    file = run(work)
    if not isinstance(file, CollectionFile):
        there = f"there are {', '.join(file)}" if file else "nobody there pays by a bank"
        raise refuse(f"--bank: no mandate of {region} is on {bank!r}; {there}")
    report({"file": file.number, "items": file.items, "total_fen": file.total}, json=json, title="Collection")


@app.command()
def results(
    *, path: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], form: Format = "plain", json: AsJson = False
) -> None:
    """Take the bank's answer to a collection file. Taken again it changes nothing."""
    chosen, raw = chosen_format(form), path.read_bytes()

    async def work(billing: Billing, now: datetime) -> Results:
        return await take_results(collecting=billing.collecting, form=chosen, raw=raw, now=now)

    told = run(work)
    figures = {
        "paid": told.paid,
        "failed": told.failed,
        "known": told.known,
        "unknown": list(told.unknown),
        "contradicting": list(told.contradicting),
    }
    report(figures, json=json, title="Results")
    if told.unknown or told.contradicting:
        raise typer.Exit(1)


@app.command("assign")
def assign_money(
    *,
    serial: Annotated[str, typer.Argument(help="The bank's number of the money.")],
    account: Annotated[str, typer.Option(help="The account number (户号) it is of.")],
    by: Annotated[str, typer.Option(help="Your name.")],
    reason: Annotated[str, typer.Option(help="How that was found out.")],
    json: AsJson = False,
) -> None:
    """Give transferred money of nobody to the account it was found to be of."""
    why = good_reason(reason)

    async def work(billing: Billing, now: datetime) -> Assigned | NotWaiting | None:
        account_id = await billing.accounts.by_number(account)
        found = (await billing.accounts.load([account_id])).get(account_id) if account_id else None
        if found is None:
            return None
        return await assign(transfers=billing.transfers, serial=serial, account=found, by=by, reason=why, now=now)

    outcome = run(work)
    if outcome is None:
        raise refuse(f"account: there is no account {account}")
    if isinstance(outcome, NotWaiting):
        raise _not_waiting(serial)
    report({"serial": serial, "fen": outcome.transfer.row.amount}, json=json, title="Assigned")


@app.command("cash-banked")
def cash_banked(
    *,
    serial: Annotated[str, typer.Argument(help="The bank's number of the money.")],
    by: Annotated[str, typer.Option(help="Your name.")],
    reason: Annotated[str, typer.Option(help="Whose shifts it was of, and the number of the slip.")],
    json: AsJson = False,
) -> None:
    """Note that transferred money of nobody is cash of the counter that was taken to the bank."""
    why = good_reason(reason)

    async def work(billing: Billing, now: datetime) -> Assigned | NotWaiting:
        return await note_cash_banked(transfers=billing.transfers, serial=serial, by=by, reason=why, now=now)

    outcome = run(work)
    if isinstance(outcome, NotWaiting):
        raise _not_waiting(serial)
    report({"serial": serial, "fen": outcome.transfer.row.amount}, json=json, title="Banked")


def _not_waiting(serial: str) -> typer.Exit:
    return refuse(f"serial: {serial} is not money of nobody (any more)")


def run(work: Callable[[Billing, datetime], Awaitable[T]]) -> T:
    """Run work on the opened room. A bank's file that is wrong is refused with the place."""

    async def opened() -> T:
        async with open_billing() as billing:
            return await work(billing, SystemClock().now())

    try:
        return asyncio.run(opened())
    except BadBankFileError as error:
        raise refuse(str(error)) from None


def chosen_format(name: str) -> BankFormat:
    """Return a format, or refuse with what there is."""
    try:
        return bank_format(name)
    except UnknownBankFormatError as error:
        raise refuse(str(error)) from None

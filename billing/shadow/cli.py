"""`gridhall shadow`: how the supplier's bills and ours compare; and `gridhall bills import`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from gridhall.billing.opening import open_billing
from gridhall.billing.regions import UnknownRegionError
from gridhall.billing.regions import region as served
from gridhall.billing.shadow.checking import check_month
from gridhall.billing.shadow.formats.files import Format, read_file
from gridhall.billing.shadow.formats.port import DeliveryRefusedError
from gridhall.billing.shadow.model import Record, Report, Sender, Verdict
from gridhall.billing.shadow.refused.repository import KeptRefusal
from gridhall.billing.shadow.taking import take_delivery
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, errors, listing, refuse, report
from gridhall.kit.localdays import Month
from gridhall.kit.money import yuan

app = typer.Typer(no_args_is_help=True, help="Compare the supplier's bills with ours (影子核算).")

RegionOption = Annotated[str, typer.Option(help="Code of the region.")]
Period = Annotated[str, typer.Option(help="Month of the bills, like 2026-10.")]

_OF_FILES = "file"


def import_bills(
    *,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="NDJSON, CSV or a workbook of Excel.")],
    format: Annotated[Format, typer.Option(help="How it is written; by its beginning, unless said.")] = "auto",
    region: Annotated[str | None, typer.Option(help="Take only bills of this region.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take in the bills of the supplier's billing system, and recompute them. Exit code 1 where some were refused."""
    try:
        regions = frozenset({_region(region)}) if region else frozenset[str]()
        taken = asyncio.run(_import(file, format, Sender(_OF_FILES, regions)))
    except DeliveryRefusedError as error:
        raise refuse(str(error)) from None
    for one in taken.refusals:
        errors.print(f"line {one.line}: {one.number or '-'}: {one.field or 'bill'}: {one.reason}", markup=False)
    report(counts(taken), json=as_json, title=f"Bills of {file.name}")
    if taken.refused:
        raise typer.Exit(1)


@app.command()
def compare(
    *,
    period: Period,
    region: RegionOption,
    again: Annotated[bool, typer.Option("--again", help="Also those that agreed before.")] = False,
    as_json: AsJson = False,
) -> None:
    """Recompute a month's imported bills from the readings that are there now, and count what was found."""
    month, code = _month(period), _region(region)
    looked_at, found = asyncio.run(_compare(code, month, again=again))
    columns = {verdict.value: found.get(verdict, 0) for verdict in Verdict}
    report({"region": code, "period": str(month), "looked_at": looked_at, **columns}, json=as_json, title="Compared")


@app.command("list")
def list_bills(
    *,
    period: Period,
    region: RegionOption,
    verdict: Annotated[list[Verdict] | None, typer.Option(help="May be given several times; all unless said.")] = None,
    after: Annotated[str | None, typer.Option(metavar="NUMBER", help="Go on behind this bill.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Bills at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List a month's imported bills with what recomputing found, a difference a row."""
    month, code = _month(period), _region(region)
    records = asyncio.run(_list(code, month, verdict or list(Verdict), f"{code}:{after}" if after else None, limit))
    rows = [row for record in records for row in _rows(record)]
    listing("Imported bills", ("number", "revision", "verdict", "what", "where", "theirs", "ours"), rows, json=as_json)


@app.command()
def refused(
    *, limit: Annotated[int, typer.Option(min=1, max=1000, help="Bills at most.")] = 100, as_json: AsJson = False
) -> None:
    """List the bills that were refused and have not come right since, the last on top."""
    rows = [
        (one.sender, one.refused.line, one.refused.number, one.refused.code, one.refused.field, one.refused.reason)
        for one in asyncio.run(_refused(limit))
    ]
    listing("Refused bills", ("sender", "line", "number", "code", "field", "reason"), rows, json=as_json)


def counts(taken: Report) -> dict[str, object]:
    """Return what became of a delivery, by name."""
    return {
        "accepted": taken.accepted,
        "duplicate": taken.duplicate,
        "revised": taken.revised,
        "refused": taken.refused,
        "verified": taken.verified,
        "differing": taken.differing,
    }


def _rows(record: Record) -> list[tuple[object, ...]]:
    finding = record.finding
    head = (record.number, record.revision, finding.verdict.value)
    if not finding.differences:
        return [(*head, finding.why, "", yuan(record.total), "" if finding.total is None else yuan(finding.total))]
    return [(*head, one.what, one.where, one.theirs or "", one.ours or "") for one in finding.differences]


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        raise refuse(f"period: {text!r} is no month; write it like 2026-10") from None


def _region(code: str) -> str:
    try:
        return served(code).code
    except UnknownRegionError as error:
        raise refuse(f"--{error}") from None


async def _import(file: Path, format: Format, sender: Sender) -> Report:
    async with open_billing() as billing:
        told = read_file(file, format=format)
        return await take_delivery(shadow=billing.shadow, told=told, sender=sender, now=SystemClock().now())


async def _compare(region: str, month: Month, *, again: bool) -> tuple[int, dict[Verdict, int]]:
    async with open_billing() as billing:
        checking = billing.shadow.checking
        done = await check_month(checking=checking, region=region, month=month, again=again, now=SystemClock().now())
        return done, await billing.shadow.records.count(region=region, month=month)


async def _list(region: str, month: Month, verdicts: list[Verdict], after: str | None, limit: int) -> list[Record]:
    async with open_billing() as billing:
        return await billing.shadow.records.page(
            region=region, month=month, verdicts=verdicts, after=after, limit=limit
        )


async def _refused(limit: int) -> list[KeptRefusal]:
    async with open_billing() as billing:
        return await billing.shadow.refused.newest(limit=limit)

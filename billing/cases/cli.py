"""Commands of cases of bills and money: list, take, close."""

import asyncio
from typing import Annotated, Final
from uuid import UUID

import typer

from gridhall.billing.cases.model import Case, CaseId, CaseKind
from gridhall.billing.cases.operations import CaseChanged, close, take
from gridhall.billing.cases.repository import Wanted
from gridhall.billing.opening import open_billing
from gridhall.billing.regions import regions
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, console, good_reason, listing, refuse
from gridhall.kit.money import yuan

app = typer.Typer(no_args_is_help=True, help="Differences in bills and money that somebody must look into.")

_SHOWN: Final = 200
_COLUMNS: Final = ("id", "kind", "region", "yuan", "due", "owner", "state", "evidence")

CaseArgument = Annotated[UUID, typer.Argument(help="The id of a case that is not closed.", metavar="CASE")]
By = Annotated[str, typer.Option(help="Who does it.")]


@app.command(name="list")
def waiting(
    *,
    region: Annotated[str | None, typer.Option(help="One region; all of them by default.")] = None,
    kind: Annotated[CaseKind | None, typer.Option(help="One kind; all of them by default.")] = None,
    json: AsJson = False,
) -> None:
    """List the cases that are not closed, what is due first on top, 200 a region at most."""
    if region is not None and region not in regions():
        raise refuse(f"--region: {region!r} is not served; there are {', '.join(sorted(regions()))}")
    found = asyncio.run(_waiting([region] if region else sorted(regions()), (kind,) if kind else ()))
    listing("Cases", _COLUMNS, [_row(one) for one in found], json=json)


@app.command(name="take")
def take_case(case: CaseArgument, owner: Annotated[str, typer.Option(help="Whose care it is.")], by: By) -> None:
    """Put a case into somebody's care."""
    if not isinstance(asyncio.run(_take(CaseId(case), owner, by)), CaseChanged):
        raise _closed(case)
    console.print(f"{case} is in the care of {owner}")


@app.command(name="close")
def close_case(
    case: CaseArgument, by: By, reason: Annotated[str, typer.Option(help="What was found and done.")]
) -> None:
    """Close a case."""
    if not isinstance(asyncio.run(_close(CaseId(case), by, good_reason(reason))), CaseChanged):
        raise _closed(case)
    console.print(f"closed {case}")


async def _waiting(codes: list[str], kinds: tuple[CaseKind, ...]) -> list[Case]:
    async with open_billing() as billing:
        pages = [await billing.cases.cases.page(Wanted(code, kinds=kinds), after=None, limit=_SHOWN) for code in codes]
        return [one for page in pages for one in page]


async def _take(case_id: CaseId, owner: str, by: str) -> object:
    async with open_billing() as billing:
        return await take(cases=billing.cases, case_id=case_id, owner=owner, by=by, now=SystemClock().now())


async def _close(case_id: CaseId, by: str, reason: str) -> object:
    async with open_billing() as billing:
        return await close(cases=billing.cases, case_id=case_id, by=by, reason=reason, now=SystemClock().now())


def _closed(case: UUID) -> typer.Exit:
    return refuse(f"case: {case} is closed, or there is none; `gridhall cases list` lists those that wait")


def _row(one: Case) -> tuple[object, ...]:
    evidence = ", ".join(f"{name} {value}" for name, value in one.evidence)
    amount, due = str(yuan(one.amount)), str(one.due_on)
    return (str(one.id), str(one.kind), one.region, amount, due, one.owner or "", str(one.state), evidence)

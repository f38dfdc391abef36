"""Commands of approvals: list, approve, refuse."""

import asyncio
from typing import Annotated, Final
from uuid import UUID

import typer

from gridhall.billing.approvals.model import Kind, Request, RequestId
from gridhall.billing.approvals.operations import Decided, NotWaiting, Overtaken, SamePerson, decide
from gridhall.billing.approvals.repository import Wanted
from gridhall.billing.opening import open_billing
from gridhall.billing.regions import regions
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, console, good_reason, listing, refuse
from gridhall.kit.money import yuan

app = typer.Typer(no_args_is_help=True, help="What one person prepared and another approves (审批).")

_SHOWN: Final = 200
_COLUMNS: Final = ("id", "kind", "region", "account", "yuan", "prepared", "by", "reason")

RequestArgument = Annotated[UUID, typer.Argument(help="The id of a request that waits.", metavar="REQUEST")]
By = Annotated[str, typer.Option(help="Who decides.")]
Reason = Annotated[str, typer.Option(help="Why.")]


@app.command(name="list")
def waiting(
    *,
    region: Annotated[str | None, typer.Option(help="One region; all of them by default.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="One kind; all of them by default.")] = None,
    json: AsJson = False,
) -> None:
    """List what waits for a second person, the longest first, 200 a region at most."""
    if region is not None and region not in regions():
        raise refuse(f"--region: {region!r} is not served; there are {', '.join(sorted(regions()))}")
    found = asyncio.run(_waiting([region] if region else sorted(regions()), (kind,) if kind else ()))
    listing("Waiting for approval", _COLUMNS, [_row(one) for one in found], json=json)


@app.command()
def approve(request: RequestArgument, by: By, reason: Reason) -> None:
    """Approve a request, which carries it out. Whoever prepared it cannot."""
    _decide(request, by, reason, approve=True)


@app.command(name="refuse")
def refuse_request(request: RequestArgument, by: By, reason: Reason) -> None:
    """Refuse a request, or take back what one prepared oneself."""
    _decide(request, by, reason, approve=False)


def _decide(request: UUID, by: str, reason: str, *, approve: bool) -> None:
    outcome = asyncio.run(_decided(RequestId(request), by, good_reason(reason), approve=approve))
    if isinstance(outcome, SamePerson):
        raise refuse(f"--by: {by} had a part in preparing it; another person approves it")
    if isinstance(outcome, NotWaiting):
        raise refuse(f"request: {request} does not wait; `gridhall approvals list` lists those that do")
    if isinstance(outcome, Overtaken):
        raise refuse(f"request: {request} is not possible any more ({outcome.request.decision}); it was closed")
    console.print(f"{outcome.request.state} {outcome.request.kind} {request}")


async def _waiting(codes: list[str], kinds: tuple[Kind, ...]) -> list[Request]:
    async with open_billing() as billing:
        pages = [
            await billing.approvals.requests.page(Wanted(code, kinds=kinds), after=None, limit=_SHOWN) for code in codes
        ]
        return [one for page in pages for one in page]


async def _decided(
    request_id: RequestId, by: str, reason: str, *, approve: bool
) -> Decided | SamePerson | NotWaiting | Overtaken:
    async with open_billing() as billing:
        now = SystemClock().now()
        return await decide(
            approvals=billing.approvals, request_id=request_id, by=by, approve=approve, reason=reason, now=now
        )


def _row(one: Request) -> tuple[object, ...]:
    prepared = one.prepared_at.isoformat(timespec="minutes")
    return (
        str(one.id),
        str(one.kind),
        one.region,
        str(one.account_id),
        str(yuan(one.amount)),
        prepared,
        one.prepared_by,
        one.reason,
    )

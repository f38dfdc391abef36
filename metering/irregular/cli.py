"""`gridhall irregular`: look for irregular use, and see to the cases that come of it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer

from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, console, print_json, refuse, report, table
from gridhall.kit.localdays import Days, local_day
from gridhall.kit.settings import settings
from gridhall.kit.subject import Refusal
from gridhall.kit.words import Words
from gridhall.metering.irregular.cases import operations
from gridhall.metering.irregular.cases.model import CONFIRMS, DISMISSES, Case, CaseId, Closing, State
from gridhall.metering.irregular.cases.repository import CaseFilter
from gridhall.metering.irregular.losses import DistrictLoss, district_loss
from gridhall.metering.irregular.operations import ScanReport, scan
from gridhall.metering.irregular.sentences import sentence
from gridhall.metering.services import Metering, open_metering

app = typer.Typer(name="irregular", help="Irregular use (违约用电, 窃电, faulty meters).", no_args_is_help=True)

CaseArgument = Annotated[UUID, typer.Argument(help="The case, as `list` prints it.")]
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The days before this one; today where absent.")
]
By = Annotated[str, typer.Option("--by", help="Name of the person who says so; kept with the case.")]
Note = Annotated[str, typer.Option("--note", help="What was found, 4 to 500 characters.")]

Change = Callable[[Metering, Case], Awaitable[Case | Refusal]]
Close = Callable[..., Awaitable[Case | Refusal]]


@app.command("scan")
def scan_region(
    region: Annotated[str, typer.Option(help="Code of the region.")],
    day: Day = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Look at every home of a region. The same scan again changes nothing."""
    found = asyncio.run(_scan(region, _day(day)))
    counts = {"homes": found.homes, "suspected": found.suspected, "opened": found.opened, "added": found.added}
    report(counts, json=as_json, title=f"Irregular use in {region}")


@app.command("list")
def list_cases(
    *,
    region: Annotated[str, typer.Option(help="Code of the region.")],
    state: Annotated[list[State] | None, typer.Option(help="Only these; open and inspecting where absent.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only those given to this person.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Cases at most, the highest score first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List cases, the highest score first."""
    wanted = CaseFilter(region, states=tuple(state or (State.OPEN, State.INSPECTING)), owner=owner)
    cases = asyncio.run(_list(wanted, limit))
    if as_json:
        print_json([_plain(case) for case in cases])
        return
    rows = [
        (case.score, case.state, ", ".join(one.signal for one in case.evidence), case.due_on, case.owner or "", case.id)
        for case in cases
    ]
    table(f"Cases in {region}", ("score", "state", "signals", "due", "owner", "id"), rows)


@app.command("show")
def show(case_id: CaseArgument, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag of the command line
    """Show a case with its evidence and its history."""
    case = asyncio.run(_load(case_id))
    if as_json:
        print_json(_plain(case))
        return
    words = Words(["gridhall.metering"])
    console.print(f"{case.state} {case.score} point {case.point_id} {case.days.start} to {case.days.end}")
    for one in case.evidence:
        console.print(f"+{one.added:.2f} {sentence(one, words=words, language='en')}", highlight=False)
    for entry in case.history:
        console.print(f"{entry.at:%Y-%m-%d %H:%M}Z {entry.by}: {entry.what} {entry.note}", highlight=False)


@app.command("inspect")
def inspect(case_id: CaseArgument, by: By) -> None:
    """Note that somebody goes to the site."""
    _tell(
        case_id,
        lambda room, case: operations.start_inspection(
            cases=room.irregular, case_id=case.id, revision=case.revision, by=by, now=SystemClock().now()
        ),
    )


@app.command("confirm")
def confirm(
    case_id: CaseArgument,
    by: By,
    note: Note,
    closing: Annotated[Closing, typer.Option(help=f"One of {', '.join(sorted(CONFIRMS))}.")],
) -> None:
    """Confirm a case that was inspected and has a photo (photos are added at the desk)."""
    _close(operations.confirm, case_id, closing=closing, note=note, by=by)


@app.command("dismiss")
def dismiss(
    case_id: CaseArgument,
    by: By,
    note: Note,
    closing: Annotated[Closing, typer.Option(help=f"One of {', '.join(sorted(DISMISSES))}.")],
) -> None:
    """Dismiss a case; its signals are quiet at the point for a time."""
    _close(operations.dismiss, case_id, closing=closing, note=note, by=by)


@app.command("loss")
def loss(
    district: Annotated[str, typer.Argument(help="Code of the transformer district (台区).")],
    day: Day = None,
    days: Annotated[int, typer.Option(min=1, max=92, help="How many days.")] = 14,
) -> None:
    """Show the loss of a transformer district day by day."""
    end = _day(day)
    found = asyncio.run(_loss(district, Days(end - timedelta(days=days), end)))
    if found is None:
        raise refuse(f"district: no point lies in {district}")
    rows = list(zip(found.days, found.flowed, found.used, found.loss, found.percent, found.measured, strict=True))
    title = f"Loss of {district}: {found.members} members, {found.sum_meters} sum meters"
    table(title, ("day", "flowed", "used", "loss", "percent", "measured"), rows)


def _day(given: datetime | None) -> date:
    return given.date() if given else local_day(SystemClock().now(), settings().time_zone)


def _close(operation: Close, case_id: UUID, *, closing: Closing, note: str, by: str) -> None:
    _tell(
        case_id,
        lambda room, case: operation(
            cases=room.irregular,
            case_id=case.id,
            revision=case.revision,
            closing=closing,
            note=note,
            by=by,
            now=SystemClock().now(),
        ),
    )


def _tell(case_id: UUID, change: Change) -> None:
    case = asyncio.run(_changed(case_id, change))
    if isinstance(case, Refusal):
        raise refuse(_REFUSALS[case.code])
    console.print(f"{case.id} is {case.state}")


async def _changed(case_id: UUID, change: Change) -> Case | Refusal:
    async with open_metering() as metering:
        return await change(metering, await _found(metering, case_id))


async def _load(case_id: UUID) -> Case:
    async with open_metering() as metering:
        return await _found(metering, case_id)


async def _found(metering: Metering, case_id: UUID) -> Case:
    case = (await metering.irregular.cases.load([CaseId(case_id)])).get(CaseId(case_id))
    if case is None:
        raise typer.BadParameter("no case has this id", param_hint="CASE_ID")
    return case


async def _scan(region: str, today: date) -> ScanReport:
    async with open_metering() as metering:
        return await scan(scanning=metering.scanning, region=region, today=today, now=SystemClock().now())


async def _list(wanted: CaseFilter, limit: int) -> list[Case]:
    async with open_metering() as metering:
        return await metering.irregular.cases.page(wanted, after=None, limit=limit)


async def _loss(district: str, days: Days) -> DistrictLoss | None:
    async with open_metering() as metering:
        return await district_loss(
            district=district, days=days, points=metering.points, histories=metering.stores.histories
        )


_REFUSALS = {
    "irregular.no_such_case": "CASE_ID: no case has this id",
    "irregular.not_now": "the case is not in a state in which this can be done; `show` tells its state",
    "irregular.changed_meanwhile": "somebody changed the case meanwhile; look at it again",
    "irregular.no_photo": "a case is confirmed with a photo from the site; add one at the desk",
    "irregular.same_person": "--by: who inspected cannot also confirm",
    "irregular.bad_closing": "--closing: this is no finding with which a case is closed so",
    "irregular.bad_note": "--note: must be 4 to 500 characters",
}


def _plain(case: Case) -> dict[str, object]:
    words = Words(["gridhall.metering"])
    return {
        "id": case.id,
        "state": case.state,
        "score": case.score,
        "point": case.point_id,
        "district": case.district,
        "from": case.days.start,
        "to": case.days.end,
        "due": case.due_on,
        "owner": case.owner,
        "inspector": case.inspector,
        "closing": case.closing,
        "evidence": [
            {
                "signal": one.signal,
                "added": one.added,
                "since": one.since,
                "numbers": dict(one.numbers),
                "sentence": sentence(one, words=words, language="en"),
            }
            for one in case.evidence
        ],
        "history": [{"at": one.at, "by": one.by, "what": one.what, "note": one.note} for one in case.history],
    }

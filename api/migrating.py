"""Commands of the documents' schemas: which are of an old one, and making them those of the next (kit/migrations)."""

import asyncio
from typing import Annotated, Final

import typer

from gridhall.api.state import REPOSITORIES
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, errors, listing, refuse, report
from gridhall.kit.migrations import SchemaStep, steps_of
from gridhall.kit.migrations.operations import RANGE, run
from gridhall.kit.migrations.repository import OldDocuments, ProgressRepository
from gridhall.kit.runtime import open_mongo
from gridhall.kit.settings import settings

app = typer.Typer(no_args_is_help=True, help="Documents of an older schema (数据迁移).")

_SHOWN: Final = 20
_COLUMNS: Final = ("collection", "from schema", "waiting", "changed", "begun", "through", "at")

Collections = Annotated[list[str] | None, typer.Option("--collection", help="Only this one; may be repeated.")]


def _chosen(collections: list[str] | None) -> list[SchemaStep]:
    steps = steps_of(REPOSITORIES)
    known = {step.collection for step in steps}
    for name in collections or ():
        if name not in known:
            raise refuse(f"--collection: {name!r} has no step; there are {', '.join(sorted(known))}")
    return [step for step in steps if not collections or step.collection in collections]


@app.command()
def status(*, collection: Collections = None, json: AsJson = False) -> None:
    """Count the documents of an older schema; each collection is looked through. Exit code 1 where there is one."""
    rows = asyncio.run(_status(_chosen(collection)))
    listing("Migrations", _COLUMNS, rows, json=json)
    if any(row[2] for row in rows):
        raise typer.Exit(1)


async def _status(steps: list[SchemaStep]) -> list[tuple[str, int, int, int, bool, bool, str | None]]:
    rows: list[tuple[str, int, int, int, bool, bool, str | None]] = []
    async with open_mongo(settings()) as mongo:
        progress = ProgressRepository(mongo)
        for step in steps:
            one, waiting = await progress.load(step), await OldDocuments(mongo, step).count()
            at = one.at.isoformat(timespec="seconds") if one.at else None
            rows.append((step.collection, step.of, waiting, one.changed, one.at is not None, one.done, at))
    return rows


@app.command("run")
def run_steps(
    *,
    collection: Collections = None,
    pause: Annotated[float, typer.Option(min=0, max=60, help="Seconds between two ranges of documents.")] = 0.05,
    size: Annotated[int, typer.Option("--range", min=1, max=5000, help="Documents looked at at a time.")] = RANGE,
    json: AsJson = False,
) -> None:
    """Change documents of an older schema while the service runs; go on where a run was killed.

    Exit code 1 where some were left as they are.
    """
    changed, left, shown = asyncio.run(_run(_chosen(collection), pause, size))
    report({"changed": changed, "left": left, "shown": shown}, json=json, title="Migrations")
    if left:
        raise typer.Exit(1)


async def _run(steps: list[SchemaStep], pause: float, size: int) -> tuple[int, int, list[str]]:
    total, left, shown = 0, 0, list[str]()
    async with open_mongo(settings()) as mongo:
        await mongo.prepare(REPOSITORIES)
        for step in steps:
            changed = 0
            async for one in run(mongo=mongo, step=step, clock=SystemClock(), pause=pause, size=size):
                changed += one.changed
                left += len(one.left)
                shown += [f"{step.name} {each.id}: {each.why}" for each in one.left[: _SHOWN - len(shown)]]
                if one.changed:
                    place = one.looked_up_to.hex() if isinstance(one.looked_up_to, bytes) else one.looked_up_to
                    errors.print(f"{step.name}: {changed} changed, up to {place}", markup=False, highlight=False)
            total += changed
    return total, left, shown

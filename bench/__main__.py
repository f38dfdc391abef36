"""`make bench`: run every benchmark, show the results and keep them in `bench/results/latest.json`."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer

from bench import bill_run, driver, ebill, fields, histories, home, importer, load, memory, streaming, tariffs
from bench.ground import Ground, prepared
from bench.result import Result, keep, show
from gridhall.kit import log
from gridhall.kit.console import errors

RESULTS = Path(__file__).parent / "results" / "latest.json"
_ON_GROUND = {
    "home": home,
    "importer": importer,
    "streaming": streaming,
    "histories": histories,
    "bill-run": bill_run,
    "e-bill": ebill,
    "driver": driver,
}
_WHEN_ASKED = {"memory": memory}
"""Those that take many minutes and gigabytes; they run where the arguments name them."""

_BY_NAME = {**_ON_GROUND, **_WHEN_ASKED}
_PURE = (tariffs, fields, load)


def main(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help=f"Which, of {', '.join(_ON_GROUND)}; they all run where none is named, and pure work besides. "
            f"Only where named, for it takes long: {', '.join(_WHEN_ASKED)}."
        ),
    ] = None,
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Try everything in about a minute.")] = False,
) -> None:
    """Measure, show, and keep in bench/results/latest.json. With names, and with --quick, nothing is kept."""
    chosen = names or []
    if unknown := [name for name in chosen if name not in _BY_NAME]:
        raise typer.BadParameter(f"{unknown[0]} is no benchmark; there are {', '.join(_BY_NAME)}")
    log.configure(level="WARNING")
    with prepared(quick=quick) as ground:
        results = asyncio.run(_all(ground, chosen or list(_ON_GROUND)))
    if not chosen:
        results += [Result(one.name, "gridhall", cpu_ms=one.milliseconds) for bench in _PURE for one in bench.run()]
    show(results)
    if not quick and not chosen:
        keep(results, RESULTS)


async def _all(ground: Ground, chosen: list[str]) -> list[Result]:
    results: list[Result] = []
    for name in chosen:
        began = time.monotonic()
        results += await _BY_NAME[name].run(ground)
        errors.print(f"{name}: {time.monotonic() - began:.0f} s", highlight=False)
    return results


if __name__ == "__main__":
    typer.run(main)

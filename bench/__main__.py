"""`make bench`: run every benchmark, show the results and keep them in `bench/results/latest.json`."""

import asyncio
import sys
import time
from pathlib import Path

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

_PURE = (tariffs, fields, load)


def main() -> None:
    """Measure, show, keep. Words in the arguments choose benchmarks; then, and with --quick, nothing is kept."""
    quick, chosen = "--quick" in sys.argv, [name for name in {**_ON_GROUND, **_WHEN_ASKED} if name in sys.argv]
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
        results += await {**_ON_GROUND, **_WHEN_ASKED}[name].run(ground)
        errors.print(f"{name}: {time.monotonic() - began:.0f} s", highlight=False)
    return results


main()

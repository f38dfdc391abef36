"""`make bench`: run every benchmark, show the results and keep them in `bench/results/latest.json`."""

import dataclasses
import platform
from pathlib import Path

import orjson

from bench import ebill, fields, tariffs
from gridhall.kit.console import table

RESULTS = Path(__file__).parent / "results" / "latest.json"


def main() -> None:
    """Measure, show, keep."""
    results = [result for bench in (tariffs, fields, ebill) for result in bench.run()]
    rows = [(result.name, round(result.milliseconds, 4), round(result.worst, 4)) for result in results]
    table("CPU of one go in ms, idle machine or not", ("", "median", "slowest round"), rows)
    RESULTS.parent.mkdir(exist_ok=True)
    kept = {
        "python": platform.python_version(),
        "processor": platform.machine(),
        "results": [dataclasses.asdict(result) for result in results],
    }
    RESULTS.write_bytes(orjson.dumps(kept, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


main()

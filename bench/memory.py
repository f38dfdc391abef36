"""The peak memory of `gridhall feed import` over a file and over one ten times as large: it must not grow with it."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from bench import town
from bench.ground import Ground
from bench.result import OURS, Result
from gridhall.kit.localdays import Days, local_day
from gridhall.kit.mongo import Mongo
from gridhall.metering.points.repository import PointRepository

_DATABASE = "bench_memory"
_MEBI = 2**20


async def run(ground: Ground) -> list[Result]:
    """Import both files, each in a process of its own and into an empty database."""
    results = []
    for mebibytes in ground.size(200, 20), ground.size(2000, 200):
        path = ground.settings.data_dir / "large"
        homes = town.homes(3000)
        days = _write(path, homes, size=mebibytes * _MEBI, zone=ground.settings.time_zone)
        chosen = ground.on(_DATABASE)
        mongo = Mongo.connect(uri=str(chosen.mongo_uri), database=_DATABASE, driver=chosen.mongo_driver)
        await mongo.drop()
        await town.install(PointRepository(mongo), homes, since=days.start, zone=chosen.time_zone)
        results.append(_imported(path, str(chosen.mongo_uri), mebibytes, readings=_rows(path) * 96))
        await mongo.drop()
        await mongo.close()
        path.unlink()
    return results


def _write(path: Path, homes: Sequence[town.Home], *, size: int, zone: str) -> Days:
    """Write whole days of all homes until the file is large enough; return the days."""
    first = local_day(datetime.now().astimezone(), zone) - timedelta(days=1500)
    day = first
    with path.open("wb") as file:
        while file.tell() < size:
            file.writelines(orjson.dumps(town.day_row(home, day)) + b"\n" for home in homes)
            day += timedelta(days=1)
    return Days(first, day)


def _rows(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _imported(path: Path, uri: str, mebibytes: int, *, readings: int) -> Result:
    environment = {**os.environ, "GRIDHALL_MONGO_URI": uri, "GRIDHALL_MONGO_DATABASE": _DATABASE}
    command = [str(Path(sys.executable).parent / "gridhall"), "feed", "import", str(path), "--json"]
    began = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
        output = process.stdout.read() if process.stdout else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode or orjson.loads(output)["accepted"] != readings:
        raise RuntimeError(f"the import of {mebibytes} MiB ended with {process.returncode} and said {output!r}")
    return Result(
        f"import of {mebibytes} MiB (readings)",
        OURS,
        rate_per_s=readings / seconds,
        cpu_ms=(used.ru_utime + used.ru_stime) / readings * 1000,
        size=used.ru_maxrss / 1024,
        size_unit="MiB",
    )

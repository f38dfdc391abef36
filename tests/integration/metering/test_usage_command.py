"""`gridhall usage export` and `gridhall retention` as an operator types them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from gridhall.api.cli import app
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import settings
from gridhall.metering.feed.model import IntakeReport


@pytest.fixture
async def command(
    mongo: Mongo,
    mongo_uri: str,
    monkeypatch: pytest.MonkeyPatch,
    feed: Callable[..., Awaitable[IntakeReport]],
    tmp_path: Path,
) -> Callable[..., str]:
    """Run a command on the database of the test, in which M0 has a day of May."""
    row = {"meter": "M0", "day": date(2026, 5, 4).isoformat(), "kwh": ["0.125"] * 96}
    await feed(orjson.dumps(row).decode())
    monkeypatch.setenv("GRIDHALL_MONGO_URI", mongo_uri)
    monkeypatch.setenv("GRIDHALL_MONGO_DATABASE", mongo.database.name)
    monkeypatch.setenv("GRIDHALL_RETENTION_MONTHS", '{"residential": 3}')
    monkeypatch.setenv("GRIDHALL_RETENTION_NEEDS_CLOSING", "false")
    monkeypatch.setenv("GRIDHALL_ARCHIVE_DIR", str(tmp_path / "archive"))
    settings.cache_clear()

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, words)
        assert done.exit_code == code, done.output
        return done.output

    return run


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    yield
    settings.cache_clear()


async def in_thread(run: Callable[..., str], *words: str, code: int = 0) -> str:
    return await asyncio.to_thread(run, *words, code=code)


class TestExport:
    @pytest.mark.parametrize("kind", ["csv", "xlsx", "xml"])
    async def test_writes_a_file(self, command: Callable[..., str], tmp_path: Path, kind: str) -> None:
        file = tmp_path / f"usage.{kind}"
        await in_thread(
            command, "usage", "export", str(file), "--from", "2026-05-01", "--to", "2026-05-08", "--meter", "M0"
        )
        assert file.stat().st_size > 1000

    async def test_says_what_it_needs(self, command: Callable[..., str], tmp_path: Path) -> None:
        span = ("--from", "2026-05-01", "--to", "2026-05-08")
        await in_thread(command, "usage", "export", str(tmp_path / "usage.doc"), *span, "--meter", "M0", code=2)
        await in_thread(command, "usage", "export", str(tmp_path / "usage.csv"), *span, "--meter", "M99", code=2)


class TestRetention:
    async def test_is_planned_run_checked_and_taken_back(self, command: Callable[..., str], tmp_path: Path) -> None:
        region = ("--region", "zhejiang", "--json")
        planned = json.loads(await in_thread(command, "retention", "plan", *region))
        assert planned["zhejiang"]["days"] == 1
        assert json.loads(await in_thread(command, "retention", "run", *region)) == planned
        (file,) = (tmp_path / "archive").rglob("*.gz")
        assert json.loads(await in_thread(command, "retention", "check", str(file), "--json"))["days"] == 1
        assert json.loads(await in_thread(command, "retention", "restore", str(file), "--json"))["days"] == 1
        file.write_bytes(b"nothing")
        await in_thread(command, "retention", "check", str(file), code=2)

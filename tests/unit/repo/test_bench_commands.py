"""`python -m bench` and `python -m bench.chaos` say what can be chosen, and start nothing that was not asked for."""

from collections.abc import Callable

import pytest
import typer
from typer.testing import CliRunner

from bench.__main__ import main as measure
from bench.chaos.__main__ import PROOFS
from bench.chaos.__main__ import main as kill

BENCHMARKS = ("home", "importer", "streaming", "histories", "bill-run", "e-bill", "driver", "memory")


@pytest.fixture(autouse=True)
def nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(**_: object) -> None:
        raise AssertionError("servers were started")

    for place in ("bench.__main__", "bench.chaos.__main__"):
        monkeypatch.setattr(f"{place}.prepared", started)


@pytest.mark.parametrize(("command", "names"), [(measure, BENCHMARKS), (kill, tuple(PROOFS))])
def test_help_names_what_can_be_chosen(command: Callable[..., None], names: tuple[str, ...]) -> None:
    told = CliRunner().invoke(only(command), ["--help"], env={"COLUMNS": "200"})
    assert told.exit_code == 0
    assert [name for name in names if name not in told.output] == []


@pytest.mark.parametrize(("command", "names"), [(measure, BENCHMARKS), (kill, tuple(PROOFS))])
@pytest.mark.parametrize("word", ["nonsense", "--nonsense"])
def test_what_is_not_there_is_refused(command: Callable[..., None], names: tuple[str, ...], word: str) -> None:
    told = CliRunner().invoke(only(command), [names[0], word], env={"COLUMNS": "200"})
    assert told.exit_code == 2
    assert "nonsense" in told.output


def only(command: Callable[..., None]) -> typer.Typer:
    app = typer.Typer()
    app.command()(command)
    return app

"""What a benchmark found, as a row of the table and of `bench/results/latest.json`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import typer

OURS = "gridhall"
_DIGITS = 4
_WORDS = 2


@dataclass(frozen=True, slots=True)
class Result:
    """One subject in one row; None where a figure makes no sense.

    rate_per_s: units a second, by the wall clock. cpu_ms: CPU a unit, of the process that the row is about.
    mongod_ms: CPU a unit of the database beside it. p50_ms, p99_ms: how long one unit took whoever asked for it.
    size, size_unit: a figure that is no time, and what it counts. spread: how far the rates of the rounds lie apart, as
    a share of their median; it shows how restless the machine was and is not kept.
    """

    row: str
    subject: str
    rate_per_s: float | None = None
    cpu_ms: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    mongod_ms: float | None = None
    size: float | None = None
    size_unit: str = ""
    spread: float | None = None


def keep(results: Sequence[Result], path: Path) -> None:
    """Write the results as a list, with the ratio to gridhall beside each peer."""
    path.parent.mkdir(exist_ok=True)
    rows = []
    for result in results:
        row = {
            name: _rounded(value) for name, value in asdict(result).items() if name not in {"spread", *_unused(result)}
        }
        ratio = _ratio(result, results)
        rows.append(row if ratio is None else {**row, "ratio_to_gridhall": _rounded(ratio)})
    path.write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def show(results: Sequence[Result]) -> None:
    """Print the results as a table."""
    rows = [("", "subject", "a second", "CPU ms", "mongod ms", "p50 ms", "p99 ms", "size", "to gridhall", "spread")]
    for result in results:
        figures = (result.rate_per_s, result.cpu_ms, result.mongod_ms, result.p50_ms, result.p99_ms)
        size = f"{_shown(result.size)} {result.size_unit}".strip()
        spread = "" if result.spread is None else f"{result.spread:.0%}"
        shown = (*map(_shown, figures), size, _shown(_ratio(result, results)), spread)
        rows.append((result.row, result.subject, *shown))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        words = [
            cell.ljust(width) if at < _WORDS else cell.rjust(width) for at, (cell, width) in _numbered(row, widths)
        ]
        typer.echo("  ".join(words))


def _numbered(row: Sequence[str], widths: Sequence[int]) -> enumerate[tuple[str, int]]:
    return enumerate(zip(row, widths, strict=True))


def _ratio(result: Result, results: Sequence[Result]) -> float | None:
    """Return how fast a peer is where gridhall is 1, or how large."""
    ours = next((one for one in results if one.row == result.row and one.subject == OURS), None)
    if ours is None or ours is result:
        return None
    if ours.rate_per_s is not None and result.rate_per_s is not None:
        return result.rate_per_s / ours.rate_per_s
    return result.size / ours.size if ours.size and result.size else None


def _unused(result: Result) -> set[str]:
    """Return the columns that only some rows have and this one has not."""
    return {name for name in ("mongod_ms", "size", "size_unit") if not getattr(result, name)}


def _rounded(value: object) -> object:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value


def _shown(figure: float | None) -> str:
    if figure is None:
        return ""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.{_DIGITS - 1}g}"  # noqa: PLR2004 - three digits are enough

"""How commands report: a table for a person, one JSON line for a program."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from unicodedata import category

import orjson
import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gridhall.kit.said import REASON_LENGTHS, said

console = Console()
"""Where results for people go."""

errors = Console(stderr=True)
"""Where errors and progress go, so that a result can be piped."""


AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON instead of a table.")]
"""The flag by which a command speaks to a program."""


def print_json(data: object) -> None:
    """Print one line of JSON to standard output."""
    typer.echo(orjson.dumps(data, default=str).decode())


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; numbers stand to the right. Where a line is too short for it, each row is a block of lines."""
    told = [[_without_orders(str(cell)) for cell in row] for row in rows]
    longest = [_longest_word(cells) for cells in zip(columns, *told, strict=True)]
    # Torn into pieces an id cannot be copied into the next command. A frame and two spaces go with every column.
    if sum(word + 3 for word in longest) + 1 > console.width:
        _blocks(title, columns, told)
        return
    drawn = Table(title=title, title_justify="left")
    for position, (column, word) in enumerate(zip(columns, longest, strict=True)):
        numeric = bool(rows) and all(isinstance(row[position], int | float) for row in rows)
        drawn.add_column(column, justify="right" if numeric else "left", overflow="fold", min_width=word)
    for cells in told:
        drawn.add_row(*map(Text, cells))
    console.print(drawn)


def _without_orders(text: str) -> str:
    """Return a text with a mark in place of what a terminal would obey: people wrote it, and need not mean well."""
    return "".join("\ufffd" if category(one) == "Cc" and one not in "\n\t" else one for one in text)


def _longest_word(cells: Sequence[str]) -> int:
    return max((cell_len(word) for cell in cells for word in cell.split()), default=0)


def _blocks(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    width = max(len(column) for column in columns)
    typer.echo(title)
    for row in rows:
        typer.echo()
        for column, cell in zip(columns, row, strict=True):
            typer.echo(f"{column:<{width}}  {cell}".rstrip())


def listing(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, json: bool) -> None:
    """Print rows either way; in JSON each is an object by its columns."""
    if json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        table(title, columns, rows)


def report(data: Mapping[str, object], *, json: bool, title: str) -> None:
    """Print one flat result either way."""
    if json:
        print_json(data)
    else:
        table(title, ("", ""), list(data.items()))


def refuse(message: str) -> typer.Exit:
    """Print why a command was refused and return the exit (code 2) to raise."""
    errors.print(message, style="red", markup=False, highlight=False)
    return typer.Exit(2)


def good_reason(text: str) -> str:
    """Return the reason that a command was given, without the space around it; refuse one that says nothing."""
    reason = said(text)
    if reason is None:
        raise refuse(f"--reason: must be {REASON_LENGTHS.start} to {REASON_LENGTHS.stop - 1} characters")
    return reason

"""Files of bills: the form goes by the name or by the beginning, and a workbook is looked at before it is opened."""

import csv
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal

from python_calamine import CalamineError, CalamineWorkbook

from gridhall.billing.shadow.formats.ndjson import read_ndjson
from gridhall.billing.shadow.formats.port import DeliveryRefusedError, Told, Unreadable
from gridhall.billing.shadow.formats.table import read_table

Format = Literal["auto", "ndjson", "csv", "excel"]

MOST_UNPACKED: Final = 256 * 2**20
"""Bytes of a workbook once it is unpacked: a small one may hide a very large one."""

_ZIP: Final = b"PK\x03\x04"
_CODINGS: Final = ("utf-8-sig", "gb18030")


def read_file(file: Path, *, format: Format = "auto") -> Iterator[Told | Unreadable]:
    """Yield the bills of a file. Raises DeliveryRefusedError where it is none of the forms."""
    chosen = _form(file) if format == "auto" else format
    match chosen:
        case "excel":
            yield from read_table(_workbook(file))
        case "csv":
            with file.open(encoding=_coding(file), newline="") as opened:
                try:
                    yield from read_table(csv.reader(opened))
                except csv.Error as error:
                    raise DeliveryRefusedError(f"{file.name} is no CSV: {error}") from None
        case _:
            with file.open(encoding="utf-8", errors="replace") as opened:
                yield from read_ndjson(opened)


def _form(file: Path) -> Format:
    with file.open("rb") as opened:
        beginning = opened.read(512)
    if beginning.startswith(_ZIP):
        return "excel"
    return "ndjson" if beginning.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") else "csv"


def _coding(file: Path) -> str:
    """Return how a CSV is written: spreadsheets in China still save GB18030."""
    for coding in _CODINGS:
        try:
            with file.open(encoding=coding) as opened:
                while opened.read(2**20):
                    pass
        except UnicodeDecodeError:
            continue
        return coding
    raise DeliveryRefusedError(f"{file.name} must be written in UTF-8 or GB18030")


def _workbook(file: Path) -> Iterator[list[str]]:
    """Yield the rows of the first sheet as text."""
    try:
        with zipfile.ZipFile(file) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                raise DeliveryRefusedError(
                    f"{file.name} holds more than {MOST_UNPACKED // 2**20} MiB; send it in parts"
                )
        sheet = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0)
    except (zipfile.BadZipFile, CalamineError) as error:
        raise DeliveryRefusedError(f"{file.name} is no workbook: {error}") from None
    for row in sheet.iter_rows():
        yield [_text(cell) for cell in row]


def _text(cell: object) -> str:
    """Write a cell as the file would say it: numbers of a sheet are floats, of which 15 digits are exact."""
    match cell:
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case float():
            return f"{cell:.15g}" if abs(cell) < 10**15 and "e" not in f"{cell:.15g}" else f"{cell:f}"
        case _:
            return str(cell)

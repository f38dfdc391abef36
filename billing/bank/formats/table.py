"""CSV as banks write it: a header, rows, and a trailer of control totals; two dialects of it."""

import csv
import io
import re
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from gridhall.billing.bank.formats.port import BadBankFileError
from gridhall.billing.bank.model import CollectionFile, CollectionRow, ResultRow, TransferRow
from gridhall.kit.money import Fen, yuan
from gridhall.metering.exports.cells import harmless

_MOST_BYTES = 64 * 2**20
_LONGEST_NAME = 64
_YUAN = re.compile(r"-?\d{1,11}(\.\d{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns are called."""

    item: str
    account: str
    card: str
    holder: str
    amount: str
    code: str
    serial: str
    at: str
    text: str
    count: str
    total: str


@dataclass(frozen=True, slots=True)
class TableFormat:
    """A dialect: its encoding, its columns, its code of success and what its other codes mean to us.

    zone: of the local times in its statements.
    """

    name: str
    encoding: str
    columns: Columns
    success: str
    codes: Mapping[str, str]
    zone: str = "Asia/Shanghai"

    async def write_collection(self, file: CollectionFile, rows: AsyncIterable[CollectionRow]) -> AsyncIterator[bytes]:
        """Yield the bytes of a collection file as its rows come, with its count and total."""
        columns = self.columns
        yield self._line([columns.item, columns.account, columns.card, columns.holder, columns.amount])
        async for row in rows:
            yield self._line([row.item, row.account, row.card, row.holder, str(yuan(row.amount))])
        yield self._line([columns.count, str(file.items), columns.total, str(yuan(file.total)), file.number])

    def read_results(self, raw: bytes) -> list[ResultRow]:
        """Read the bank's answer to a collection file. Raises BadBankFileError."""
        columns = self.columns
        found = []
        for number, row in self._rows(raw, needed=(columns.item, columns.amount, columns.code, columns.serial)):
            code = row[columns.code]
            why = None if code == self.success else self.codes.get(code, code)
            amount = _fen(row[columns.amount], number, columns.amount)
            found.append(ResultRow(_named(row, columns.item, number), amount, why, row[columns.serial]))
        return found

    def read_transfers(self, raw: bytes) -> list[TransferRow]:
        """Read a statement: money that came in, other lines left out. Raises BadBankFileError."""
        columns = self.columns
        needed = (columns.serial, columns.at, columns.amount, columns.holder, columns.card, columns.text)
        found = []
        for number, row in self._rows(raw, needed=needed):
            amount = _fen(row[columns.amount], number, columns.amount)
            if amount <= 0:
                continue
            at = self._instant(row[columns.at], number)
            payer = (row[columns.holder], row[columns.card], row[columns.text])
            found.append(TransferRow(_named(row, columns.serial, number), at, amount, *payer))
        return found

    def _rows(self, raw: bytes, *, needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
        """Return the rows by column, after the trailer's control totals were found to be theirs."""
        if len(raw) > _MOST_BYTES:
            raise BadBankFileError(f"the file has {len(raw)} bytes; {_MOST_BYTES} are allowed")
        try:
            lines = [line for line in csv.reader(io.StringIO(raw.decode(self.encoding), newline="")) if line]
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadBankFileError(f"the file is no CSV in {self.encoding}: {error}") from None
        header = [cell.strip().lstrip("\ufeff") for cell in lines[0]] if lines else []
        missing = [name for name in needed if name not in header]
        if missing:
            raise BadBankFileError(f"row 1: the columns {', '.join(missing)} are missing")
        trailer = lines.pop() if lines[-1][0].strip() == self.columns.count else None
        rows = []
        for number, line in enumerate(lines[1:], start=2):
            if len(line) != len(header):
                raise BadBankFileError(f"row {number}: has {len(line)} cells; the header has {len(header)}")
            rows.append((number, dict(zip(header, (cell.strip() for cell in line), strict=True))))
        self._check(trailer, rows)
        return rows

    def _check(self, trailer: list[str] | None, rows: list[tuple[int, dict[str, str]]]) -> None:
        columns = self.columns
        if trailer is None or len(trailer) < 4:  # noqa: PLR2004 - two names, each with its figure
            raise BadBankFileError(f"the last row must be {columns.count},<rows>,{columns.total},<yuan>")
        total = sum(_fen(row[columns.amount], number, columns.amount) for number, row in rows)
        if trailer[1].strip() != str(len(rows)) or _fen(trailer[3], len(rows) + 2, columns.total) != total:
            raise BadBankFileError(
                f"the control totals are {trailer[1]} rows and {trailer[3]}; the rows are {len(rows)} and {yuan(total)}"
            )

    def _line(self, cells: list[str]) -> bytes:
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
        return text.getvalue().encode(self.encoding, errors="replace")

    def _instant(self, text: str, number: int) -> datetime:
        try:
            return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZoneInfo(self.zone))
        except ValueError:
            raise BadBankFileError(f"row {number}: {self.columns.at} must be like 2026-11-03 10:15:00") from None


def _fen(text: str, number: int, column: str) -> Fen:
    if _YUAN.fullmatch(text.strip()):
        return Fen(int(Decimal(text.strip()) * 100))
    raise BadBankFileError(f"row {number}: {column} must be yuan with at most two decimals")


def _named(row: Mapping[str, str], column: str, number: int) -> str:
    """Return what tells a row from every other; without it two payments would count as one."""
    if not 0 < len(row[column]) <= _LONGEST_NAME:
        raise BadBankFileError(f"row {number}: {column} must have 1 to {_LONGEST_NAME} characters")
    return row[column]

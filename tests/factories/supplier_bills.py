"""Bills as a supplier's billing system tells them: as JSON, CSV or a workbook."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import xlsxwriter

from gridhall.billing.bills.model import Bill
from gridhall.billing.regions import regions
from gridhall.kit.money import yuan

COLUMNS = (
    *("number", "account", "month", "from", "to", "issued_on", "due_on", "total", "replaces", "row", "kind", "title"),
    *("meter", "period", "opening", "closing", "multiplier", "tier", "kwh", "quantity", "unit", "price", "amount"),
)


def shadow_regions(*codes: str) -> Any:  # noqa: ANN401 - a stand-in for a function
    """What `regions()` answers where some regions leave their bills to the supplier."""
    found = {code: replace(one, billing="shadow") if code in codes else one for code, one in regions().items()}
    return lambda: found


def told(bill: Bill, account_number: str, number: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """A bill as its supplier would tell it, which is ours with another number."""
    return {
        "number": number,
        "account": account_number,
        "month": str(bill.month),
        "from": bill.days.start.isoformat(),
        "to": bill.days.end.isoformat(),
        "issued_on": bill.days.end.isoformat(),
        "total": str(yuan(bill.total)),
        "registers": [
            {
                "meter": row.meter,
                "period": row.period,
                "opening": str(row.opening),
                "closing": str(row.closing),
                "multiplier": row.multiplier,
                "kwh": str(row.kwh),
            }
            for row in bill.registers
        ],
        "lines": [
            {
                "kind": line.kind,
                "period": line.period,
                "tier": line.tier,
                "kwh": str(line.kwh),
                "price": str(line.price),
                "amount": str(yuan(line.amount)),
            }
            for line in bill.lines
        ],
        **changes,
    }


def as_rows(bills: Sequence[Mapping[str, Any]]) -> Iterator[list[Any]]:
    """The rows of a table of bills, its header first."""
    yield list(COLUMNS)
    for bill in bills:
        parts = [
            {"row": what, **one}
            for what, key in (("register", "registers"), ("line", "lines"), ("charge", "charges"))
            for one in bill.get(key, ())
        ]
        for part in parts:
            row = {**bill, **part}
            yield [row.get(column) if row.get(column) is not None else "" for column in COLUMNS]


def write_ndjson(file: Path, bills: Sequence[Mapping[str, Any]]) -> Path:
    """A file of one bill a line."""
    file.write_bytes(b"\n".join(orjson.dumps(bill) for bill in bills))
    return file


def write_csv(file: Path, bills: Sequence[Mapping[str, Any]], *, encoding: str = "utf-8") -> Path:
    """A table as CSV."""
    with file.open("w", encoding=encoding, newline="") as opened:
        csv.writer(opened).writerows(as_rows(bills))
    return file


def write_excel(file: Path, bills: Sequence[Mapping[str, Any]]) -> Path:
    """A table as a workbook, whose numbers are numbers."""
    book = xlsxwriter.Workbook(str(file))
    sheet = book.add_worksheet()
    for line, row in enumerate(as_rows(bills)):
        for column, (name, cell) in enumerate(zip(COLUMNS, row, strict=True)):
            if line and name not in {"number", "account", "from", "to", "month", "issued_on"} and _is_number(cell):
                sheet.write_number(line, column, float(cell))
            else:
                sheet.write(line, column, cell)
    book.close()
    return file


def _is_number(cell: object) -> bool:
    try:
        float(str(cell))
    except ValueError:
        return False
    return True

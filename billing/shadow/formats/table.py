"""Bills as a table, of CSV or Excel: a row a register, line or charge; the rows of a bill stand together.

What belongs to the bill as a whole stands in its first row, and may be repeated or left out in the others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from gridhall.billing.shadow.formats.port import DeliveryRefusedError, Told, Unreadable

OF_BILL: Final = ("number", "account", "month", "from", "to", "issued_on", "due_on", "total", "replaces")
"""Columns of the bill as a whole."""

OF_ROW: Final[Mapping[str, tuple[str, ...]]] = {
    "register": ("meter", "period", "opening", "closing", "multiplier", "kwh"),
    "line": ("kind", "period", "tier", "kwh", "price", "amount"),
    "charge": ("kind", "title", "quantity", "unit", "price", "amount"),
}
"""Columns of a row, by what the column `row` says it is."""

NEEDED: Final = ("number", "account", "month", "from", "to", "issued_on", "total", "row")

CHINESE: Final[Mapping[str, str]] = {
    "账单编号": "number",
    "户号": "account",
    "账期": "month",
    "起始日期": "from",
    "截止日期": "to",
    "出账日期": "issued_on",
    "缴费截止日期": "due_on",
    "总金额": "total",
    "替代账单": "replaces",
    "行类型": "row",
    "类别": "kind",
    "名称": "title",
    "表号": "meter",
    "时段": "period",
    "上期示数": "opening",
    "本期示数": "closing",
    "倍率": "multiplier",
    "档位": "tier",
    "电量": "kwh",
    "数量": "quantity",
    "单位": "unit",
    "单价": "price",
    "金额": "amount",
}
"""Chinese names of the columns."""

_ROWS: Final = {"示数": "register", "电费": "line", "其他费用": "charge"}
_PERIODS: Final = {"总": "total", "尖": "critical_peak", "峰": "peak", "平": "flat", "谷": "valley"}
_KINDS: Final = {
    "电量电费": "energy",
    "阶梯加价": "surcharge",
    "免费电量": "allowance",
    "需量电费": "demand",
    "容量电费": "capacity",
    "力调电费": "power_factor",
    "其他": "other",
}
_MEANINGS: Final[Mapping[str, Mapping[str, str]]] = {"row": _ROWS, "period": _PERIODS, "kind": _KINDS}
_MOST_ROWS: Final = 200


def read_table(rows: Iterable[Sequence[str]]) -> Iterator[Told | Unreadable]:
    """Yield the bills of a table whose first row names the columns. Raises DeliveryRefusedError."""
    coming = iter(rows)
    names = [CHINESE.get(cell.strip(), cell.strip()) for cell in next(coming, ())]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise DeliveryRefusedError(f"the first row must name the columns; missing: {', '.join(missing)}")
    line, bill = 0, list[dict[str, str]]()
    for number, cells in enumerate(coming, start=2):
        row = {name: _meant(name, cell.strip()) for name, cell in zip(names, cells, strict=False) if cell.strip()}
        if not row:
            continue
        if bill and row.get("number", bill[0].get("number")) != bill[0].get("number"):
            yield _bill(line, bill)
            bill = []
        if not bill:
            line = number
        bill.append(row)
    if bill:
        yield _bill(line, bill)


def _meant(name: str, cell: str) -> str:
    return _MEANINGS.get(name, {}).get(cell, cell)


def _bill(line: int, rows: Sequence[Mapping[str, str]]) -> Told | Unreadable:
    raw = orjson.dumps(list(rows)).decode()
    if len(rows) > _MOST_ROWS:
        return Unreadable(line, raw, f"a bill has {_MOST_ROWS} rows at most", "number")
    fields: dict[str, Any] = {name: rows[0][name] for name in OF_BILL if name in rows[0]}
    for offset, row in enumerate(rows):
        what = row.get("row", "")
        if what not in OF_ROW:
            return Unreadable(line + offset, raw, f"must be one of {', '.join(OF_ROW)}, not {what!r}", "row")
        fields.setdefault(f"{what}s", []).append({name: row[name] for name in OF_ROW[what] if name in row})
    return Told(line, raw, fields)

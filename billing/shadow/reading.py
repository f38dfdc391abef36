"""One bill of a supplier, as JSON or out of a table, checked field by field."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from gridhall.billing.bills.charges import Charge, ChargeKind
from gridhall.billing.shadow.model import ToldBill, ToldLine, ToldRegister
from gridhall.kit.checked import what_is_allowed
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen, yuan

MOST_ROWS: Final = 60
"""Registers, lines or charges of one bill; the e-bill tells together what is more than its page holds."""

_FEN_PER_YUAN: Final = 100

_PATTERNS: Final = {
    "number": "must be 1 to 40 of A-Z, a-z, 0-9, '.', '_', '/' and '-'",
    "replaces": "must be 1 to 40 of A-Z, a-z, 0-9, '.', '_', '/' and '-'",
    "account": "must be 10 to 13 digits",
    "month": "must be a month, like 2026-10",
}
_KINDS: Final = {
    "missing": "is missing",
    "extra_forbidden": "is no field of a bill",
    "decimal_parsing": "must be a number, like 93.60",
    "decimal_type": "must be a number, like 93.60",
    "finite_number": "must be a number, like 93.60",
}

Number = Annotated[str, Field(pattern=r"^[0-9A-Za-z._/-]{1,40}$")]
Period = Literal["total", "critical_peak", "peak", "flat", "valley", "deep_valley"]
Energy = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=6)]
Price = Annotated[Decimal, Field(max_digits=14, decimal_places=8)]
Yuan = Annotated[Decimal, Field(max_digits=14, decimal_places=2)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class _Register(_Row):
    meter: Annotated[str, Field(min_length=1, max_length=40)]
    period: Period = "total"
    opening: Energy
    closing: Energy
    multiplier: Annotated[int, Field(ge=1, le=100_000)] = 1
    kwh: Energy


class _Line(_Row):
    kind: Literal["energy", "surcharge", "allowance"]
    period: Period | None = None
    tier: Annotated[int, Field(ge=1, le=9)] = 1
    kwh: Energy
    price: Price
    amount: Yuan


class _Charge(_Row):
    kind: ChargeKind
    title: Annotated[str, Field(max_length=40)] = ""
    quantity: Annotated[Decimal, Field(max_digits=15, decimal_places=6)] | None = None
    unit: Annotated[str, Field(max_length=8)] = ""
    price: Price | None = None
    amount: Yuan


class _Bill(_Row):
    number: Number
    account: Annotated[str, Field(pattern=r"^[0-9]{10,13}$")]
    month: Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
    first: Annotated[date, Field(alias="from")]
    end: Annotated[date, Field(alias="to")]
    issued_on: date
    due_on: date | None = None
    total: Annotated[Yuan, Field(ge=0)]
    registers: Annotated[list[_Register], Field(max_length=MOST_ROWS)] = []
    lines: Annotated[list[_Line], Field(max_length=MOST_ROWS)] = []
    charges: Annotated[list[_Charge], Field(max_length=MOST_ROWS)] = []
    replaces: Number | None = None


def _allowed(error: ErrorDetails) -> str:
    """Return what a field must be, in words of the trade; the checker's own where they are plain enough."""
    if error["type"] == "string_pattern_mismatch":
        return _PATTERNS[str(error["loc"][-1])]
    return _KINDS.get(error["type"], what_is_allowed(error))


def read_bill(told: Mapping[str, Any]) -> ToldBill:
    """Return a bill of its fields. Raises BadBillError that names the first one at fault, and what is allowed."""
    try:
        bill = _Bill.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadBillError(".".join(str(part) for part in first["loc"]), _allowed(first)) from None
    if bill.end <= bill.first:
        raise BadBillError("to", "must be later than `from`: the day of the closing read")
    if bill.due_on is not None and bill.due_on < bill.issued_on:
        raise BadBillError("due_on", "must not be before issued_on")
    if not bill.lines and not bill.charges:
        raise BadBillError("lines", "a bill has a line or a charge at least")
    _check_sums(bill)
    return ToldBill(
        number=bill.number,
        account=bill.account,
        month=Month.parse(bill.month),
        days=Days(bill.first, bill.end),
        issued_on=bill.issued_on,
        due_on=bill.due_on,
        total=_fen(bill.total),
        registers=tuple(
            ToldRegister(row.meter, row.period, row.opening, row.closing, row.multiplier, row.kwh)
            for row in bill.registers
        ),
        lines=tuple(
            ToldLine(row.kind, row.period, row.tier, row.kwh, row.price, _fen(row.amount)) for row in bill.lines
        ),
        charges=tuple(
            Charge(row.kind, row.title, _fen(row.amount), row.quantity, row.unit, row.price) for row in bill.charges
        ),
        replaces=bill.replaces,
        digest=_digest(bill),
    )


def _check_sums(bill: _Bill) -> None:
    """Refuse a bill that contradicts itself: nobody could show it to a customer."""
    rows: Sequence[_Line | _Charge] = [*bill.lines, *bill.charges]
    total = sum((row.amount for row in rows), Decimal(0))
    if total != bill.total:
        raise BadBillError("total", f"must be the sum of its lines and charges, {yuan(_fen(total))}")
    billed = sum((row.kwh for row in bill.lines if row.kind == "energy"), Decimal(0))
    shown = sum((row.kwh for row in bill.registers), Decimal(0))
    if bill.registers and bill.lines and billed != shown:
        raise BadBillError("registers", f"their kwh must be those of the energy lines, {billed.normalize():f}")


def _fen(amount: Decimal) -> Fen:
    return Fen(int(amount * _FEN_PER_YUAN))


def _digest(bill: _Bill) -> str:
    """Return a digest of what a bill says: 1.0 and 1 are the same, and so is a field that is left out."""
    return sha256(orjson.dumps(_plain(bill.model_dump()), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return f"{value.normalize():f}"
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list():
            return [_plain(one) for one in value]
        case _:
            return value


class BadBillError(ValueError):
    """A bill that cannot be read. field: which one is at fault; reason: what is allowed."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason

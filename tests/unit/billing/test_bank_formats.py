"""Files of banks: what is written is read again, and a file whose totals are wrong is refused whole."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.bank.formats.port import BadBankFileError
from gridhall.billing.bank.formats.registry import FORMATS, GBK, PLAIN, UnknownBankFormatError, bank_format
from gridhall.billing.bank.formats.table import TableFormat
from gridhall.billing.bank.model import CollectionFile, CollectionRow, FileNumber
from gridhall.kit.money import Fen

FILE = CollectionFile(FileNumber("20261105-zhejiang-icbc"), "zhejiang", "icbc", date(2026, 11, 5), datetime.now(UTC))


def written(form: TableFormat, file: CollectionFile, rows: Sequence[CollectionRow]) -> bytes:
    """The bytes of a collection file."""

    async def given() -> AsyncIterator[CollectionRow]:
        for row in rows:
            yield row

    async def work() -> bytes:
        return b"".join([line async for line in form.write_collection(file, given())])

    return asyncio.run(work())


names = st.text(st.sampled_from("王李张陈=+@\"',abc "), min_size=1, max_size=8)


@given(st.sampled_from([PLAIN, GBK]), st.lists(st.tuples(st.integers(1, 10**9), names), max_size=6), st.booleans())
def test_what_is_collected_is_answered_row_by_row(form: TableFormat, asked: list[tuple[int, str]], paid: bool) -> None:  # noqa: FBT001 - drawn
    rows = [CollectionRow(f"i{at}", "3301000001", "6222", name, Fen(fen)) for at, (fen, name) in enumerate(asked)]
    total = Fen(sum(row.amount for row in rows))
    file = CollectionFile(
        **{slot: getattr(FILE, slot) for slot in FILE.__slots__} | {"items": len(rows), "total": total}
    )
    text = written(form, file, rows).decode(form.encoding)
    assert text.splitlines()[-1].split(",")[1] == str(len(rows))
    columns, code = form.columns, form.success if paid else "0001"
    lines = [f"{row.item},{row.amount // 100}.{row.amount % 100:02d},{code},s" for row in rows]
    head = f"{columns.item},{columns.amount},{columns.code},{columns.serial}"
    tail = f"{columns.count},{len(rows)},{columns.total},{total // 100}.{total % 100:02d}"
    found = form.read_results("\n".join([head, *lines, tail]).encode(form.encoding))
    assert [(row.item, row.amount, row.why is None) for row in found] == [(row.item, row.amount, paid) for row in rows]


def test_no_cell_is_a_formula() -> None:
    row = CollectionRow("i", "1", "2", "=cmd()", Fen(100))
    assert b"'=cmd()" in written(PLAIN, FILE, [row])


HEAD = "item,amount,result,serial"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "row 1: the columns"),
        ("item,amount\n", "row 1: the columns result, serial are missing"),
        (f"{HEAD}\na,1.00,ok,s\n", "the last row must be COUNT"),
        (f"{HEAD}\na,1.00,ok,s\nCOUNT,2,TOTAL,1.00\n", "the control totals are 2 rows"),
        (f"{HEAD}\na,1.00,ok,s\nCOUNT,1,TOTAL,1.01\n", "the control totals are 1 rows and 1.01"),
        (f"{HEAD}\na,1.001,ok,s\nCOUNT,1,TOTAL,1.00\n", "row 2: amount must be yuan"),
        (f"{HEAD}\na,NaN,ok,s\nCOUNT,1,TOTAL,1.00\n", "row 2: amount must be yuan"),
        (f"{HEAD}\na,1.00\nCOUNT,1,TOTAL,1.00\n", "row 2: has 2 cells"),
    ],
)
def test_a_wrong_file_is_refused_and_says_where(text: str, told: str) -> None:
    with pytest.raises(BadBankFileError, match=told):
        PLAIN.read_results(text.encode())


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(BadBankFileError, match="no CSV in utf-8"):
        PLAIN.read_results(b"\xff\xfe\x00")


def test_an_unknown_format_lists_what_there_is() -> None:
    with pytest.raises(UnknownBankFormatError, match=", ".join(sorted(FORMATS))):
        bank_format("swift")

"""Bills of a supplier, read: every form says the same, and what is wrong is named by its field."""

import json
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.shadow.formats.files import read_file
from gridhall.billing.shadow.formats.ndjson import read_line
from gridhall.billing.shadow.formats.port import DeliveryRefusedError, Told, Unreadable
from gridhall.billing.shadow.formats.table import read_table
from gridhall.billing.shadow.reading import BadBillError, read_bill
from gridhall.kit.money import Fen
from tests.factories.supplier_bills import write_csv, write_excel, write_ndjson

BILL: dict[str, Any] = {
    "number": "SAP-1",
    "account": "3301000000001",
    "month": "2026-01",
    "from": "2026-01-01",
    "to": "2026-02-01",
    "issued_on": "2026-02-02",
    "due_on": "2026-02-22",
    "total": "4685.10",
    "registers": [
        {"meter": "M1", "period": "peak", "opening": "1000.25", "closing": "1120.25", "multiplier": 1, "kwh": "120"},
        {"meter": "M1", "period": "valley", "opening": "0", "closing": "80", "multiplier": 1, "kwh": "80"},
    ],
    "lines": [
        {"kind": "energy", "period": "peak", "tier": 1, "kwh": "120", "price": "0.78", "amount": "93.60"},
        {"kind": "energy", "period": "valley", "tier": 1, "kwh": "80", "price": "0.39375", "amount": "31.50"},
    ],
    "charges": [{"kind": "demand", "title": "需量", "quantity": "120", "unit": "kW", "price": "38", "amount": "4560"}],
}


def test_the_example_of_the_docs_is_taken_as_it_stands(pytestconfig: pytest.Config) -> None:
    page = (pytestconfig.rootpath / "docs" / "shadow.md").read_text()
    example = page.partition("```json\n")[2].partition("```")[0]
    assert read_bill(json.loads(example)).total == Fen(465_360)


def read(file: Path) -> list[str]:
    return [read_bill(one.fields).digest for one in read_file(file) if isinstance(one, Told)]


def test_every_form_says_the_same(tmp_path: Path) -> None:
    bills = [BILL, {**deepcopy(BILL), "number": "SAP-2"}]
    expected = [read_bill(one).digest for one in bills]
    assert expected[0] != expected[1]
    assert read(write_ndjson(tmp_path / "a", bills)) == expected
    assert read(write_csv(tmp_path / "b", bills)) == expected
    assert read(write_csv(tmp_path / "c", bills, encoding="gb18030")) == expected
    assert read(write_excel(tmp_path / "d", bills)) == expected


def test_chinese_columns_and_codes_are_known() -> None:
    header = [
        "账单编号",
        "户号",
        "账期",
        "起始日期",
        "截止日期",
        "出账日期",
        "总金额",
        "行类型",
        "类别",
        "时段",
        "电量",
        "单价",
        "金额",
    ]
    of_bill = ["SAP-1", "3301000000001", "2026-01", "2026-01-01", "2026-02-01", "2026-02-02", "93.60"]
    row = [*of_bill, "电费", "电量电费", "峰", "120", "0.78", "93.60"]
    [told] = read_table([header, row])
    assert isinstance(told, Told)
    [line] = read_bill(told.fields).lines
    assert (line.kind, line.period, line.amount) == ("energy", "peak", 9360)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": ""}, "number"),
        ({"number": "a b"}, "number"),
        ({"account": "12"}, "account"),
        ({"month": "2026-13"}, "month"),
        ({"to": "2026-01-01"}, "to"),
        ({"due_on": "2026-02-01"}, "due_on"),
        ({"total": "1"}, "total"),
        ({"total": "4685.101"}, "total"),
        ({"total": "-1"}, "total"),
        ({"total": "NaN"}, "total"),
        ({"lines": [], "charges": []}, "lines"),
        ({"registers": [{**BILL["registers"][0], "kwh": "7"}]}, "registers"),
        ({"lines": [{**BILL["lines"][0], "period": "night"}]}, "lines.0.period"),
        ({"charges": [{"kind": "tax", "amount": "1"}]}, "charges.0.kind"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_the_first_field_at_fault_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadBillError) as caught:
        read_bill({**BILL, **changes})
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"account": "12"}, "must be 10 to 13 digits"),
        ({"month": "2026-13"}, "must be a month, like 2026-10"),
        ({"number": "a b"}, "must be 1 to 40 of"),
        ({"replaces": "a b"}, "must be 1 to 40 of"),
        ({"total": "nonsense"}, "must be a number, like 93.60"),
        ({"unknown": 1}, "is no field of a bill"),
    ],
)
def test_it_is_said_what_a_field_may_be(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadBillError) as caught:
        read_bill({**BILL, **changes})
    assert said in str(caught.value)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_nothing_that_a_field_may_hold_is_more_than_refused(value: object) -> None:
    for name in BILL:
        with suppress(BadBillError):
            read_bill({**BILL, name: value})


@given(st.text(max_size=200))
def test_any_line_is_a_bill_or_is_refused(raw: str) -> None:
    assert isinstance(read_line(1, raw), Told | Unreadable | None)


@given(st.lists(st.lists(st.text(max_size=8), max_size=12), max_size=12))
def test_any_table_is_read_or_refused(rows: list[list[str]]) -> None:
    with suppress(DeliveryRefusedError):
        assert all(isinstance(told, Told | Unreadable) for told in read_table(rows))


def test_a_zip_that_is_no_workbook_is_refused_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "bills.xlsx"
    file.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(DeliveryRefusedError, match="is no workbook"):
        list(read_file(file))

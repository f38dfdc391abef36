"""Bills of a supplier's billing system on a real database: once a number, recomputed, shown and paid."""

import asyncio
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from gridhall.billing import regions as served
from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.bills.model import Bill, BillOrigin, BillStatus
from gridhall.billing.cases.model import CaseKind, CaseState
from gridhall.billing.cases.repository import Wanted
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import Part, PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.services import Billing
from gridhall.billing.shadow.checking import check_month
from gridhall.billing.shadow.formats.files import read_file
from gridhall.billing.shadow.model import Report, Sender, Verdict
from gridhall.billing.shadow.taking import take_delivery
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from tests.factories.accounts import point_of
from tests.factories.bills import a_bill_drafted
from tests.factories.reads import a_read
from tests.factories.supplier_bills import shadow_regions, told, write_csv, write_excel, write_ndjson
from tests.factories.waits import waits_of
from tests.integration.billing.conftest import Read

JANUARY = Month(2026, 1)
SAP = Sender("sap", frozenset({"zhejiang"}))


@pytest.fixture(autouse=True)
def in_shadow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "regions", shadow_regions("zhejiang"))


def january(account: Account, closing: int, **changes: object) -> dict[str, Any]:
    """January as the supplier bills it, by the reads that we have too."""
    point, meter = point_of(account), f"M{account.number}"
    reads = [
        a_read(point, day, shown, meter=meter)
        for day, shown in ((date(2026, 1, 1), "1000.00"), (date(2026, 2, 1), f"{closing}.00"))
    ]
    return told(a_bill_drafted(account, "2026-01", *reads), account.number, f"SAP-{account.number}", **changes)


async def take(billing: Billing, file: Path, now: datetime) -> Report:
    return await take_delivery(shadow=billing.shadow, told=read_file(file), sender=SAP, now=now)


async def bills_of(billing: Billing, account: Account) -> list[Bill]:
    return (await billing.bills.since([account.id], month=JANUARY))[account.id]


async def test_a_delivery_is_issued_under_the_suppliers_numbers_and_what_agrees_is_verified(
    billing: Billing, accounts: list[Account], now: datetime, tmp_path: Path
) -> None:
    file = write_ndjson(tmp_path / "bills", [january(one, 1200 + 100 * n) for n, one in enumerate(accounts)])
    report = await take(billing, file, now)
    assert (report.accepted, report.verified, report.refused) == (3, 3, 0), report
    [bill] = await bills_of(billing, accounts[0])
    assert (bill.number, bill.origin, bill.status) == (
        f"SAP-{accounts[0].number}",
        BillOrigin.IMPORTED,
        BillStatus.ISSUED,
    )
    account = (await billing.accounts.load([accounts[0].id]))[accounts[0].id]
    assert account.balance.owed == bill.total


@pytest.mark.parametrize("form", ["utf-8", "gb18030", "excel"])
async def test_the_same_bills_as_a_table_are_duplicates(
    billing: Billing, accounts: list[Account], now: datetime, tmp_path: Path, form: str
) -> None:
    bills = [january(one, 1200 + 100 * n) for n, one in enumerate(accounts)]
    await take(billing, write_ndjson(tmp_path / "bills", bills), now)
    table = tmp_path / "table"
    file = write_excel(table, bills) if form == "excel" else write_csv(table, bills, encoding=form)
    again = await take(billing, file, now)
    assert (again.duplicate, again.accepted, again.refused) == (3, 0, 0), again


async def test_a_wrong_price_and_a_wrong_register_are_a_case_that_says_where(
    billing: Billing, accounts: list[Account], now: datetime, tmp_path: Path
) -> None:
    bill = january(accounts[0], 1200)
    bill["lines"][0] |= {"price": "0.60", "amount": "120.00"}
    bill["total"] = "120.00"
    bill["registers"][0] |= {"opening": "1010"}
    report = await take(billing, write_ndjson(tmp_path / "bills", [bill]), now)
    assert (report.accepted, report.differing) == (1, 1)
    [case] = await billing.cases.cases.page(Wanted(region="zhejiang"), after=None, limit=9)
    assert case.kind is CaseKind.SHADOW_DIFFERENCE
    evidence = dict(case.evidence)
    meter = f"M{accounts[0].number}"
    assert evidence[f"register.opening {meter} total"] == "1010 / 1000.00"
    assert evidence["line.price energy total tier 1"] == "0.60 / 0.538"
    assert evidence["line.amount energy total tier 1"] == "120.00 / 107.60"
    assert evidence["total"] == "120.00 / 107.60"
    assert case.amount == Fen(-1240)
    # Asked again, the same difference is the same case.
    await check_month(checking=billing.shadow.checking, region="zhejiang", month=JANUARY, again=True, now=now)
    assert len(await billing.cases.cases.page(Wanted(region="zhejiang"), after=None, limit=9)) == 1


async def test_a_changed_bill_is_a_revision_while_nothing_was_paid_and_refused_afterwards(
    billing: Billing, accounts: list[Account], now: datetime, tmp_path: Path
) -> None:
    account = accounts[0]
    wrong = january(account, 1200)
    wrong["lines"][0] |= {"price": "0.60", "amount": "120.00"}
    wrong["total"] = "120.00"
    await take(billing, write_ndjson(tmp_path / "bills", [wrong]), now)
    right = january(account, 1200)
    report = await take(billing, write_ndjson(tmp_path / "bills", [right]), now)
    assert (report.revised, report.verified) == (1, 1), report
    old, new = await bills_of(billing, account)
    assert (old.status, new.status, new.replaces) == (BillStatus.CANCELLED, BillStatus.ISSUED, old.id)
    [case] = await billing.cases.cases.page(Wanted("zhejiang", states=(CaseState.CLOSED,)), after=None, limit=9)
    assert case.closing == "revised"
    owed = (await billing.accounts.load([account.id]))[account.id].balance.owed
    assert owed == new.total
    money = PaymentReceived("counter", "P1", (Part(account.id, (), Fen(100)),), now)
    await settle(payments=billing.payments, payment=money, cash=Book.CASH_COUNTER, now=now)
    late = await take(billing, write_ndjson(tmp_path / "bills", [wrong]), now)
    assert (late.revised, late.refusals[0].code) == (0, "paid-already")
    # Named in a bill of a new number, it is taken back, and what was paid of it pays the new one.
    told_anew = {**wrong, "number": "SAP-NEW", "replaces": right["number"]}
    last = await take(billing, write_ndjson(tmp_path / "bills", [told_anew]), now)
    assert last.revised == 1, last
    *_, newest = await bills_of(billing, account)
    assert (newest.number, newest.paid, newest.status) == ("SAP-NEW", 100, BillStatus.PART_PAID)


async def test_refused_bills_are_kept_with_field_and_reason_until_they_come_right(
    billing: Billing, accounts: list[Account], now: datetime, tmp_path: Path
) -> None:
    good = january(accounts[0], 1200)
    bad = [
        {**good, "total": "1.00"},
        {**good, "number": "N2", "account": "9999999999999"},
        {**good, "number": "N3", "to": "2026-01-01"},
        {**good, "number": "N4", "lines": [{**good["lines"][0], "kwh": "-3"}]},
    ]
    file = write_ndjson(tmp_path / "bills", bad)
    file.write_bytes(file.read_bytes() + b"\nno json\n")
    report = await take(billing, file, now)
    assert (report.accepted, report.refused) == (0, 5)
    kept = await billing.shadow.refused.newest(limit=9)
    assert {(one.refused.line, one.refused.field) for one in kept} == {
        (1, "total"),
        (2, "account"),
        (3, "to"),
        (4, "lines.0.kwh"),
        (5, ""),
    }
    await take(billing, file, now)
    assert len(await billing.shadow.refused.newest(limit=9)) == 5
    await take(billing, write_ndjson(tmp_path / "bills", [good]), now)
    assert len(await billing.shadow.refused.newest(limit=9)) == 4


async def test_a_two_part_tariff_is_shown_as_told_and_not_calculated(
    billing: Billing, accounts: list[Account], now: datetime, tmp_path: Path
) -> None:
    bill = january(accounts[0], 1200)
    bill["charges"] = [
        {"kind": "demand", "title": "需量电费", "quantity": "120", "unit": "kW", "price": "38", "amount": "4560.00"},
        {"kind": "power_factor", "title": "力调电费", "amount": "-34.20"},
    ]
    bill["total"] = "4633.40"
    report = await take(billing, write_excel(tmp_path / "bills.xlsx", [bill]), now)
    assert (report.accepted, report.verified, report.differing) == (1, 0, 0), report
    [kept] = await bills_of(billing, accounts[0])
    assert [one.amount for one in kept.charges] == [456_000, -3_420]
    record = (await billing.shadow.records.of_bills([kept.id]))[kept.id]
    assert (record.finding.verdict, record.finding.why) == (Verdict.NOT_CALCULATED, "two_part_tariff")


async def test_a_bill_whose_reads_are_missing_is_compared_once_they_came(
    billing: Billing, accounts: list[Account], now: datetime, tmp_path: Path, read: Read
) -> None:
    account = accounts[0]
    await take(billing, write_ndjson(tmp_path / "bills", [january(account, 1200)]), now)
    february = {
        **january(account, 1200),
        "number": "SAP-FEB",
        "month": "2026-02",
        "from": "2026-02-01",
        "to": "2026-03-01",
    }
    february["registers"] = [{**february["registers"][0], "opening": "1200", "closing": "1400"}]
    report = await take(billing, write_ndjson(tmp_path / "bills", [february]), now)
    assert (report.accepted, report.verified) == (1, 0)
    counts = await billing.shadow.records.count(region="zhejiang", month=Month(2026, 2))
    assert counts == {Verdict.NOT_COMPUTED: 1}
    await read(account, date(2026, 3, 1), "1400.00")
    await check_month(checking=billing.shadow.checking, region="zhejiang", month=Month(2026, 2), again=False, now=now)
    counts = await billing.shadow.records.count(region="zhejiang", month=Month(2026, 2))
    assert counts == {Verdict.VERIFIED: 1}


async def test_a_bill_run_of_the_region_issues_nothing_and_says_for_whom_it_waits(
    billing: Billing, accounts: list[Account], now: datetime
) -> None:
    ids = [one.id for one in accounts]
    made = await issue_chunk(issuing=billing.issuing, account_ids=ids, month=JANUARY, now=now)
    assert (made.issued, made.held, made.waiting) == (0, 0, 3)
    assert await waits_of(billing, JANUARY) == {"billed_by_supplier": 3}


async def test_the_same_delivery_taken_by_several_at_once_is_taken_once(
    billing: Billing, accounts: list[Account], now: datetime, tmp_path: Path
) -> None:
    file = write_ndjson(tmp_path / "bills", [january(one, 1200 + 100 * n) for n, one in enumerate(accounts)])
    reports = await asyncio.gather(*(take(billing, file, now) for _ in range(4)))
    assert sum(one.accepted for one in reports) == 3
    assert sum(one.duplicate for one in reports) == 9
    for account in accounts:
        [bill] = await bills_of(billing, account)
        current = (await billing.accounts.load([account.id]))[account.id]
        assert current.balance.owed == bill.total

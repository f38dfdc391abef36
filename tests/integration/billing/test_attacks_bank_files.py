"""Files of banks that are garbage, lie about their sums, contradict themselves, or carry formulas."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest

from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.bank.collecting import Results, make_file, rows, take_results
from gridhall.billing.bank.formats.port import BadBankFileError
from gridhall.billing.bank.formats.registry import GBK, PLAIN
from gridhall.billing.bank.model import CollectionFile, CollectionRow, FileNumber, Mandate, mandate_id
from gridhall.billing.bank.transfers import Assigned, Imported, NotWaiting, assign, note_cash_banked
from gridhall.billing.ledger.model import Book, house
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import charge
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.reconciliation.transfers import take_statement
from gridhall.billing.services import Billing
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill
from tests.factories.rooms import all_documents

DAY = date(2026, 11, 5)
SIGNED = datetime(2026, 10, 1, tzinfo=UTC)
STATEMENT = "serial,at,amount,holder,card,text\n"
RESULTS = "item,amount,result,serial\n"


@pytest.fixture
async def account(billing: Billing, mongo: Mongo, now: datetime) -> Account:
    """An account that owes 107.60 yuan and lets its bank collect."""
    account = an_account()
    await billing.accounts.add([account])
    bill = a_bill(account, "2026-01", 200)

    async def work(transaction: Transaction) -> None:
        await billing.bills.add([bill], transaction=transaction)
        posting = charge(account=account, bill_id=bill.id, total=bill.total, now=now)
        await post(postings=[posting], ledger=billing.ledger, accounts=billing.accounts, transaction=transaction)

    await mongo.transact(work)
    signed = mandate_id(account_id=account.id, card="622200001", signed_at=SIGNED)
    mandate = Mandate(signed, account.id, "zhejiang", "icbc", "622200001", "王", date(2026, 10, 1), SIGNED)
    await billing.collecting.mandates.add(mandate)
    return account


async def sent(billing: Billing, now: datetime) -> CollectionRow:
    file = await make_file(collecting=billing.collecting, region="zhejiang", bank="icbc", day=DAY, now=now)
    (row,) = [row async for row in rows(collecting=billing.collecting, number=file.number)]
    return row


async def answered(billing: Billing, now: datetime, *results: tuple[CollectionRow, str]) -> Results:
    lines = [f"{row.item},{row.amount / 100:.2f},{result},S" for row, result in results]
    total = sum(row.amount for row, _ in results) / 100
    raw = RESULTS + "\n".join([*lines, f"COUNT,{len(lines)},TOTAL,{total:.2f}"])
    return await take_results(collecting=billing.collecting, form=PLAIN, raw=raw.encode(), now=now)


async def stated(billing: Billing, now: datetime, *lines: str, total: str) -> Imported:
    raw = STATEMENT + "\n".join([*lines, f"COUNT,{len(lines)},TOTAL,{total}"])
    return await take_statement(
        reconciling=billing.reconciling,
        transfers=billing.transfers,
        form=PLAIN,
        raw=raw.encode(),
        region="zhejiang",
        now=now,
    )


async def balance(billing: Billing, account: Account) -> Balance:
    return (await billing.accounts.load([account.id]))[account.id].balance


class TestGarbage:
    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"\n\n\n",
            b"\xff\xfe\x00\x81" * 50,
            "业务流水号,金额,返回码,银行流水号\n".encode("utf-16"),
            b"\x00" * 1000,
            b'"' * 1000,
            b"," * 200_000,
            b"PK\x03\x04" + b"\x00" * 100,
            b"\x1f\x8b\x08" + b"\x00" * 100,
            ('item,amount,result,serial\n"' + "x" * 200_000).encode(),
        ],
    )
    @pytest.mark.parametrize("form", [PLAIN, GBK], ids=["plain", "gbk"])
    def test_is_refused_as_such(self, raw: bytes, form: type) -> None:
        for read in (form.read_results, form.read_transfers):  # type: ignore[attr-defined]
            with pytest.raises(BadBankFileError):
                read(raw)

    @pytest.mark.parametrize(
        "amount", ["NaN", "inf", "1e3", "1,000.00", "", "0x10", "1.005", "１．００", "9" * 12, "--1", "1_0", "+1"]
    )
    def test_amounts_are_refused_by_row_and_column(self, amount: str) -> None:
        raw = f'{RESULTS}a,"{amount}",ok,s\nCOUNT,1,TOTAL,1.00'.encode()
        with pytest.raises(BadBankFileError, match="row 2: amount"):
            PLAIN.read_results(raw)

    @pytest.mark.parametrize(
        "trailer",
        ["", "COUNT,2,TOTAL,1.00", "COUNT,1,TOTAL,1.01", "COUNT,1,TOTAL", "COUNT,x,TOTAL,1.00", "COUNT,1,TOTAL,NaN"],
    )
    def test_sums_that_do_not_fit_are_refused(self, trailer: str) -> None:
        with pytest.raises(BadBankFileError):
            PLAIN.read_results(f"{RESULTS}a,1.00,ok,s\n{trailer}".encode())

    @pytest.mark.parametrize("serial", ["", "   ", "x" * 65])
    def test_money_without_a_name_of_its_own_is_refused(self, serial: str) -> None:
        with pytest.raises(BadBankFileError, match="row 2: serial"):
            PLAIN.read_transfers(f"{STATEMENT}{serial},2026-11-03 10:15:00,1.00,a,1,b\nCOUNT,1,TOTAL,1.00".encode())

    @pytest.mark.parametrize("at", ["0000-00-00 00:00:00", "2026-13-01 00:00:00", "now", "2026-11-03"])
    def test_times_that_are_none_are_refused(self, at: str) -> None:
        with pytest.raises(BadBankFileError, match="row 2: at"):
            PLAIN.read_transfers(f"{STATEMENT}s,{at},1.00,a,1,b\nCOUNT,1,TOTAL,1.00".encode())


class TestAnswersThatContradict:
    async def test_collected_after_it_failed_is_a_case_and_not_forgotten(
        self, billing: Billing, mongo: Mongo, account: Account, now: datetime
    ) -> None:
        row = await sent(billing, now)
        assert (await answered(billing, now, (row, "insufficient"))).failed == 1
        for _ in range(2):
            told = await answered(billing, now, (row, "ok"))
            assert (told.known, told.contradicting) == (0, (row.item,))
        (case,) = await all_documents(mongo, "billing_cases")
        assert (case["kind"], case["amount"], case["account_id"]) == ("statement_difference", 10_760, account.id)
        assert await balance(billing, account) == Balance(owed=Fen(10_760))

    async def test_collected_and_failed_in_one_file_is_settled_once_and_a_case(
        self, billing: Billing, mongo: Mongo, account: Account, now: datetime
    ) -> None:
        row = await sent(billing, now)
        told = await answered(billing, now, (row, "ok"), (row, "insufficient"), (row, "ok"))
        assert (told.paid, told.failed, told.known, told.contradicting) == (1, 0, 1, (row.item,))
        assert len(await all_documents(mongo, "billing_cases")) == 1
        assert await balance(billing, account) == Balance()

    async def test_money_that_nobody_asked_for_is_a_case_and_posts_nothing(
        self, billing: Billing, mongo: Mongo, account: Account, now: datetime
    ) -> None:
        row = await sent(billing, now)
        stranger = CollectionRow("b" * 24, "", "", "", Fen(5_000))
        other = CollectionRow(row.item, "", "", "", Fen(9_999))
        for _ in range(2):
            told = await answered(billing, now, (stranger, "ok"), (other, "ok"), (stranger, "insufficient"))
            assert told.unknown == (stranger.item, other.item, stranger.item)
        cases = await all_documents(mongo, "billing_cases")
        assert sorted((one["amount"], one["account_id"], one["region"]) for one in cases) == [
            (5_000, None, "zhejiang"),
            (9_999, account.id, "zhejiang"),
        ]
        assert await balance(billing, account) == Balance(owed=Fen(10_760))
        assert (await answered(billing, now, (row, "ok"))).paid == 1

    async def test_taken_by_several_at_once_is_settled_once(
        self, billing: Billing, account: Account, now: datetime
    ) -> None:
        row = await sent(billing, now)
        told = await asyncio.gather(*(answered(billing, now, (row, "ok")) for _ in range(4)))
        assert (sum(one.paid for one in told), sum(one.known for one in told)) == (1, 3)
        assert await balance(billing, account) == Balance()


class TestStatementsThatContradict:
    async def test_one_serial_of_two_moneys_is_posted_once_and_a_case(
        self, billing: Billing, mongo: Mongo, account: Account, now: datetime
    ) -> None:
        lines = [f"B1,2026-11-03 10:{minute}:00,50.00,a,1,{account.number}" for minute in ("15", "16")]
        for _ in range(2):
            await stated(billing, now, *lines, total="100.00")
        assert await balance(billing, account) == Balance(owed=Fen(5_760))
        (case,) = await all_documents(mongo, "billing_cases")
        assert (case["kind"], case["amount"]) == ("statement_difference", -5_000)

    async def test_files_that_overlap_taken_at_once_count_each_line_once(
        self, billing: Billing, account: Account, now: datetime
    ) -> None:
        line = [f"B{n},2026-11-03 10:1{n}:00,10.00,a,1,{account.number}" for n in range(4)]
        works = [stated(billing, now, *line[at : at + 2], total="20.00") for at in (0, 1, 2)]
        told = await asyncio.gather(*works)
        assert (sum(one.matched for one in told), sum(one.known for one in told)) == (4, 2)
        assert await balance(billing, account) == Balance(owed=Fen(6_760))

    async def test_money_for_two_accounts_or_none_is_nobodys(
        self, billing: Billing, account: Account, now: datetime
    ) -> None:
        other = an_account(2)
        await billing.accounts.add([other])
        both = f"B1,2026-11-03 10:15:00,10.00,a,1,{account.number} {other.number}"
        wrong = "B2,2026-11-03 10:15:00,10.00,a,1,9999999999"
        assert (await stated(billing, now, both, wrong, total="20.00")).suspense == 2
        assert (await billing.ledger.sums(house("zhejiang")))[Book.SUSPENSE] == -2_000


async def test_cash_taken_to_the_bank_empties_the_till_once_and_is_no_customers(
    billing: Billing, mongo: Mongo, account: Account, now: datetime
) -> None:
    cash = PaymentReceived.for_account("counter", "C1", account.id, Fen(10_760), now)
    await settle(payments=billing.payments, payment=cash, cash=Book.CASH_COUNTER, now=now)
    await stated(billing, now, "B1,2026-11-03 16:15:00,107.60,counter 3,1,cash", total="107.60")
    common = {"transfers": billing.transfers, "serial": "B1", "by": "li", "reason": "slip 0412", "now": now}
    noted = await asyncio.gather(*(note_cash_banked(**common) for _ in range(3)))  # type: ignore[arg-type]
    assert sum(isinstance(one, Assigned) for one in noted) == 1
    assert isinstance(await assign(**common, account=account), NotWaiting)  # type: ignore[arg-type]
    sums = await billing.ledger.sums_of([account.id, house("zhejiang")])
    both = {book: sum(of.get(book, 0) for of in sums.values()) for book in Book}
    assert (both[Book.CASH_COUNTER], both[Book.CASH_BANK], both[Book.SUSPENSE]) == (0, 10_760, 0)
    assert [one["state"] for one in await all_documents(mongo, "billing_cases")] == ["closed"]
    assert (await stated(billing, now, "B1,2026-11-03 16:15:00,107.60,counter 3,1,cash", total="107.60")).known == 1


@pytest.mark.parametrize("form", [PLAIN, GBK], ids=["plain", "gbk"])
@pytest.mark.parametrize("holder", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\n=1", "＝1", "a\r\nCOUNT,9"])
async def test_no_holder_writes_a_formula_or_a_row_into_a_collection_file(form: object, holder: str) -> None:
    async def one() -> AsyncIterator[CollectionRow]:
        yield CollectionRow("i", "3301000001", "622200001", holder, Fen(100))

    file = CollectionFile(FileNumber("20261105-zhejiang-icbc"), "zhejiang", "icbc", DAY, SIGNED, 1, Fen(100))
    written = b"".join([line async for line in form.write_collection(file, one())])  # type: ignore[attr-defined]
    cells = written.decode(form.encoding).split(",")  # type: ignore[attr-defined]
    assert not any(cell.strip('"')[:1] in set("=+-@\t\r\n＝＋－＠") for cell in cells if "\r\n" not in cell)
    assert written.count(b"\r\n") - ("\r\n" in holder) == 3

"""Bank collection and transfers by file: out, back in, and nothing twice."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from gridhall.billing.accounts.model import Account, Balance
from gridhall.billing.arrears.model import Pursuit
from gridhall.billing.arrears.policies import SupplyClass
from gridhall.billing.arrears.states import Hold, Standing, State
from gridhall.billing.bank.collecting import make_file, rows, take_results
from gridhall.billing.bank.formats.registry import FORMATS, GBK, PLAIN
from gridhall.billing.bank.model import CollectionRow, Mandate, TransferState, mandate_id
from gridhall.billing.bank.transfers import Assigned, Imported, NotWaiting, assign, import_statement
from gridhall.billing.cases.model import CaseState, case_id
from gridhall.billing.ledger.model import Book, house
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import charge
from gridhall.billing.services import Billing
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from tests.factories.accounts import an_account
from tests.factories.arrears import at, day, issued, penalties_posted, penalty_of
from tests.factories.bills import a_bill
from tests.factories.rooms import all_documents

DAY = date(2026, 11, 5)
SIGNED = datetime(2026, 10, 1, tzinfo=UTC)


async def owing(billing: Billing, mongo: Mongo, number: int, now: datetime) -> Account:
    """An account that owes 107.60 yuan and lets its bank collect."""
    account = an_account(number)
    await billing.accounts.add([account])
    bill = a_bill(account, "2026-01", 200)

    async def work(transaction: Transaction) -> None:
        await billing.bills.add([bill], transaction=transaction)
        posting = charge(account=account, bill_id=bill.id, total=bill.total, now=now)
        await post(postings=[posting], ledger=billing.ledger, accounts=billing.accounts, transaction=transaction)

    await mongo.transact(work)
    await collected(billing, account, f"62220000000000{number:04d}", since=date(2026, 10, 1))
    return account


async def collected(billing: Billing, account: Account, card: str, *, since: date) -> None:
    """An account lets its bank collect from a day on."""
    signed = mandate_id(account_id=account.id, card=card, signed_at=SIGNED)
    mandate = Mandate(signed, account.id, "zhejiang", "icbc", card, "王小明", since, SIGNED)
    await billing.collecting.mandates.add(mandate)


async def sent(billing: Billing, day: date, now: datetime) -> list[CollectionRow]:
    file = await make_file(collecting=billing.collecting, region="zhejiang", bank="icbc", day=day, now=now)
    found = [row async for row in rows(collecting=billing.collecting, number=file.number)]
    assert (file.items, file.total) == (len(found), sum(row.amount for row in found))
    return found


def answer(*results: tuple[CollectionRow, str]) -> bytes:
    """A bank's answer in the plain format, with its control totals."""
    lines = [f"{row.item},{row.amount / 100:.2f},{result},S{row.item[:6]}" for row, result in results]
    total = sum(row.amount for row, _ in results) / 100
    return "\n".join(["item,amount,result,serial", *lines, f"COUNT,{len(lines)},TOTAL,{total:.2f}"]).encode()


async def owed(billing: Billing, account: Account) -> Balance:
    return (await billing.accounts.load([account.id]))[account.id].balance


async def test_what_is_collected_is_settled_and_what_fails_is_tried_again(
    billing: Billing, mongo: Mongo, now: datetime
) -> None:
    paying, failing = await owing(billing, mongo, 1, now), await owing(billing, mongo, 2, now)
    first = await sent(billing, DAY, now)
    assert await sent(billing, DAY, now) == first
    assert await sent(billing, date(2026, 11, 6), now) == []
    by_account = {row.account: row for row in first}
    raw = answer((by_account[paying.number], "ok"), (by_account[failing.number], "insufficient"))
    told = await take_results(collecting=billing.collecting, form=PLAIN, raw=raw, now=now)
    assert (told.paid, told.failed, told.known, told.unknown) == (1, 1, 0, ())
    assert await owed(billing, paying) == Balance()
    assert await owed(billing, failing) == Balance(owed=Fen(10760))
    again = await take_results(collecting=billing.collecting, form=PLAIN, raw=raw, now=now)
    assert (again.paid, again.failed, again.known) == (0, 0, 2)
    assert [row.account for row in await sent(billing, date(2026, 11, 7), now)] == [failing.number]
    assert await mongo["outbox"].count_documents({"kind": "billing.collection_failed"}) == 1


async def test_what_was_collected_with_its_penalty_leaves_none_however_late_the_answer_comes(
    billing: Billing, mongo: Mongo, account: Account
) -> None:
    bill = await issued(billing, account)
    await collected(billing, account, "622200000000000001", since=day(0))
    (row,) = await sent(billing, day(4), at(day(4)))
    assert row.amount == bill.total + penalty_of(bill.total, 4)
    await penalties_posted(billing, mongo, account, on=day(6))
    raw = answer((row, "ok"))
    assert (await take_results(collecting=billing.collecting, form=PLAIN, raw=raw, now=at(day(7)))).paid == 1
    assert await owed(billing, account) == Balance()


async def test_a_closed_card_ends_the_mandate(billing: Billing, mongo: Mongo, now: datetime) -> None:
    account = await owing(billing, mongo, 1, now)
    (row,) = await sent(billing, DAY, now)
    await take_results(collecting=billing.collecting, form=PLAIN, raw=answer((row, "card_closed")), now=now)
    assert await billing.collecting.mandates.open_of(account.id) is None
    assert await sent(billing, date(2026, 11, 9), now) == []


@pytest.mark.parametrize("hold", [Hold.DISPUTE, Hold.PLAN])
async def test_nothing_is_collected_in_a_dispute_or_a_plan(
    billing: Billing, mongo: Mongo, now: datetime, hold: Hold
) -> None:
    account = await owing(billing, mongo, 1, now)
    standing = Standing(State.OVERDUE, frozenset({hold}))
    pursuit = Pursuit(account.id, "zhejiang", "grid/city", SupplyClass.RESIDENTIAL, standing, now, revision=1)

    async def follow(transaction: Transaction) -> None:
        await billing.payments.following.pursuits.put([pursuit], transaction=transaction)

    await mongo.transact(follow)
    assert await sent(billing, DAY, now) == []


async def test_a_row_of_another_amount_is_told_and_not_taken(billing: Billing, mongo: Mongo, now: datetime) -> None:
    account = await owing(billing, mongo, 1, now)
    (row,) = await sent(billing, DAY, now)
    other = CollectionRow(row.item, row.account, row.card, row.holder, Fen(1))
    told = await take_results(collecting=billing.collecting, form=PLAIN, raw=answer((other, "ok")), now=now)
    assert told.unknown == (row.item,)
    assert await owed(billing, account) == Balance(owed=Fen(10760))


STATEMENT = """serial,at,amount,holder,card,text
B1,2026-11-03 10:15:00,107.60,王小明,6222001,电费 {number}
B2,2026-11-03 10:16:00,50.00,李四,6222002,electricity
B3,2026-11-03 10:17:00,-3.00,bank,0,fee
COUNT,3,TOTAL,154.60
"""


@pytest.fixture
def statement() -> Callable[[Account], bytes]:
    return lambda account: STATEMENT.format(number=account.number).encode()


async def test_a_transfer_is_settled_by_the_number_in_its_text_and_the_rest_is_a_case(
    billing: Billing, mongo: Mongo, now: datetime, statement: Callable[[Account], bytes]
) -> None:
    account = await owing(billing, mongo, 1, now)
    common = {"transfers": billing.transfers, "form": PLAIN, "raw": statement(account), "region": "zhejiang"}
    assert await import_statement(**common, now=now) == Imported(1, 1, 0, Fen(15_760))  # type: ignore[arg-type]
    assert await import_statement(**common, now=now) == Imported(0, 0, 2, Fen(15_760))  # type: ignore[arg-type]
    assert await owed(billing, account) == Balance()
    assert await billing.ledger.sums(house("zhejiang")) == {Book.CASH_BANK: 5_000, Book.SUSPENSE: -5_000}
    (case,) = await all_documents(mongo, "billing_cases")
    assert (case["kind"], case["amount"]) == ("unmatched_money", 5_000)

    who = {"serial": "B2", "account": account, "by": "li", "reason": "asked the payer", "now": now}
    assert isinstance(await assign(transfers=billing.transfers, **who), Assigned)  # type: ignore[arg-type]
    assert isinstance(await assign(transfers=billing.transfers, **who), Assigned)  # type: ignore[arg-type]
    assert await owed(billing, account) == Balance(prepaid=Fen(5_000))
    assert {book: fen for book, fen in (await billing.ledger.sums(house("zhejiang"))).items() if fen} == {}
    assert (await billing.cases.cases.load([case_id("transfer:B2")]))[case_id("transfer:B2")].state is CaseState.CLOSED
    assert await assign(transfers=billing.transfers, **who | {"serial": "B1", "account": an_account(9)}) == NotWaiting()  # type: ignore[arg-type]

    later = "serial,at,amount,holder,card,text\nB9,2026-11-04 10:15:00,1.00,李四,6222002,again\nCOUNT,1,TOTAL,1.00\n"
    told = await import_statement(**common | {"raw": later.encode()}, now=now)  # type: ignore[arg-type]
    assert told.matched == 1
    kept = await billing.transfers.transfers.load("B9")
    assert kept is not None
    assert (kept.state, kept.account_id) == (TransferState.MATCHED, account.id)


async def test_personal_data_of_a_bank_is_sealed(
    billing: Billing, mongo: Mongo, now: datetime, statement: Callable[[Account], bytes]
) -> None:
    account = await owing(billing, mongo, 1, now)
    await import_statement(transfers=billing.transfers, form=PLAIN, raw=statement(account), region="zhejiang", now=now)
    kept = str([*await all_documents(mongo, "bank_mandates"), *await all_documents(mongo, "bank_transfers")])
    for secret in ("62220000000000", "王小明", "6222002", account.number):
        assert secret not in kept


def test_every_format_is_known_by_its_name() -> None:
    assert {name: one.name for name, one in FORMATS.items()} == {"plain": "plain", "gbk": "gbk"}
    assert (
        GBK.read_results("业务流水号,金额,返回码,银行流水号\na,1.00,0001,s\n总笔数,1,总金额,1.00\n".encode("gbk"))[
            0
        ].why
        == "insufficient"
    )

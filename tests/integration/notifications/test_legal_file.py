"""The legal file of an account: a paper that a court can read, and every record behind it."""

import io
import json
import re
import zipfile
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

from pypdf import PdfReader

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.approvals.operations import Decided
from gridhall.billing.arrears.agreements.operations import judge, promise
from gridhall.billing.arrears.collecting.model import Contact, ContactWay, Outcome
from gridhall.billing.arrears.collecting.operations import note_contact
from gridhall.billing.arrears.cutting.model import Proof, ProofWay
from gridhall.billing.arrears.cutting.notices import serve
from gridhall.billing.arrears.cutting.operations import propose
from gridhall.billing.arrears.disputes.model import Dispute
from gridhall.billing.arrears.disputes.operations import dispute, resolve
from gridhall.billing.arrears.notes import read
from gridhall.billing.arrears.stepping import NO_SUCH_ACCOUNT
from gridhall.crm.audit.model import Action
from gridhall.crm.audit.operations import BAD_REASON
from gridhall.crm.customers.model import Customer
from gridhall.notifications.dossier.making import PAPER, Dossier, Dossiers
from tests.factories.accounts import an_account
from tests.factories.arrears import approved, at, day, issued, notice, pay, penalty_of, served, walk
from tests.factories.rooms import Rooms

CUT, MADE = day(54), day(55)
PHOTO = bytes.fromhex("89504e470d0a1a0a") + b"\0" * 32


def dossiers(rooms: Rooms) -> Dossiers:
    return Dossiers(
        follow_up=rooms.billing.follow_up,
        customers=rooms.people.customers,
        holders=rooms.people.holders,
        audit=rooms.people.audit,
        zone="Asia/Shanghai",
    )


async def a_wilful_defaulter(rooms: Rooms, customer: Customer) -> Account:
    """Two bills unpaid but for a little; promised, objected, visited, noticed by message and on paper, and cut."""
    billing, collector = rooms.billing, uuid4()
    account = an_account(7)
    await billing.accounts.add([account])
    await rooms.people.holders.put({account.id: customer.id})
    bill = await issued(billing, account, "2026-08")
    await issued(billing, account, "2026-09", due_on=day(30))
    await walk(billing, until=1)
    await promise(
        agreeing=billing.follow_up.agreeing, account_id=account.id, by_day=day(4), by="customer", now=at(day(2))
    )
    await pay(billing, account, 1200, now=at(day(5)))
    assert await judge(agreeing=billing.follow_up.agreeing, region=account.region, now=at(day(5), 20)) == 1
    opened = await dispute(
        disputing=billing.follow_up.disputing,
        account_id=account.id,
        bill_id=bill.id,
        reason="表走得太快，要求校表",
        by="customer",
        now=at(day(6)),
    )
    assert isinstance(opened, Dispute)
    await resolve(
        disputing=billing.follow_up.disputing,
        dispute_id=opened.id,
        upheld=False,
        resolution="检定合格，误差 0.3%",
        by="王敏",
        now=at(day(9)),
    )
    photo = await billing.follow_up.serving.blobs.put(PHOTO, by=collector, now=at(day(12)))
    visit = await note_contact(
        collecting=billing.follow_up.contacts,
        account_id=account.id,
        way=ContactWay.VISIT,
        outcome=Outcome.REFUSES,
        note="户主在家，称不愿缴费，已告知违约金与停电程序",
        photos=[photo.id],
        by="陈立",
        by_id=collector,
        now=at(day(12), 15),
    )
    assert isinstance(visit, Contact)
    await walk(billing, begin=13, until=45)
    made = await notice(billing, account)
    await served(billing, account, on=day(46))
    paper = await billing.follow_up.serving.blobs.put(PHOTO + b"\1", by=collector, now=at(day(47)))
    proof = Proof(ProofWay.POSTED, at(day(47), 16), "陈立", photo=paper.id)
    await serve(serving=billing.follow_up.serving, notice_id=made.id, proof=proof, now=at(day(47), 16), by_id=collector)
    assert await propose(cutting=billing.follow_up.cutting, account_id=account.id, now=at(CUT)) is True
    assert isinstance(await approved(billing, account, on=CUT), Decided)
    return account


async def made(rooms: Rooms, account: Account) -> Dossier:
    found = await dossiers(rooms).of(account.id, by="赵法务", reason="诉讼立案", now=at(MADE))
    assert isinstance(found, Dossier)
    return found


async def test_it_says_who_owes_what_and_how_each_notice_arrived(rooms: Rooms, customer: Customer) -> None:
    account = await a_wilful_defaulter(rooms, customer)
    file = await made(rooms, account)
    assert file.name == f"arrears-{account.number}-{MADE}.zip"
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        whole = archive.read("file.json")
        paper = archive.read(PAPER)
        photos = [name for name in archive.namelist() if name.startswith("photos/")]
    records = json.loads(whole)
    assert len(photos) == 2
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
    text = text.replace("\u200b", "").replace("\n", "").replace(" ", "")
    assert sha256(whole).hexdigest() in text
    for said in (
        customer.name,
        account.number,
        account.address,
        "停电通知书",
        "留置送达",
        "短信",
        "表走得太快",
        "陈立",
    ):
        assert said in text, said
    for bill in records["bills"]:
        assert bill["number"] in text
    for photo in photos:
        assert photo in text
    for fen in records["penalties_today"].values():
        assert fen in text
    for entry in records["history"]:
        if read(entry["event"], entry["note"]) is None:
            assert entry["note"].replace(" ", "") in text
    for said in (
        "短信sms-1",
        "不成立：检定合格，误差0.3%",
        f"{day(4)}应付款未付",
        "缴费后尚欠",
        "依据停电通知书",
        f"应付：{day(4)}",
        "不早于2026-11-",
    ):
        assert said in text, said
    assert account.org_path not in text
    assert account.org_path.rpartition("/")[2] in text
    assert not re.search(r"\dfen|notpaid|owedafter|notbefore|upheld:|refused:|smssms", text)
    assert len(records["notices"]) == text.count("要求缴纳")


async def test_who_made_one_and_why_stands_in_the_audit_trail_of_whose_name_it_shows(
    rooms: Rooms, customer: Customer
) -> None:
    account = an_account(9)
    await rooms.billing.accounts.add([account])
    await rooms.people.holders.put({account.id: customer.id})
    await made(rooms, account)
    trail = await rooms.people.audit.of_customer(customer.id, action=Action.UNMASKED, before=None, limit=10)
    assert [(one.agent, one.fields, one.reason) for one in trail] == [("赵法务", ("name", "address"), "诉讼立案")]


async def test_without_a_reason_there_is_no_file_and_no_entry(rooms: Rooms, customer: Customer) -> None:
    account = an_account(9)
    await rooms.billing.accounts.add([account])
    await rooms.people.holders.put({account.id: customer.id})
    assert await dossiers(rooms).of(account.id, by="赵法务", reason=" – ", now=at(MADE)) == BAD_REASON
    assert not await rooms.people.audit.of_customer(customer.id, action=Action.UNMASKED, before=None, limit=10)


async def test_the_sums_are_those_of_the_books(rooms: Rooms, customer: Customer) -> None:
    account = await a_wilful_defaulter(rooms, customer)
    file = await made(rooms, account)
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        records = json.loads(archive.read("file.json"))
        text = PdfReader(io.BytesIO(archive.read(PAPER))).pages[0].extract_text()
    bills = await rooms.billing.bills.payable(account.id)
    first, second = (sum(bill.owed for bill in bills if bill.due_on == due) for due in (day(0), day(30)))
    penalty = penalty_of(5 * (first + 1200) + 50 * first, 1) + penalty_of(25 * second, 1)
    assert f"{(first + second + penalty) / 100:,.2f}" in text
    assert sum(round(float(yuan) * 100) for yuan in records["penalties_today"].values()) == penalty


async def test_the_same_records_are_the_same_bytes(rooms: Rooms, customer: Customer) -> None:
    account = await a_wilful_defaulter(rooms, customer)
    assert (await made(rooms, account)).content == (await made(rooms, account)).content


async def test_an_account_that_owes_nothing_has_a_file_too_and_an_unknown_one_has_none(rooms: Rooms) -> None:
    account = an_account(8)
    await rooms.billing.accounts.add([account])
    file = await made(rooms, account)
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        text = PdfReader(io.BytesIO(archive.read(PAPER))).pages[0].extract_text()
    assert "编制日无欠费" in text
    unknown = await dossiers(rooms).of(
        AccountId(uuid4()), by="赵法务", reason="诉讼立案", now=at(MADE) + timedelta(days=1)
    )
    assert unknown == NO_SUCH_ACCOUNT

"""From an event in the outbox to a mail with its PDF and to a text message, with the real channels."""

import io
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pypdf import PdfReader

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.disputes.model import Dispute
from gridhall.billing.arrears.disputes.operations import ANSWERED, dispute, resolve
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.bills.model import Bill, BillId
from gridhall.billing.forecasts.alerts import KIND
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.crm.codes.model import Purpose
from gridhall.crm.codes.operations import send
from gridhall.crm.customers.model import Binding, Customer, Role
from gridhall.kit.clock import SystemClock
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction
from gridhall.kit.outbox import Event
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from gridhall.notifications.ebill.assemble import NoSuchBillError
from gridhall.notifications.ledger.model import DeliveryState
from gridhall.notifications.sending.deliver import deliver
from gridhall.notifications.triggers.bills import tell_issued_bills, tell_payments
from gridhall.notifications.triggers.codes import tell_codes
from gridhall.notifications.triggers.disputes import tell_answers
from gridhall.notifications.triggers.forecasts import tell_high_bills
from gridhall.notifications.triggers.money import tell_money
from gridhall.simulators.app import Addresses
from gridhall.workers import names
from tests.factories.accounts import an_account, point_of
from tests.factories.people import a_customer
from tests.factories.reads import a_read
from tests.factories.rooms import Rooms, all_documents

RAW = CodecOptions(document_class=RawBSONDocument)


async def received(stands: Addresses, of: str) -> list[dict[str, Any]]:
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{stands.phone_url}/messages", params={"of": of})
        messages: list[dict[str, Any]] = answer.json()["messages"]
        for message in messages:
            for file in message["files"]:
                file["content"] = (await http.get(stands.url + file["url"])).content
    return messages


async def events_of(rooms: Rooms, kind: str) -> list[Any]:
    return [event["_id"] for event in await all_documents(rooms.mongo, "outbox") if event["kind"] == kind]


@pytest.fixture
async def account(connected: Rooms) -> Account:
    account = an_account(tariff="zhejiang-residential-tou", carried_kwh=2627)
    await connected.billing.accounts.add([account])
    reads = [
        a_read(point_of(account), date(2026, 1, 1), {"peak": "1000.00", "valley": "2000.00"}),
        a_read(point_of(account), date(2026, 2, 1), {"peak": "1377.00", "valley": "2410.00"}),
    ]
    await record_reads(reads=reads, registers=RegisterRepository(connected.mongo), now=SystemClock().now())
    return account


@pytest.fixture
async def bill(connected: Rooms, account: Account, now: datetime) -> Bill:
    """377 kWh at peak and 410 in the valley after 2,627 of the year: 364.92 yuan."""
    issuing = connected.billing.issuing
    await issue_chunk(issuing=issuing, account_ids=[account.id], month=Month(2026, 1), now=now)
    (bill,) = (await connected.billing.bills.since([account.id], month=Month(2026, 1)))[account.id]
    return bill


@pytest.fixture
async def holder(connected: Rooms, account: Account, customer: Customer) -> Customer:
    await connected.people.holders.put({account.id: customer.id})
    return customer


async def told_bills(rooms: Rooms, now: datetime) -> dict[str, DeliveryState]:
    events = await events_of(rooms, "billing.bill_issued")
    keys = await tell_issued_bills(newsroom=rooms.post.newsroom, event_ids=events, now=now)
    return await deliver(office=rooms.post.office, keys=keys, clock=SystemClock())


class TestProjectedBills:
    async def test_one_above_the_limit_is_told_once_with_its_range(
        self, connected: Rooms, stands: Addresses, account: Account, holder: Customer, now: datetime
    ) -> None:
        payload = {"month": "2026-10", "limit": 20000, "likely": 21640, "low": 19800, "high": 23910}
        event = Event(kind=KIND, about=account.id, at=now, payload=payload)
        await connected.outbox.add_once([event])
        for _ in range(2):
            keys = await tell_high_bills(newsroom=connected.post.newsroom, event_ids=[event.id], now=now)
            await deliver(office=connected.post.office, keys=keys, clock=SystemClock())
        (item,) = await connected.post.inbox.page(holder.id, after=None, limit=9)
        assert (item.kind, item.data["likely"]) == ("projected_bill_high", 21640)
        (message,) = await received(stands, str(holder.mail))
        assert message["subject"] == "2026-10 电费预计将达 216.40元"
        assert all(word in message["text"] for word in ("198.00元", "239.10元", "200.00元", "以账单为准"))

    def test_the_event_has_its_job(self) -> None:
        assert names.EVENT_ROUTES[KIND] == (names.TELL_HIGH_BILLS,)


class TestBills:
    async def test_an_issued_bill_comes_by_mail_with_its_page(
        self, connected: Rooms, stands: Addresses, holder: Customer, bill: Bill, now: datetime
    ) -> None:
        assert bill.total == 36492
        assert list((await told_bills(connected, now)).values()) == [DeliveryState.SENT]
        (message,) = await received(stands, str(holder.mail))
        assert message["subject"] == "2026-01 电费账单已出"
        assert "364.92" in message["text"]
        assert "330*******001" in message["text"]
        (file,) = message["files"]
        assert (file["filename"], file["media_type"]) == ("e-bill-2026-01.pdf", "application/pdf")
        (page,) = PdfReader(io.BytesIO(file["content"])).pages
        text = page.extract_text()
        assert all(shown in text for shown in ("364.92", "214.14", "118.08", "32.70", "3301000000001", "王**"))
        assert "王小明" not in text

    async def test_telling_the_same_event_again_sends_nothing_more(
        self, connected: Rooms, stands: Addresses, holder: Customer, bill: Bill, now: datetime
    ) -> None:
        for _ in range(2):
            await told_bills(connected, now)
        assert bill.issued_at == now
        assert len(await received(stands, str(holder.mail))) == 1
        assert len(await connected.post.inbox.page(holder.id, after=None, limit=9)) == 1

    async def test_everybody_who_belongs_to_the_account_is_told_once(
        self, connected: Rooms, account: Account, holder: Customer, bill: Bill, now: datetime
    ) -> None:
        member = await connected.people.customers.get_or_add(a_customer(2), now=now)
        stranger = await connected.people.customers.get_or_add(a_customer(3), now=now)
        for one, role in ((member, Role.MEMBER), (holder, Role.OWNER)):
            await connected.people.customers.bind(one.id, Binding(account.id, role, now))
        assert len(await told_bills(connected, now)) == 2
        counts = [len(await connected.post.inbox.page(one.id, after=None, limit=9)) for one in (holder, member)]
        assert counts == [1, 1]
        assert await connected.post.inbox.page(stranger.id, after=None, limit=9) == []
        assert bill.account_id == account.id

    async def test_a_bill_of_nobody_is_told_to_nobody(self, connected: Rooms, bill: Bill, now: datetime) -> None:
        assert bill.issued_at
        assert await told_bills(connected, now) == {}

    async def test_the_page_of_an_unknown_bill_is_not_drawn(self, connected: Rooms) -> None:
        with pytest.raises(NoSuchBillError):
            await connected.post.ebills.pdf(BillId(new_id()))


async def test_a_payment_is_told_in_the_inbox_with_what_is_still_owed(
    connected: Rooms, account: Account, holder: Customer, bill: Bill, now: datetime
) -> None:
    money = PaymentReceived.for_account("wechatpay", "T1", account.id, Fen(30000), now, bill_ids=(bill.id,))
    await settle(payments=connected.billing.payments, payment=money, cash=Book.CASH_ONLINE, now=now)
    for _ in range(2):
        events = await events_of(connected, "billing.payment_received")
        assert await tell_payments(newsroom=connected.post.newsroom, event_ids=events, now=now) == []
    (item,) = await connected.post.inbox.page(holder.id, after=None, limit=9)
    assert (item.kind, item.data["amount"], item.data["owed"]) == ("payment_received", 30000, 6492)


async def test_a_refund_that_is_over_and_a_collection_that_failed_are_told_once(
    connected: Rooms, account: Account, holder: Customer, now: datetime
) -> None:
    kinds = {
        "billing.refund_over": [{"number": "R1", "fen": 5000, "state": state} for state in ("done", "failed")],
        "billing.collection_failed": [
            {"fen": 700, "why": "insufficient", "attempt": 1, "stops": False},
            {"fen": 700, "why": "insufficient", "attempt": 3, "stops": False},
            {"fen": 700, "why": "card_closed", "attempt": 1, "stops": True},
        ],
    }
    made = [Event(kind, account.id, now, payload) for kind, payloads in kinds.items() for payload in payloads]

    async def write(transaction: Transaction) -> None:
        await connected.outbox.add(made, transaction=transaction)

    await connected.mongo.transact(write)
    for _ in range(2):
        events = [one for kind in kinds for one in await events_of(connected, kind)]
        await tell_money(newsroom=connected.post.newsroom, event_ids=events, now=now)
    items = await connected.post.inbox.page(holder.id, after=None, limit=9)
    told = sorted((item.kind, str(item.data["variant"]), str(item.data["amount"])) for item in items)
    assert told == [
        ("collection_failed", "again", "700"),
        ("collection_failed", "ended", "700"),
        ("collection_failed", "last", "700"),
        ("refund_over", "done", "5000"),
        ("refund_over", "failed", "5000"),
    ]


async def test_how_an_objection_was_answered_is_told_once(
    connected: Rooms, account: Account, holder: Customer, bill: Bill, now: datetime
) -> None:
    disputing = connected.billing.follow_up.disputing
    made = await dispute(
        disputing=disputing, account_id=account.id, bill_id=bill.id, reason="用电量偏高", by="customer", now=now
    )
    assert isinstance(made, Dispute)
    for _ in range(2):
        await resolve(
            disputing=disputing, dispute_id=made.id, upheld=False, resolution="已现场核对", by="li.na", now=now
        )
        events = await events_of(connected, ANSWERED)
        assert len(events) == 1
        await tell_answers(newsroom=connected.post.newsroom, disputes=disputing.disputes, event_ids=events, now=now)
    (item,) = await connected.post.inbox.page(holder.id, after=None, limit=9)
    told = (item.kind, item.data["variant"], item.data["month"], item.data["answer"])
    assert told == ("dispute_answered", "refused", "2026-01", "已现场核对")


class TestCodes:
    @pytest.fixture
    async def digits(self, connected: Rooms, now: datetime) -> str:
        """A code that a phone which is nobody's yet has just asked for."""
        await send(codes=connected.people.codes, purpose=Purpose.SIGN_IN, phone="13900000009", about="", now=now)
        (document,) = await all_documents(connected.mongo, "one_time_codes")
        code = await connected.people.codes.codes.load(document["_id"])
        assert code is not None
        return code.digits

    async def told(self, rooms: Rooms, now: datetime) -> list[str]:
        events = await events_of(rooms, "crm.code_asked")
        return await tell_codes(office=rooms.post.office, outbox=rooms.outbox, event_ids=events, now=now)

    async def test_a_code_comes_as_a_text_message(
        self, connected: Rooms, stands: Addresses, digits: str, now: datetime
    ) -> None:
        for _ in range(2):
            keys = await self.told(connected, now)
            found = await deliver(office=connected.post.office, keys=keys, clock=SystemClock())
            assert list(found.values()) == [DeliveryState.SENT]
        (message,) = await received(stands, "13900000009")
        assert f"验证码为{digits}，5分钟内有效" in message["text"]

    async def test_neither_digits_nor_phone_are_ever_in_the_ledger(
        self, connected: Rooms, digits: str, now: datetime
    ) -> None:
        async def ledger() -> bytes:
            found = connected.mongo["deliveries"].with_options(RAW).find()
            return b"".join([document.raw async for document in found])

        keys = await self.told(connected, now)
        before = await ledger()
        await deliver(office=connected.post.office, keys=keys, clock=SystemClock())
        after = await ledger()
        assert b"code_asked" in before
        assert b"sent" in after
        assert not any(secret.encode() in before + after for secret in (digits, "13900000009"))

    async def test_a_code_that_ended_is_not_sent_any_more(
        self, connected: Rooms, stands: Addresses, digits: str, now: datetime
    ) -> None:
        assert digits
        ended = now - timedelta(seconds=1)
        await connected.mongo["one_time_codes"].update_many({}, {"$set": {"expires_at": ended}})
        keys = await self.told(connected, now)
        found = await deliver(office=connected.post.office, keys=keys, clock=SystemClock())
        assert list(found.values()) == [DeliveryState.FAILED]
        assert await received(stands, "13900000009") == []

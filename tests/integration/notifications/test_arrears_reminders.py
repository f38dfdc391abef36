"""From a due row to a reminder: once a step, true at the moment it is sent, and never after payment."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.model import debt_of
from gridhall.billing.arrears.operations import scan
from gridhall.billing.bills.model import Bill
from gridhall.billing.ledger.model import Book
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import charge
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.crm.customers.model import Binding, Customer, Role
from gridhall.kit.clock import FixedClock
from gridhall.kit.ids import new_id
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction
from gridhall.notifications.catalogue import ArrearsReminder, Registry, Way
from gridhall.notifications.channels.port import SendResult, SendState
from gridhall.notifications.ledger.model import DeliveryState, Notice
from gridhall.notifications.sending.deliver import deliver
from gridhall.notifications.sending.gates import Decision, Gates, QuietHours
from gridhall.notifications.sending.post_office import PostOffice
from gridhall.notifications.triggers.arrears import tell_reminders
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill
from tests.factories.payments import an_intent
from tests.factories.people import a_customer
from tests.factories.rooms import Rooms, all_documents
from tests.integration.notifications.conftest import Obedient

DUE = date(2026, 11, 21)
OVERDUE_DAY = DUE + timedelta(days=3)
MORNING = datetime.combine(OVERDUE_DAY, time(1), UTC)
"""09:00 in Asia/Shanghai."""


@pytest.fixture
async def account(rooms: Rooms, customer: Customer) -> Account:
    account = an_account(7)
    await rooms.billing.accounts.add([account])
    await rooms.people.holders.put({account.id: customer.id})
    return account


@pytest.fixture
async def bill(rooms: Rooms, account: Account) -> Bill:
    return await issue(rooms, account, "2026-10")


async def issue(rooms: Rooms, account: Account, month: str, *, due_on: date = DUE) -> Bill:
    bill = a_bill(account, month, due_on=due_on)
    debt = debt_of(bill)
    assert debt

    async def write(transaction: Transaction) -> None:
        await rooms.billing.bills.add([bill], transaction=transaction)
        await rooms.billing.arrears.following.debts.add([debt], transaction=transaction)
        posting = charge(account=account, bill_id=bill.id, total=bill.total, now=MORNING)
        await post(
            postings=[posting], ledger=rooms.billing.ledger, accounts=rooms.billing.accounts, transaction=transaction
        )

    await rooms.mongo.transact(write)
    return bill


async def pay(rooms: Rooms, bill: Bill, amount: int) -> None:
    payment = PaymentReceived.for_account("counter", str(new_id()), bill.account_id, Fen(amount), MORNING)
    await settle(payments=rooms.billing.payments, payment=payment, cash=Book.CASH_COUNTER, now=MORNING)


async def remind(rooms: Rooms, office: PostOffice) -> list[str]:
    """Scan in the morning of the day and write the notices."""
    await scan(arrears=rooms.billing.arrears, region="zhejiang", today=OVERDUE_DAY, now=MORNING)
    events = await rooms.outbox.waiting(before=MORNING + timedelta(days=1), limit=100)
    due = [event.id for event in events if event.kind == "billing.reminder_due"]
    newsroom = replace(rooms.post.newsroom, office=office)
    return await tell_reminders(newsroom=newsroom, check=rooms.post.still_owed, event_ids=due, now=MORNING)


@pytest.fixture
def wechat_less(rooms: Rooms, office: PostOffice) -> PostOffice:
    return replace(office, gates=Gates(None, rooms.post.office.gates.checks))


async def test_a_step_reminds_once_however_often_and_however_many_scans_run(rooms: Rooms, bill: Bill) -> None:
    del bill
    arrears = rooms.billing.arrears
    scans = (scan(arrears=arrears, region="zhejiang", today=OVERDUE_DAY, now=MORNING) for _ in range(4))
    assert sum(await asyncio.gather(*scans)) == 1
    assert await scan(arrears=arrears, region="zhejiang", today=OVERDUE_DAY, now=MORNING) == 0
    later = DUE + timedelta(days=10)
    assert await scan(arrears=arrears, region="zhejiang", today=later, now=MORNING) == 1


async def test_two_overdue_bills_of_an_account_are_one_reminder_of_their_sum(
    rooms: Rooms, account: Account, bill: Bill, wechat_less: PostOffice
) -> None:
    other = await issue(rooms, account, "2026-09")
    keys = await remind(rooms, wechat_less)
    assert len(keys) == 1
    holder = (await rooms.people.holders.of_accounts([account.id]))[account.id]
    (item,) = await rooms.post.inbox.page(holder, after=None, limit=5)
    reminder = Registry.keyed(item.kind).unpack(item.data)
    assert isinstance(reminder, ArrearsReminder)
    assert (reminder.amount, reminder.bills, reminder.variant) == (bill.total + other.total, 2, "overdue")


async def test_a_bill_paid_before_the_scan_is_not_in_it(rooms: Rooms, bill: Bill, wechat_less: PostOffice) -> None:
    await pay(rooms, bill, bill.total)
    assert await remind(rooms, wechat_less) == []


async def test_a_bill_paid_between_scan_and_sending_sends_nothing(
    rooms: Rooms, bill: Bill, wechat_less: PostOffice, mail: Obedient
) -> None:
    keys = await remind(rooms, wechat_less)
    await pay(rooms, bill, bill.total)
    states = await deliver(office=wechat_less, keys=keys, clock=FixedClock(MORNING + timedelta(minutes=1)))
    assert set(states.values()) == {DeliveryState.SUPPRESSED}
    assert mail.sent == []


async def test_a_bill_issued_meanwhile_is_not_called_overdue_once_the_overdue_one_is_paid(
    rooms: Rooms, account: Account, bill: Bill, wechat_less: PostOffice, mail: Obedient
) -> None:
    keys = await remind(rooms, wechat_less)
    await issue(rooms, account, "2026-11", due_on=OVERDUE_DAY + timedelta(days=20))
    await pay(rooms, bill, bill.total)
    states = await deliver(office=wechat_less, keys=keys, clock=FixedClock(MORNING + timedelta(minutes=1)))
    assert set(states.values()) == {DeliveryState.SUPPRESSED}
    assert mail.sent == []


async def test_a_reminder_that_cannot_be_decided_on_waits_and_cancels_no_other(
    rooms: Rooms, bill: Bill, wechat_less: PostOffice, mail: Obedient
) -> None:
    class Broken:
        async def ask(self, notice: Notice, *, now: datetime) -> Decision:
            raise ConnectionError(notice.key, now)

    del bill
    keys = await remind(rooms, wechat_less)
    broken = replace(wechat_less, gates=Gates(None, {"arrears_reminder": Broken()}))
    states = await deliver(office=broken, keys=keys, clock=FixedClock(MORNING))
    assert set(states.values()) == {DeliveryState.PENDING}
    await deliver(office=wechat_less, keys=keys, clock=FixedClock(MORNING + timedelta(minutes=1)))
    assert len(mail.sent) == 1


async def test_a_part_payment_reminds_of_the_rest(
    rooms: Rooms, bill: Bill, wechat_less: PostOffice, mail: Obedient
) -> None:
    keys = await remind(rooms, wechat_less)
    await pay(rooms, bill, bill.total - 1000)
    await deliver(office=wechat_less, keys=keys, clock=FixedClock(MORNING + timedelta(minutes=1)))
    (message,) = mail.sent
    assert message.content.params["amount"] == "10.00元"


async def test_while_a_payment_is_under_way_a_reminder_waits(
    rooms: Rooms, bill: Bill, wechat_less: PostOffice, mail: Obedient
) -> None:
    keys = await remind(rooms, wechat_less)
    intent = an_intent(bill.account_id, bill.total, bill.id, started_at=MORNING)
    await rooms.billing.payments.intents.add(intent)
    await deliver(office=wechat_less, keys=keys, clock=FixedClock(MORNING + timedelta(minutes=5)))
    assert mail.sent == []
    await deliver(office=wechat_less, keys=keys, clock=FixedClock(MORNING + timedelta(minutes=16)))
    assert len(mail.sent) == 1


async def test_a_reminder_falls_back_from_wechat_to_sms_to_mail(
    rooms: Rooms, bill: Bill, wechat_less: PostOffice, mail: Obedient
) -> None:
    del bill
    mail.answers = [SendResult(SendState.FAILED, reason="blocked"), SendResult(SendState.SENT)]
    keys = await remind(rooms, wechat_less)
    await deliver(office=wechat_less, keys=keys, clock=FixedClock(MORNING + timedelta(minutes=1)))
    notice = keys[0].rsplit(":", 1)[0]
    states = await rooms.post.office.deliveries.states([f"{notice}:{way}" for way in Way])
    assert states == {
        f"{notice}:wechat": DeliveryState.FAILED,
        f"{notice}:sms": DeliveryState.FAILED,
        f"{notice}:mail": DeliveryState.SENT,
    }


async def test_at_night_a_reminder_waits_for_the_morning(
    rooms: Rooms, bill: Bill, office: PostOffice, mail: Obedient
) -> None:
    del bill
    quiet = QuietHours.parse("21:00-08:00", zone="Asia/Shanghai")
    office = replace(office, gates=Gates(quiet, rooms.post.office.gates.checks))
    keys = await remind(rooms, office)
    night = FixedClock(MORNING + timedelta(hours=14))
    await deliver(office=office, keys=keys, clock=night)
    assert mail.sent == []
    assert await office.deliveries.due(now=MORNING + timedelta(hours=22, minutes=59), limit=5) == []
    assert await office.deliveries.due(now=MORNING + timedelta(hours=23), limit=5) == keys
    (kept,) = await all_documents(rooms.mongo, "deliveries")
    assert (kept["attempts"], kept["reason"]) == (0, "quiet-hours")


async def test_who_only_looks_on_is_not_reminded(
    rooms: Rooms, account: Account, bill: Bill, wechat_less: PostOffice
) -> None:
    del bill
    people = rooms.people.customers
    for number, role in ((21, Role.VIEWER), (22, Role.MEMBER)):
        bound = await people.get_or_add(a_customer(number), now=MORNING)
        await people.bind(bound.id, Binding(account.id, role, MORNING))
    assert len(await remind(rooms, wechat_less)) == 2  # the holder and the member

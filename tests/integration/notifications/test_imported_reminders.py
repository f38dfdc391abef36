"""Arrears of a supplier's own bills: reminded of as told, of the newest revision only, and never after payment."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from gridhall.billing import regions as served
from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.operations import scan
from gridhall.billing.arrears.policies import SupplyClass
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.shadow.formats.port import Told
from gridhall.billing.shadow.model import Report, Sender
from gridhall.billing.shadow.taking import take_delivery
from gridhall.crm.customers.model import Customer
from gridhall.kit.clock import FixedClock
from gridhall.kit.money import Fen, yuan
from gridhall.notifications.catalogue import ArrearsReminder, Registry
from gridhall.notifications.sending.deliver import deliver
from gridhall.notifications.sending.gates import Gates
from gridhall.notifications.sending.post_office import PostOffice
from gridhall.notifications.triggers.arrears import tell_reminders
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill
from tests.factories.rooms import Rooms
from tests.factories.supplier_bills import shadow_regions, told
from tests.integration.notifications.conftest import Obedient

ISSUED = datetime(2026, 11, 2, 2, tzinfo=UTC)
DUE = date(2026, 11, 16)
"""The supplier's own; the region's term of twenty days would be six days later."""
OVERDUE_DAY = DUE + timedelta(days=3)
MORNING = datetime.combine(OVERDUE_DAY, time(1), UTC)
"""09:00 in Asia/Shanghai."""


@pytest.fixture(autouse=True)
def in_shadow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "regions", shadow_regions("zhejiang"))


@pytest.fixture
async def account(rooms: Rooms, customer: Customer) -> Account:
    account = an_account(7)
    await rooms.billing.accounts.add([account])
    await rooms.people.holders.put({account.id: customer.id})
    return account


@pytest.fixture
def wechat_less(rooms: Rooms, office: PostOffice) -> PostOffice:
    return replace(office, gates=Gates(None, rooms.post.office.gates.checks))


def october(account: Account, kwh: int = 200, **changes: object) -> dict[str, Any]:
    return told(a_bill(account, "2026-10", kwh), account.number, "SAP-1", due_on=DUE.isoformat(), **changes)


async def take(rooms: Rooms, bill: dict[str, Any], now: datetime = ISSUED) -> Report:
    delivery = [Told(1, str(bill), bill)]
    return await take_delivery(shadow=rooms.billing.shadow, told=delivery, sender=Sender("sap"), now=now)


async def remind(rooms: Rooms, office: PostOffice, *, on: date = OVERDUE_DAY) -> list[str]:
    await scan(arrears=rooms.billing.arrears, region="zhejiang", today=on, now=MORNING)
    events = await rooms.outbox.waiting(before=MORNING + timedelta(days=1), limit=100)
    due = [event.id for event in events if event.kind == "billing.reminder_due"]
    newsroom = replace(rooms.post.newsroom, office=office)
    return await tell_reminders(newsroom=newsroom, check=rooms.post.still_owed, event_ids=due, now=MORNING)


async def test_it_is_reminded_of_on_the_ladder_of_the_suppliers_own_due_day(
    rooms: Rooms, account: Account, customer: Customer, wechat_less: PostOffice
) -> None:
    bill = october(account)
    assert (await take(rooms, bill)).accepted == 1
    assert await remind(rooms, wechat_less, on=DUE - timedelta(days=4)) == []
    assert len(await remind(rooms, wechat_less)) == 1
    (item,) = await rooms.post.inbox.page(customer.id, after=None, limit=5)
    reminder = Registry.keyed(item.kind).unpack(item.data)
    assert isinstance(reminder, ArrearsReminder)
    assert (str(yuan(reminder.amount)), reminder.bills, reminder.variant) == (bill["total"], 1, "overdue")


async def test_a_revision_that_comes_between_scan_and_sending_is_what_is_owed(
    rooms: Rooms, account: Account, wechat_less: PostOffice, mail: Obedient
) -> None:
    await take(rooms, october(account, 400))
    keys = await remind(rooms, wechat_less)
    assert (await take(rooms, october(account, 200), now=MORNING)).revised == 1
    await deliver(office=wechat_less, keys=keys, clock=FixedClock(MORNING + timedelta(minutes=1)))
    (message,) = mail.sent
    assert (message.content.params["amount"], message.content.params["bills"]) == ("107.60元", "1")


async def test_once_paid_nobody_is_reminded_of_it(rooms: Rooms, account: Account, wechat_less: PostOffice) -> None:
    await take(rooms, october(account))
    money = PaymentReceived.for_account("counter", "P1", account.id, Fen(10_760), MORNING)
    await settle(payments=rooms.billing.payments, payment=money, cash=Book.CASH_COUNTER, now=MORNING)
    assert await remind(rooms, wechat_less) == []


async def test_one_whose_tariff_nobody_knows_here_is_followed_as_a_home(
    rooms: Rooms, customer: Customer, wechat_less: PostOffice
) -> None:
    bare = an_account(8, tariffs=())
    await rooms.billing.accounts.add([bare])
    await rooms.people.holders.put({bare.id: customer.id})
    assert (await take(rooms, october(an_account(8)))).accepted == 1
    (debt,) = await rooms.billing.arrears.following.debts.of_accounts([bare.id])
    assert debt.supply_class is SupplyClass.RESIDENTIAL
    assert len(await remind(rooms, wechat_less)) == 1

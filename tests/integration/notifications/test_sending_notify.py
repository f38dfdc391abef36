"""Telling: an inbox item and a delivery a way, each of them once, and nothing that is too late."""

import asyncio
from datetime import date, datetime, timedelta

from gridhall.crm.customers.model import Customer
from gridhall.kit.ids import new_id
from gridhall.notifications.catalogue import BillIssued, PaymentReceived
from gridhall.notifications.sending.notify import SHELF_LIFE, Telling, notify
from gridhall.notifications.sending.post_office import PostOffice
from tests.factories.people import a_customer
from tests.factories.rooms import Rooms, all_documents


def a_bill_told(customer: Customer, at: datetime) -> Telling:
    bill = BillIssued(new_id(), "330******001", "2026-10", "217", 10946, 10946, date(2026, 11, 21))
    return Telling(key=f"b1:{customer.id}", customer=customer, notification=bill, at=at)


async def states(rooms: Rooms) -> dict[str, tuple[str, str | None]]:
    return {
        document["way"]: (document["state"], document["reason"])
        for document in await all_documents(rooms.mongo, "deliveries")
    }


async def test_a_bill_comes_by_mail_and_into_the_inbox(
    office: PostOffice, rooms: Rooms, customer: Customer, now: datetime
) -> None:
    telling = a_bill_told(customer, now)
    assert await notify(office=office, tellings=[telling], now=now) == [f"bill_issued:b1:{customer.id}:mail"]
    assert await states(rooms) == {"mail": ("pending", None)}
    (item,) = await rooms.post.inbox.page(customer.id, after=None, limit=9)
    assert (item.kind, item.at, item.data["total"]) == ("bill_issued", now, 10946)


async def test_telling_again_changes_nothing(
    office: PostOffice, rooms: Rooms, customer: Customer, now: datetime
) -> None:
    telling = a_bill_told(customer, now)
    keys = await asyncio.gather(*(notify(office=office, tellings=[telling], now=now) for _ in range(5)))
    assert keys == [keys[0]] * 5
    assert await rooms.mongo["deliveries"].count_documents({}) == 1
    assert await rooms.mongo["inbox"].count_documents({}) == 1


async def test_what_is_too_late_is_only_put_into_the_inbox(
    office: PostOffice, rooms: Rooms, customer: Customer, now: datetime
) -> None:
    late = a_bill_told(customer, now - SHELF_LIFE - timedelta(seconds=1))
    await notify(office=office, tellings=[late], now=now)
    assert await states(rooms) == {"mail": ("suppressed", "too-late")}
    assert len(await rooms.post.inbox.page(customer.id, after=None, limit=9)) == 1


async def test_what_is_just_in_time_is_sent(
    office: PostOffice, rooms: Rooms, customer: Customer, now: datetime
) -> None:
    await notify(office=office, tellings=[a_bill_told(customer, now - SHELF_LIFE)], now=now)
    assert await states(rooms) == {"mail": ("pending", None)}


async def test_one_without_a_mail_address_finds_it_in_the_inbox(
    office: PostOffice, rooms: Rooms, now: datetime
) -> None:
    customer = a_customer(2, mail=None)
    await notify(office=office, tellings=[a_bill_told(customer, now)], now=now)
    assert await states(rooms) == {"mail": ("suppressed", "no-mail-address")}
    assert len(await rooms.post.inbox.page(customer.id, after=None, limit=9)) == 1


async def test_a_payment_is_told_in_the_inbox_alone(
    office: PostOffice, rooms: Rooms, customer: Customer, now: datetime
) -> None:
    paid = PaymentReceived("330******001", 100, date(2026, 11, 3), 0)
    telling = Telling(key="p1", customer=customer, notification=paid, at=now)
    assert await notify(office=office, tellings=[telling], now=now) == []
    assert len(await rooms.post.inbox.page(customer.id, after=None, limit=9)) == 1


async def test_nothing_to_tell_is_nothing_done(office: PostOffice, now: datetime) -> None:
    assert await notify(office=office, tellings=[], now=now) == []

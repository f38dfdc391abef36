"""The inbox of the app: what a customer was told, once, and whether it was read."""

import asyncio
from datetime import datetime, timedelta

import pytest

from gridhall.crm.customers.model import CustomerId
from gridhall.crm.customers.repository import new_customer_id
from gridhall.kit.ids import new_id
from gridhall.notifications.inbox.repository import InboxRepository
from gridhall.notifications.ledger.model import Notice
from tests.factories.rooms import Rooms

WANG = new_customer_id()


@pytest.fixture
def inbox(rooms: Rooms) -> InboxRepository:
    return rooms.post.inbox


def a_notice(key: str, at: datetime, customer_id: CustomerId | None = WANG) -> Notice:
    return Notice(key, "payment_received", customer_id, at, {"amount": 1})


async def test_a_notice_stands_in_an_inbox_once_however_often_it_is_put_there(
    inbox: InboxRepository, now: datetime
) -> None:
    await asyncio.gather(*(inbox.page(WANG, after=None, limit=1) for _ in range(8)))  # warms the connections up
    await asyncio.gather(*(inbox.add([a_notice("n", now)]) for _ in range(8)))
    assert [item.notice for item in await inbox.page(WANG, after=None, limit=9)] == ["n"]


async def test_an_inbox_is_read_newest_first_in_pages_that_leave_nothing_out(
    inbox: InboxRepository, now: datetime
) -> None:
    # Two happened at the same instant, which is where a page may end.
    hours = [0, 1, 1, 2, 3]
    await inbox.add([a_notice(f"n{number}", now + timedelta(hours=hour)) for number, hour in enumerate(hours)])
    whole = await inbox.page(WANG, after=None, limit=9)
    assert [item.at for item in whole] == sorted((item.at for item in whole), reverse=True)
    paged, after = [], None
    while page := await inbox.page(WANG, after=after, limit=2):
        paged += page
        after = page[-1].at, page[-1].id
    assert paged == whole
    assert len(whole) == 5


async def test_nobody_reads_the_inbox_of_another(inbox: InboxRepository, now: datetime) -> None:
    await inbox.add([a_notice("n", now)])
    (item,) = await inbox.page(WANG, after=None, limit=9)
    stranger = new_customer_id()
    assert await inbox.page(stranger, after=None, limit=9) == []
    assert await inbox.one(stranger, item.id) is None
    assert await inbox.mark_read(stranger, item.id, now=now) is None
    assert await inbox.one(WANG, item.id) == item


async def test_the_first_reading_counts(inbox: InboxRepository, now: datetime) -> None:
    await inbox.add([a_notice("a", now), a_notice("b", now)])
    first, _ = await inbox.page(WANG, after=None, limit=9)
    assert await inbox.unread(WANG, most=99) == 2
    for hour in (0, 1):
        read = await inbox.mark_read(WANG, first.id, now=now + timedelta(hours=hour))
        assert read is not None
        assert read.read_at == now
    assert await inbox.unread(WANG, most=99) == 1
    assert await inbox.mark_read(WANG, new_id(), now=now) is None


async def test_unread_items_are_counted_up_to_a_most(inbox: InboxRepository, now: datetime) -> None:
    await inbox.add([a_notice(f"n{number}", now) for number in range(5)])
    assert await inbox.unread(WANG, most=3) == 3


async def test_what_is_for_no_customer_goes_to_no_inbox(inbox: InboxRepository, rooms: Rooms, now: datetime) -> None:
    await inbox.add([a_notice("n", now, customer_id=None)])
    assert await rooms.mongo["inbox"].count_documents({}) == 0

"""The delivery ledger: each delivery once, in one pair of hands, with a known end."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from gridhall.billing.accounts.model import AccountId
from gridhall.crm.customers.repository import new_customer_id
from gridhall.kit.ids import new_id
from gridhall.notifications.catalogue import Way
from gridhall.notifications.ledger.model import DeliveryState, Notice
from gridhall.notifications.ledger.repository import LEASE, DeliveryRepository
from tests.factories.rooms import Rooms, all_documents

TO_SEND: Mapping[Way, str | None] = {Way.MAIL: None}


@pytest.fixture
def deliveries(rooms: Rooms) -> DeliveryRepository:
    return rooms.post.office.deliveries


def a_notice(key: str, now: datetime) -> Notice:
    return Notice(key, "payment_received", new_customer_id(), now, {"amount": 1})


async def close(deliveries: DeliveryRepository, key: str, state: DeliveryState, now: datetime) -> None:
    await deliveries.close(key, state=state, reason=None, reference="r1", now=now)


async def test_a_delivery_is_written_once_and_keeps_its_number(
    deliveries: DeliveryRepository, rooms: Rooms, now: datetime
) -> None:
    notice = a_notice("n", now)
    keys = await deliveries.add([(notice, {Way.MAIL: None, Way.SMS: "too-late"})], now=now)
    assert keys == ["n:mail", "n:sms"]
    before = await all_documents(rooms.mongo, "deliveries")
    assert await deliveries.add([(notice, TO_SEND)], now=now + timedelta(hours=1)) == ["n:mail"]
    assert await all_documents(rooms.mongo, "deliveries") == before
    assert await deliveries.states(keys) == {"n:mail": DeliveryState.PENDING, "n:sms": DeliveryState.SUPPRESSED}


async def test_of_many_who_claim_it_one_gets_it(deliveries: DeliveryRepository, now: datetime) -> None:
    await deliveries.add([(a_notice("n", now), TO_SEND)], now=now)
    claims = await asyncio.gather(*(deliveries.claim("n:mail", now=now) for _ in range(8)))
    (claimed,) = [claim for claim in claims if claim]
    assert (claimed.state, claimed.attempts, claimed.way) == (DeliveryState.CLAIMED, 1, Way.MAIL)


async def test_what_is_suppressed_or_ended_cannot_be_claimed(deliveries: DeliveryRepository, now: datetime) -> None:
    await deliveries.add([(a_notice("n", now), {Way.MAIL: None, Way.SMS: "too-late"})], now=now)
    assert await deliveries.claim("n:sms", now=now) is None
    await deliveries.claim("n:mail", now=now)
    await close(deliveries, "n:mail", DeliveryState.SENT, now)
    assert await deliveries.claim("n:mail", now=now + timedelta(days=1)) is None
    assert await deliveries.due(now=now + timedelta(days=1), limit=9) == []


async def test_a_claim_without_a_result_is_unknown_after_its_lease_and_not_sent_again(
    deliveries: DeliveryRepository, rooms: Rooms, now: datetime
) -> None:
    await deliveries.add([(a_notice("n", now), TO_SEND)], now=now)
    await deliveries.claim("n:mail", now=now)
    assert await deliveries.due(now=now + LEASE - timedelta(seconds=1), limit=9) == []
    assert await deliveries.due(now=now + LEASE, limit=9) == ["n:mail"]
    assert await deliveries.claim("n:mail", now=now + LEASE) is None
    (document,) = await all_documents(rooms.mongo, "deliveries")
    assert (document["state"], document["reason"]) == (DeliveryState.UNKNOWN, "lease-ran-out")
    assert await deliveries.due(now=now + timedelta(days=1), limit=9) == []


async def test_a_result_that_comes_after_the_lease_still_counts(deliveries: DeliveryRepository, now: datetime) -> None:
    await deliveries.add([(a_notice("n", now), TO_SEND)], now=now)
    await deliveries.claim("n:mail", now=now)
    await deliveries.claim("n:mail", now=now + LEASE)
    await close(deliveries, "n:mail", DeliveryState.SENT, now + LEASE)
    assert await deliveries.states(["n:mail"]) == {"n:mail": DeliveryState.SENT}


async def test_a_retry_that_comes_after_the_lease_is_not_lost(deliveries: DeliveryRepository, now: datetime) -> None:
    await deliveries.add([(a_notice("n", now), TO_SEND)], now=now)
    await deliveries.claim("n:mail", now=now)
    await deliveries.claim("n:mail", now=now + LEASE)
    later = now + timedelta(minutes=5)
    await deliveries.retry("n:mail", at=later, reason="smtp-452")
    assert await deliveries.due(now=later, limit=9) == ["n:mail"]


async def test_a_retry_waits_for_its_time(deliveries: DeliveryRepository, now: datetime) -> None:
    await deliveries.add([(a_notice("n", now), TO_SEND)], now=now)
    await deliveries.claim("n:mail", now=now)
    later = now + timedelta(minutes=5)
    await deliveries.retry("n:mail", at=later, reason="smtp-452")
    assert await deliveries.claim("n:mail", now=later - timedelta(seconds=1)) is None
    claimed = await deliveries.claim("n:mail", now=later)
    assert claimed is not None
    assert claimed.attempts == 2


async def test_what_was_due_first_is_attempted_first(deliveries: DeliveryRepository, now: datetime) -> None:
    for minute in (3, 1, 2):
        at = now + timedelta(minutes=minute)
        await deliveries.add([(a_notice(f"n{minute}", now), TO_SEND)], now=at)
    assert await deliveries.due(now=now + timedelta(minutes=3), limit=2) == ["n1:mail", "n2:mail"]


async def test_what_was_sent_keeps_no_text_and_what_failed_does(
    deliveries: DeliveryRepository, rooms: Rooms, now: datetime
) -> None:
    await deliveries.add([(a_notice("a", now), TO_SEND), (a_notice("b", now), TO_SEND)], now=now)
    await close(deliveries, "a:mail", DeliveryState.SENT, now)
    await close(deliveries, "b:mail", DeliveryState.FAILED, now)
    kept = {document["_id"]: "data" in document for document in await all_documents(rooms.mongo, "deliveries")}
    assert kept == {"a:mail": False, "b:mail": True}


async def test_the_desk_finds_what_was_said_of_accounts_of_its_own_and_of_none(
    deliveries: DeliveryRepository, now: datetime
) -> None:
    whose, own, foreign = new_customer_id(), AccountId(new_id()), AccountId(new_id())
    said = {"own": own, "foreign": foreign, "none": None}
    notices = [Notice(key, "payment_received", whose, now, {"amount": 1}, account) for key, account in said.items()]
    await deliveries.add([(notice, TO_SEND) for notice in notices], now=now)
    found = await deliveries.of_customer(whose, accounts=[own], before=None, limit=9)
    assert {record.key for record in found} == {"own:mail", "none:mail"}

"""Customers: one a phone, found exactly, and nothing of them readable at rest."""

import asyncio
from datetime import UTC, datetime

import pytest
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from gridhall.crm.codes.model import Purpose
from gridhall.crm.codes.operations import send
from gridhall.crm.customers.model import Binding, Role
from gridhall.crm.customers.phone import BadPhoneError
from gridhall.crm.customers.queries import find_by_account_number, find_by_phone
from gridhall.crm.customers.repository import new_customer_id
from gridhall.crm.services import People
from gridhall.kit.mongo import Mongo
from tests.factories.accounts import an_account
from tests.factories.people import a_customer
from tests.factories.rooms import Rooms, all_documents

RAW = CodecOptions(document_class=RawBSONDocument)
"""Documents as the bytes that lie on the disk before compression."""


async def test_a_customer_is_read_as_written(people: People, now: datetime) -> None:
    customer = a_customer(1, language="en")
    assert await people.customers.get_or_add(customer, now=now) == customer
    assert await people.customers.load([customer.id, new_customer_id()]) == {customer.id: customer}
    assert await people.customers.by_phone(customer.phone) == customer


async def test_a_customer_without_name_and_mail_is_one_too(people: People, now: datetime) -> None:
    customer = a_customer(1, name=None, mail=None)
    await people.customers.get_or_add(customer, now=now)
    assert await people.customers.by_phone(customer.phone) == customer


async def test_the_phone_says_who_it_is_whatever_else_is_told(people: People, now: datetime) -> None:
    first = await people.customers.get_or_add(a_customer(1), now=now)
    assert await people.customers.get_or_add(a_customer(1, name="别人"), now=now) == first


async def test_of_many_who_come_at_once_with_one_phone_one_customer_is_made(
    people: People, mongo: Mongo, now: datetime
) -> None:
    await asyncio.gather(*(people.customers.by_phone("x") for _ in range(8)))  # warms the connections up
    found = await asyncio.gather(*(people.customers.get_or_add(a_customer(1), now=now) for _ in range(8)))
    assert len({customer.id for customer in found}) == 1
    assert [one["_id"] for one in await all_documents(mongo, "customers")] == [found[0].id]
    assert await people.customers.by_phone(found[0].phone) == found[0]


async def test_one_who_was_left_half_written_is_written_whole(people: People, mongo: Mongo, now: datetime) -> None:
    half = await people.customers.get_or_add(a_customer(1), now=now)
    await mongo["customers"].delete_one({"_id": half.id})
    again = await people.customers.get_or_add(a_customer(1), now=now)
    assert again.id == half.id
    assert await people.customers.by_phone(half.phone) == again


async def test_an_account_is_bound_once_whoever_tries_at_once(people: People, now: datetime) -> None:
    customer = await people.customers.get_or_add(a_customer(1), now=now)
    account = an_account()
    tries = (people.customers.bind(customer.id, Binding(account.id, role, now)) for role in Role)
    assert (await asyncio.gather(*tries)).count(True) == 1
    (found,) = await people.customers.bound_to([account.id])
    assert len(found.bindings) == 1


class TestSearch:
    async def test_a_phone_is_found_however_it_is_written(self, people: People, now: datetime) -> None:
        customer = await people.customers.get_or_add(a_customer(1), now=now)
        assert await find_by_phone(customers=people.customers, phone="+86 138-0000-0001") == customer
        assert await find_by_phone(customers=people.customers, phone="13800000002") is None
        with pytest.raises(BadPhoneError):
            await find_by_phone(customers=people.customers, phone="1380000000")

    async def test_an_account_number_finds_its_holder_first_and_then_who_is_bound(
        self, rooms: Rooms, people: People, now: datetime
    ) -> None:
        account = an_account()
        await rooms.billing.accounts.add([account])
        member, holder, _ = [await people.customers.get_or_add(a_customer(number), now=now) for number in (1, 2, 3)]
        await people.holders.put({account.id: holder.id})
        for customer, role in ((member, Role.MEMBER), (holder, Role.OWNER)):
            await people.customers.bind(customer.id, Binding(account.id, role, datetime(2026, 1, 1, tzinfo=UTC)))
        found = await find_by_account_number(
            customers=people.customers, accounts=rooms.billing.accounts, holders=people.holders, number=account.number
        )
        assert [customer.id for customer in found] == [holder.id, member.id]

    async def test_an_unknown_account_number_finds_nobody(self, rooms: Rooms, people: People) -> None:
        found = await find_by_account_number(
            customers=people.customers, accounts=rooms.billing.accounts, holders=people.holders, number="1"
        )
        assert found == []


async def test_no_personal_data_can_be_read_at_rest(rooms: Rooms, now: datetime) -> None:
    customer = await rooms.people.customers.get_or_add(a_customer(1), now=now)
    account = an_account()
    await rooms.billing.accounts.add([account])
    await rooms.people.holders.put({account.id: customer.id})
    await send(codes=rooms.people.codes, purpose=Purpose.SIGN_IN, phone=customer.phone, about="", now=now)
    secrets = [customer.phone, customer.name, customer.mail, account.address]
    (code,) = await all_documents(rooms.mongo, "one_time_codes")
    sent = await rooms.people.codes.codes.load(code["_id"])
    assert sent is not None
    kept = {
        name: b"".join([document.raw async for document in rooms.mongo[name].with_options(RAW).find()])
        for name in await rooms.mongo.database.list_collection_names()
    }
    assert {"customers", "customer_phones", "accounts", "code_quotas", "outbox"} <= {k for k, v in kept.items() if v}
    assert account.number.encode() in kept["accounts"]  # so this is where readable texts would be seen
    readable = [(name, text) for name, raw in kept.items() for text in secrets if text and text.encode() in raw]
    assert readable == []
    assert sent.digits.encode() not in kept["one_time_codes"] + kept["outbox"]

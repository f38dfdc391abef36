"""Binding a customer to an account by a code to the account's registered phone."""

import asyncio
from datetime import datetime, timedelta

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.crm.access.model import Bound, CodeSent
from gridhall.crm.access.operations import ask_binding, confirm_binding
from gridhall.crm.access.policies import NOT_YOURS, may_see_account
from gridhall.crm.codes.model import Purpose
from gridhall.crm.codes.operations import TOO_OFTEN, WRONG, prove, send
from gridhall.crm.customers.model import Customer, CustomerId, Role
from gridhall.kit.subject import Refusal
from tests.factories.accounts import an_account
from tests.factories.people import a_customer
from tests.factories.rooms import Rooms

UNKNOWN = "9999999999999"


@pytest.fixture
async def account(rooms: Rooms) -> Account:
    account = an_account()
    await rooms.billing.accounts.add([account])
    return account


@pytest.fixture
async def holder(rooms: Rooms, account: Account, now: datetime) -> Customer:
    """The one who holds the contract, as the system of record tells."""
    customer = await rooms.people.customers.get_or_add(a_customer(1), now=now)
    await rooms.people.holders.put({account.id: customer.id})
    return customer


@pytest.fixture
async def tenant(rooms: Rooms, now: datetime) -> Customer:
    return await rooms.people.customers.get_or_add(a_customer(2, name="李雷"), now=now)


async def ask(rooms: Rooms, customer: Customer, number: str, now: datetime) -> CodeSent | Refusal:
    return await ask_binding(access=rooms.people.access, customer=customer, number=number, now=now)


async def confirm(rooms: Rooms, customer: Customer, number: str, digits: str, now: datetime) -> Bound | Refusal:
    return await confirm_binding(access=rooms.people.access, customer=customer, number=number, digits=digits, now=now)


async def digits_sent(rooms: Rooms) -> str:
    (document,) = [one async for one in rooms.mongo["one_time_codes"].find().sort("_id", -1).limit(1)]
    code = await rooms.people.codes.codes.load(document["_id"])
    assert code is not None
    return code.digits


async def roles(rooms: Rooms, customer_id: CustomerId) -> list[Role]:
    (customer,) = (await rooms.people.customers.load([customer_id])).values()
    return [binding.role for binding in customer.bindings]


async def test_who_holds_the_contract_is_bound_as_owner(
    rooms: Rooms, account: Account, holder: Customer, now: datetime
) -> None:
    assert may_see_account(holder.as_subject(), account.id) == NOT_YOURS
    assert await ask(rooms, holder, f" {account.number} ", now) == CodeSent(now + timedelta(minutes=5))
    assert await confirm(rooms, holder, account.number, await digits_sent(rooms), now) == Bound(account.id)
    (bound,) = (await rooms.people.customers.load([holder.id])).values()
    assert [(one.account_id, one.role, one.since) for one in bound.bindings] == [(account.id, Role.OWNER, now)]
    assert may_see_account(bound.as_subject(), account.id) is True


async def test_who_was_given_the_code_is_bound_as_member(
    rooms: Rooms, account: Account, holder: Customer, tenant: Customer, now: datetime
) -> None:
    await ask(rooms, tenant, account.number, now)
    await confirm(rooms, tenant, account.number, await digits_sent(rooms), now)
    assert await roles(rooms, tenant.id) == [Role.MEMBER]
    assert await roles(rooms, holder.id) == []


async def test_the_code_goes_to_the_registered_phone(
    rooms: Rooms, account: Account, holder: Customer, tenant: Customer, now: datetime
) -> None:
    await ask(rooms, tenant, account.number, now)
    (document,) = [one async for one in rooms.mongo["one_time_codes"].find()]
    code = await rooms.people.codes.codes.load(document["_id"])
    assert code is not None
    assert code.phone == holder.phone


async def test_binding_again_changes_nothing(rooms: Rooms, account: Account, holder: Customer, now: datetime) -> None:
    for minute in (0, 1):
        later = now + timedelta(minutes=minute)
        await ask(rooms, holder, account.number, later)
        assert await confirm(rooms, holder, account.number, await digits_sent(rooms), later) == Bound(account.id)
    assert await roles(rooms, holder.id) == [Role.OWNER]


async def test_a_code_binds_the_one_who_asked_and_the_account_that_was_asked_for(
    rooms: Rooms, account: Account, holder: Customer, tenant: Customer, now: datetime
) -> None:
    other = an_account(2)
    await rooms.billing.accounts.add([other])
    await rooms.people.holders.put({other.id: holder.id})
    await ask(rooms, tenant, account.number, now)
    digits = await digits_sent(rooms)
    assert await confirm(rooms, tenant, other.number, digits, now) == WRONG
    assert await confirm(rooms, holder, account.number, digits, now) == WRONG
    assert await confirm(rooms, tenant, account.number, digits, now) == Bound(account.id)


async def test_a_code_for_signing_in_binds_nothing_and_the_other_way_round(
    rooms: Rooms, account: Account, holder: Customer, now: datetime
) -> None:
    await send(codes=rooms.people.codes, purpose=Purpose.SIGN_IN, phone=holder.phone, about="", now=now)
    assert await confirm(rooms, holder, account.number, await digits_sent(rooms), now) == WRONG
    later = now + timedelta(minutes=2)
    await ask(rooms, holder, account.number, later)
    outcome = await prove(
        codes=rooms.people.codes,
        purpose=Purpose.SIGN_IN,
        phone=holder.phone,
        about="",
        digits=await digits_sent(rooms),
        now=later,
    )
    assert outcome == WRONG


class TestNumbersCannotBeTriedOut:
    """A number that is nobody's gets the same answers as one that is somebody's."""

    async def test_when_asking(self, rooms: Rooms, account: Account, holder: Customer, now: datetime) -> None:
        askers = [await rooms.people.customers.get_or_add(a_customer(number), now=now) for number in (5, 6, 7)]
        known = await ask(rooms, askers[0], account.number, now)
        unknown = await ask(rooms, askers[1], UNKNOWN, now)
        known_again = await ask(rooms, askers[2], account.number, now)  # the holder's phone was written to already
        assert holder.bindings == ()
        assert known == unknown == known_again

    async def test_when_asking_too_often(
        self, rooms: Rooms, account: Account, holder: Customer, tenant: Customer, now: datetime
    ) -> None:
        for asker, number in ((tenant, account.number), (holder, UNKNOWN)):
            outcomes = await asyncio.gather(*(ask(rooms, asker, number, now) for _ in range(3)))
            assert outcomes.count(TOO_OFTEN) == 2

    async def test_when_guessing(
        self, rooms: Rooms, account: Account, holder: Customer, tenant: Customer, now: datetime
    ) -> None:
        assert holder.id != tenant.id
        answers = []
        for number, at in ((account.number, now), (UNKNOWN, now + timedelta(minutes=1))):
            await ask(rooms, tenant, number, at)
            answers.append([await confirm(rooms, tenant, number, "nothing", at) for _ in range(8)])
        assert answers[0] == answers[1]

    async def test_when_there_is_an_account_that_nobody_holds(
        self, rooms: Rooms, account: Account, tenant: Customer, now: datetime
    ) -> None:
        assert await ask(rooms, tenant, account.number, now) == CodeSent(now + timedelta(minutes=5))
        assert await rooms.mongo["one_time_codes"].count_documents({}) == 0
        assert await confirm(rooms, tenant, account.number, "000000", now) == WRONG

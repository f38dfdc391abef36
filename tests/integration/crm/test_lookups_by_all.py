"""One who comes as many customers to try account numbers out."""

import asyncio
from datetime import UTC, datetime, timedelta

from gridhall.crm.access.strangers import Payable, payable_by_number
from gridhall.crm.customers.repository import new_customer_id
from gridhall.kit.mongo import Mongo
from gridhall.kit.subject import Refusal
from tests.factories.accounts import an_account
from tests.factories.rooms import open_rooms

NOW = datetime(2026, 11, 3, 2, 30, tzinfo=UTC)


async def test_all_customers_together_may_look_up_so_many_an_hour_and_no_more(mongo: Mongo) -> None:
    rooms = await open_rooms(mongo, payable_lookups_in_all_an_hour=5)
    account = an_account()
    await rooms.billing.accounts.add([account])

    async def by_somebody(now: datetime) -> Payable | Refusal | None:
        strangers, asker = rooms.people.strangers, new_customer_id()
        return await payable_by_number(strangers=strangers, asker=asker, number=account.number, now=now)

    told = await asyncio.gather(*(by_somebody(NOW) for _ in range(8)))
    assert sum(isinstance(one, Payable) for one in told) == 5
    assert {one.code for one in told if isinstance(one, Refusal)} == {"access.looked_up_too_often"}
    assert isinstance(await by_somebody(NOW + timedelta(minutes=29)), Refusal)
    assert isinstance(await by_somebody(NOW + timedelta(minutes=30)), Payable)

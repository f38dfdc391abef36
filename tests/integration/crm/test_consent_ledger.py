"""Consent credits under many hands at once."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest

from gridhall.crm.consents.operations import NOT_LINKED, Consents
from gridhall.crm.services import People
from gridhall.kit.ids import new_id
from gridhall.kit.subject import Refusal
from tests.factories.people import a_customer
from tests.factories.rooms import Rooms, open_rooms

WANG = a_customer(1, openid="o-wang")
TEMPLATE = "bill_issued"


@pytest.fixture
def consents(people: People) -> Consents:
    return people.consents


async def credit(consents: Consents, times: int, *, now: datetime, template: str = TEMPLATE) -> None:
    for _ in range(times):
        await consents.report(customer=WANG, templates=[template], key=str(new_id()), now=now)


async def left(consents: Consents, template: str = TEMPLATE) -> int:
    return {one.template: one.credits for one in await consents.of(WANG.id)}[template]


async def take(consents: Consents, now: datetime, *, delivery_id: object = None) -> bool:
    return await consents.take(
        customer_id=WANG.id,
        template=TEMPLATE,
        delivery_id=delivery_id or new_id(),  # type: ignore[arg-type]
        now=now,
    )


class TestComingIn:
    async def test_a_report_that_comes_twenty_times_at_once_counts_once(
        self, consents: Consents, now: datetime
    ) -> None:
        await asyncio.gather(
            *(consents.report(customer=WANG, templates=[TEMPLATE], key="same-key", now=now) for _ in range(20))
        )
        assert await left(consents) == 1

    async def test_twenty_reports_at_once_all_count(self, consents: Consents, now: datetime) -> None:
        await asyncio.gather(
            *(consents.report(customer=WANG, templates=[TEMPLATE], key=f"key-{n}", now=now) for n in range(20))
        )
        assert await left(consents) == 20

    async def test_whoever_has_no_wechat_allows_nothing(self, consents: Consents, now: datetime) -> None:
        outcome = await consents.report(customer=a_customer(2), templates=[TEMPLATE], key="k", now=now)
        assert outcome == NOT_LINKED

    async def test_an_unknown_template_counts_none_of_the_report(self, consents: Consents, now: datetime) -> None:
        outcome = await consents.report(customer=WANG, templates=[TEMPLATE, "other"], key="k", now=now)
        assert isinstance(outcome, Refusal)
        assert await left(consents) == 0


class TestGoingOut:
    async def test_fifty_at_once_take_exactly_three(self, consents: Consents, now: datetime) -> None:
        await credit(consents, 3, now=now)
        taken = await asyncio.gather(*(take(consents, now) for _ in range(50)))
        assert (sum(taken), await left(consents)) == (3, 0)

    async def test_a_delivery_takes_one_however_often_it_asks(self, consents: Consents, now: datetime) -> None:
        await credit(consents, 3, now=now)
        delivery_id = new_id()
        assert all(await asyncio.gather(*(take(consents, now, delivery_id=delivery_id) for _ in range(10))))
        assert await left(consents) == 2

    async def test_what_was_not_sent_is_given_back_once(self, consents: Consents, now: datetime) -> None:
        await credit(consents, 1, now=now)
        delivery_id = new_id()
        await take(consents, now, delivery_id=delivery_id)
        backs = await asyncio.gather(
            *(
                consents.give_back(customer_id=WANG.id, template=TEMPLATE, delivery_id=delivery_id, now=now)
                for _ in range(10)
            )
        )
        assert (sum(backs), await left(consents)) == (1, 1)

    async def test_a_delivery_that_took_none_gives_none_back(self, consents: Consents, now: datetime) -> None:
        assert not await consents.give_back(customer_id=WANG.id, template=TEMPLATE, delivery_id=new_id(), now=now)

    async def test_wechats_no_empties_the_ledger_for_good(self, consents: Consents, now: datetime) -> None:
        await credit(consents, 3, now=now)
        delivery_id = new_id()
        await take(consents, now, delivery_id=delivery_id)
        await consents.used_up(customer_id=WANG.id, template=TEMPLATE, now=now)
        assert not await consents.give_back(customer_id=WANG.id, template=TEMPLATE, delivery_id=delivery_id, now=now)
        assert await left(consents) == 0


class TestLongTerm:
    @pytest.fixture
    async def rooms(self, mongo, tmp_path: Path) -> Rooms:  # type: ignore[no-untyped-def] # noqa: ANN001 - the fixture
        file = tmp_path / "templates.toml"
        file.write_text('[bill_issued]\nid = "T"\nlong_term = true\npage = "p"\nfields = { thing1 = "account" }\n')
        return await open_rooms(mongo, wechat_templates=file)

    async def test_it_is_good_for_every_message_until_taken_back(self, consents: Consents, now: datetime) -> None:
        assert not await take(consents, now)
        await credit(consents, 1, now=now)
        assert [await take(consents, now) for _ in range(5)] == [True] * 5
        await consents.used_up(customer_id=WANG.id, template=TEMPLATE, now=now)
        assert not await take(consents, now)

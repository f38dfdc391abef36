"""Delivering: every attempt ends in the ledger as it ended on the wire, and nothing is sent twice."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest

from gridhall.crm.customers.model import Customer
from gridhall.kit.clock import FixedClock, SystemClock
from gridhall.kit.ids import new_id
from gridhall.kit.mongo import Mongo
from gridhall.notifications.catalogue import BillIssued
from gridhall.notifications.channels.port import Attachment, MailContent, SendResult, SendState
from gridhall.notifications.ledger.model import DeliveryState, Notice
from gridhall.notifications.ledger.repository import LEASE
from gridhall.notifications.sending.deliver import LONGEST_PAUSE, MOST_ATTEMPTS, deliver
from gridhall.notifications.sending.notify import Telling, notify
from gridhall.notifications.sending.post_office import PostOffice
from gridhall.simulators.app import Addresses
from tests.factories.people import a_customer
from tests.factories.rooms import Rooms, all_documents, open_rooms
from tests.integration.notifications.conftest import SENT, NoEnclosures, Obedient

Post = Callable[..., Awaitable[list[str]]]


def a_bill(number: int = 1) -> BillIssued:
    return BillIssued(new_id(), "330******001", f"2026-{number:02d}", "217", 10946, 10946, date(2026, 11, 21))


@pytest.fixture
def posted(office: PostOffice, customer: Customer, clock: FixedClock) -> Post:
    """Write `count` mails of one customer that wait to be delivered."""

    async def post(count: int = 1, to: Customer = customer) -> list[str]:
        tellings = [Telling(f"b{number}:{to.id}", to, a_bill(number), clock.now()) for number in range(1, count + 1)]
        return await notify(office=office, tellings=tellings, now=clock.now())

    return post


async def row(rooms: Rooms, key: str) -> tuple[str, str | None, str | None, int]:
    (document,) = [one for one in await all_documents(rooms.mongo, "deliveries") if one["_id"] == key]
    return document["state"], document["reason"], document.get("reference"), document["attempts"]


class TestOutcomes:
    @pytest.mark.parametrize(
        ("result", "state"),
        [
            (SendResult(SendState.SENT, "ref"), DeliveryState.SENT),
            (SendResult(SendState.FAILED, "ref", "smtp-550"), DeliveryState.FAILED),
            (SendResult(SendState.UNKNOWN, "ref", "smtp-timeout"), DeliveryState.UNKNOWN),
        ],
    )
    async def test_an_attempt_that_ended_is_closed(
        self,
        office: PostOffice,
        rooms: Rooms,
        mail: Obedient,
        posted: Post,
        clock: FixedClock,
        *,
        result: SendResult,
        state: DeliveryState,
    ) -> None:
        mail.answers = [result]
        (key,) = await posted()
        assert await deliver(office=office, keys=[key], clock=clock) == {key: state}
        assert await row(rooms, key) == (state, result.reason, "ref", 1)
        clock.at += timedelta(days=1)
        await deliver(office=office, keys=[key], clock=clock)
        assert len(mail.sent) == 1

    async def test_what_was_not_taken_is_tried_later_under_the_same_number(
        self, office: PostOffice, rooms: Rooms, mail: Obedient, posted: Post, clock: FixedClock
    ) -> None:
        mail.answers = [SendResult(SendState.RETRY, reason="smtp-452"), SENT]
        (key,) = await posted()
        assert await deliver(office=office, keys=[key], clock=clock) == {key: DeliveryState.PENDING}
        clock.at += LONGEST_PAUSE
        assert await office.deliveries.due(now=clock.now(), limit=9) == [key]
        assert await deliver(office=office, keys=[key], clock=clock) == {key: DeliveryState.SENT}
        first, second = mail.sent
        assert first.delivery_id == second.delivery_id
        assert await row(rooms, key) == ("sent", None, "r1", 2)

    async def test_after_the_last_attempt_it_has_failed(
        self, office: PostOffice, rooms: Rooms, mail: Obedient, posted: Post, clock: FixedClock
    ) -> None:
        mail.answers = [SendResult(SendState.RETRY, reason="smtp-452")]
        (key,) = await posted()
        for _ in range(MOST_ATTEMPTS + 2):
            await deliver(office=office, keys=[key], clock=clock)
            clock.at += LONGEST_PAUSE
        assert await row(rooms, key) == ("failed", "smtp-452", None, MOST_ATTEMPTS)

    async def test_one_who_is_gone_or_has_no_address_any_more_is_not_written_to(
        self, office: PostOffice, rooms: Rooms, mail: Obedient, posted: Post, clock: FixedClock
    ) -> None:
        (key,) = await posted()
        await rooms.mongo["customers"].delete_many({})
        assert await deliver(office=office, keys=[key], clock=clock) == {key: DeliveryState.FAILED}
        assert (await row(rooms, key))[1] == "no-recipient"
        assert mail.sent == []

    async def test_what_is_sent_speaks_the_language_of_its_reader(
        self, office: PostOffice, rooms: Rooms, mail: Obedient, posted: Post, clock: FixedClock
    ) -> None:
        reader = await rooms.people.customers.get_or_add(a_customer(7, language="en"), now=clock.now())
        await deliver(office=office, keys=await posted(to=reader), clock=clock)
        (message,) = mail.sent
        assert message.recipient == "wang7@customer.example"
        assert isinstance(message.content, MailContent)
        assert message.content.subject == "Your electricity bill for 2026-01 is ready"


class TestOnce:
    async def test_many_who_deliver_the_same_at_once_send_it_once(
        self, office: PostOffice, mail: Obedient, posted: Post, clock: FixedClock
    ) -> None:
        keys = await posted(3)
        await asyncio.gather(*(deliver(office=office, keys=keys, clock=clock) for _ in range(5)))
        assert len(mail.sent) == 3

    async def test_a_worker_that_died_in_mid_attempt_leaves_it_unknown_and_it_is_not_sent_again(
        self, office: PostOffice, rooms: Rooms, mail: Obedient, posted: Post, clock: FixedClock
    ) -> None:
        mail.gate = asyncio.Event()
        (key,) = await posted()
        dying = asyncio.create_task(deliver(office=office, keys=[key], clock=clock))
        await mail.has_begun(1)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        clock.at += LEASE
        assert await deliver(office=office, keys=[key], clock=clock) == {key: DeliveryState.UNKNOWN}
        assert (await row(rooms, key))[1] == "lease-ran-out"
        assert len(mail.sent) == 1

    async def test_no_more_than_eight_are_under_way_at_once(
        self, office: PostOffice, mail: Obedient, posted: Post, clock: FixedClock
    ) -> None:
        mail.gate = asyncio.Event()
        sending = asyncio.create_task(deliver(office=office, keys=await posted(12), clock=clock))
        await mail.has_begun(8)
        await asyncio.sleep(0.05)
        assert len(mail.sent) == 8
        mail.gate.set()
        assert list((await sending).values()) == [DeliveryState.SENT] * 12


class TestTrouble:
    """One letter that cannot be sent must not take the others with it."""

    async def test_a_letter_that_cannot_be_written_leaves_the_others_alone_and_is_tried_later(
        self, office: PostOffice, rooms: Rooms, mail: Obedient, posted: Post, clock: FixedClock
    ) -> None:
        class OneIsMissing(NoEnclosures):
            async def of(self, notice: Notice) -> tuple[Attachment, ...]:
                if notice.data["month"] == "2026-01":
                    raise LookupError("there is no issued bill")
                await asyncio.sleep(0.05)
                return await super().of(notice)

        keys = await posted(4)
        found = await deliver(office=replace(office, enclosures=OneIsMissing()), keys=keys, clock=clock)
        assert list(found.values()) == [DeliveryState.PENDING] + [DeliveryState.SENT] * 3
        assert await row(rooms, keys[0]) == ("pending", "not-composed", None, 1)
        assert len(mail.sent) == 3

    async def test_a_channel_that_breaks_leaves_the_others_alone_and_its_own_unknown(
        self, office: PostOffice, mail: Obedient, posted: Post, clock: FixedClock
    ) -> None:
        mail.answers = [RuntimeError("a mistake of ours"), SENT]
        keys = await posted(4)
        found = await deliver(office=office, keys=keys, clock=clock)
        assert sorted(found.values()) == [DeliveryState.SENT] * 3 + [DeliveryState.UNKNOWN]
        clock.at += timedelta(days=1)
        await deliver(office=office, keys=keys, clock=clock)
        assert len(mail.sent) == 4


class TestRealChannels:
    async def test_a_mail_arrives(self, connected: Rooms, stands: Addresses, customer: Customer, posted: Post) -> None:
        keys = await posted()
        office = replace(connected.post.office, enclosures=NoEnclosures())
        assert list((await deliver(office=office, keys=keys, clock=SystemClock())).values()) == [DeliveryState.SENT]
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"{stands.phone_url}/messages", params={"of": str(customer.mail)})
        (message,) = answer.json()["messages"]
        assert message["subject"] == "2026-01 电费账单已出"
        assert "109.46" in message["text"]

    async def test_an_unknown_mailbox_has_failed(self, connected: Rooms, posted: Post) -> None:
        nobody = await connected.people.customers.get_or_add(
            a_customer(9, mail="nobody@customer.example"), now=SystemClock().now()
        )
        (key,) = await posted(to=nobody)
        office = replace(connected.post.office, enclosures=NoEnclosures())
        assert await deliver(office=office, keys=[key], clock=SystemClock()) == {key: DeliveryState.FAILED}
        assert (await row(connected, key))[1] == "smtp-550"

    async def test_while_the_server_is_away_it_waits(self, mongo: Mongo, posted: Post) -> None:
        (key,) = await posted()
        with socket.socket() as taken:  # bound and not listening: nobody answers there, and nobody else gets it
            taken.bind(("127.0.0.1", 0))
            rooms = await open_rooms(mongo, mail_port=taken.getsockname()[1])
            office = replace(rooms.post.office, enclosures=NoEnclosures())
            assert await deliver(office=office, keys=[key], clock=SystemClock()) == {key: DeliveryState.PENDING}

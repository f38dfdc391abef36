"""The post room on a real database, with the stand-ins or with a channel that does as it is told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from gridhall.crm.customers.model import Customer
from gridhall.kit.clock import FixedClock, SystemClock
from gridhall.kit.mongo import Mongo
from gridhall.notifications.catalogue import Way
from gridhall.notifications.channels.port import Attachment, OutgoingMessage, SendResult, SendState
from gridhall.notifications.ledger.model import Notice
from gridhall.notifications.sending.post_office import PostOffice
from gridhall.simulators.app import Addresses, running
from tests.factories.people import a_customer
from tests.factories.rooms import Rooms, open_rooms

SENT = SendResult(SendState.SENT, provider_reference="r1")


@dataclass
class Obedient:
    """A channel that answers as it is told: a result, or an error to raise; the last answer stays."""

    name: str = "mail"
    answers: list[SendResult | Exception] = field(default_factory=lambda: [SENT])
    sent: list[OutgoingMessage] = field(default_factory=list)
    under_way: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    gate: asyncio.Event | None = None

    async def send(self, message: OutgoingMessage) -> SendResult:
        self.sent.append(message)
        self.under_way.release()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def has_begun(self, attempts: int) -> None:
        """Wait until so many attempts have begun."""
        for _ in range(attempts):
            await self.under_way.acquire()


class NoEnclosures:
    async def of(self, notice: Notice) -> tuple[Attachment, ...]:
        del notice
        return ()


@pytest.fixture
def now() -> datetime:
    return SystemClock().now()


@pytest.fixture
def clock(now: datetime) -> FixedClock:
    return FixedClock(now)


@pytest.fixture
async def rooms(mongo: Mongo) -> Rooms:
    return await open_rooms(mongo)


@pytest.fixture
async def stands() -> AsyncIterator[Addresses]:
    async with running(sms_access_key_id="k", sms_access_key_secret="s") as addresses:
        yield addresses


@pytest.fixture
async def connected(mongo: Mongo, stands: Addresses) -> Rooms:
    """The rooms with the real channels, turned to the stand-ins, at any hour of the day."""
    return await open_rooms(
        mongo,
        quiet_hours="",
        mail_port=stands.smtp_port,
        sms_url=stands.sms_url,
        sms_access_key_id="k",
        sms_access_key_secret="s",
    )


@pytest.fixture
def mail() -> Obedient:
    return Obedient()


@pytest.fixture
def office(rooms: Rooms, mail: Obedient) -> PostOffice:
    """A post office whose mails go through the obedient channel and enclose nothing."""
    return replace(rooms.post.office, channels={Way.MAIL: mail, Way.SMS: mail}, enclosures=NoEnclosures())


@pytest.fixture
async def customer(rooms: Rooms, now: datetime) -> Customer:
    return await rooms.people.customers.get_or_add(a_customer(1), now=now)

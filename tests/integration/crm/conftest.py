"""The people room on a real database."""

from datetime import datetime

import pytest

from gridhall.crm.services import People
from gridhall.kit.clock import SystemClock
from gridhall.kit.mongo import Mongo
from tests.factories.rooms import Rooms, open_rooms


@pytest.fixture
async def rooms(mongo: Mongo) -> Rooms:
    return await open_rooms(mongo)


@pytest.fixture
def people(rooms: Rooms) -> People:
    return rooms.people


@pytest.fixture
def now() -> datetime:
    """The real present: the server itself throws codes away that ended an hour ago."""
    return SystemClock().now()

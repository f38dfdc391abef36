"""The rooms opened on a test's database, with their indexes."""

from dataclasses import dataclass
from typing import Any

from gridhall.billing import services as billing_room
from gridhall.billing.services import Billing
from gridhall.crm import services as people_room
from gridhall.crm.services import People
from gridhall.kit.clock import Clock, SystemClock
from gridhall.kit.codec import FieldCodec
from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Outbox
from gridhall.kit.settings import Settings
from gridhall.metering import services as metering_room
from gridhall.notifications import services as post_room
from gridhall.notifications.services import PostRoom

CODEC = FieldCodec(b"k" * 32)
_indexed: set[str] = set()


@dataclass(frozen=True, slots=True)
class Rooms:
    """Everything that a use case below the reception desk needs."""

    mongo: Mongo
    outbox: Outbox
    billing: Billing
    people: People
    post: PostRoom


async def open_rooms(mongo: Mongo, *, clock: Clock | None = None, **settings: Any) -> Rooms:  # noqa: ANN401 - any setting
    """Open billing, people and the post room; `settings` are those that differ from the defaults."""
    await ensure_indexes(mongo)
    chosen = Settings(**settings)
    billing = Billing.open(mongo=mongo, codec=CODEC, settings=chosen)
    people = People.open(mongo=mongo, codec=CODEC, settings=chosen, billing=billing)
    post = PostRoom.open(mongo=mongo, settings=chosen, clock=clock or SystemClock(), billing=billing, people=people)
    return Rooms(mongo=mongo, outbox=Outbox(mongo), billing=billing, people=people, post=post)


async def ensure_indexes(mongo: Mongo) -> None:
    """Create every room's indexes, once a database."""
    name = mongo.database.name
    if name not in _indexed:
        rooms = (metering_room, billing_room, people_room, post_room)
        repositories = [Outbox, *(repository for room in rooms for repository in room.REPOSITORIES)]
        await mongo.ensure_indexes({repository.collection_name: repository.indexes for repository in repositories})
        _indexed.add(name)


async def all_documents(mongo: Mongo, collection: str) -> list[dict[str, Any]]:
    """Every document of a collection."""
    return [document async for document in mongo[collection].find()]

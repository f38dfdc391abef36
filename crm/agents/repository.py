"""Agents in MongoDB, and the count of tries at each name."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar, cast

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from gridhall.crm.agents.model import Agent, AgentGrant, AgentId, AgentRole, District
from gridhall.kit.codec import FieldCodec
from gridhall.kit.mongo import Document, Index, Mongo

ONE_A_NAME = Index("name", name="one_a_name", unique=True)
"""Keeps a name from being given twice, and serves `by_name`."""

TRIES_EXPIRE = Index("until", name="expire", expire_seconds=0)


class AgentRepository:
    """Agents. A few hundred, so not sharded."""

    collection_name = "agents"
    indexes: ClassVar[tuple[Index, ...]] = (ONE_A_NAME,)

    def __init__(self, mongo: Mongo) -> None:
        self._agents = mongo[self.collection_name]

    async def add(self, agent: Agent, *, password: str, now: datetime) -> None:
        """Write a new agent with the hash of the password. Raises NameTakenError."""
        document = {
            "_id": agent.id,
            "schema": 1,
            "name": agent.name,
            "grants": [
                {"role": one.role, "region": one.district.region, "org_path": one.district.org_path}
                for one in agent.grants
            ],
            "password": password,
            "must_change": agent.must_change,
            "since": now,
            "closed_at": None,
        }
        try:
            await self._agents.insert_one(document)
        except DuplicateKeyError as error:
            raise NameTakenError(agent.name) from error

    async def load(self, ids: Iterable[AgentId]) -> dict[AgentId, Agent]:
        """Return agents by id; unknown and closed ones are left out."""
        cursor = self._agents.find({"_id": {"$in": list(ids)}, "closed_at": None}, {"password": 0})
        return {document["_id"]: _unpack(document) async for document in cursor}

    async def by_name(self, name: str) -> tuple[Agent, str] | None:
        """Return the agent of a name with the hash of the password; None for unknown and closed ones."""
        found = await self._agents.find_one({"name": name, "closed_at": None})
        return (_unpack(found), found["password"]) if found else None

    async def set_password(self, agent_id: AgentId, *, old: str, new: str, must_change: bool) -> bool:
        """Put the hash of a new password in the place of the old one's; False where another was faster."""
        result = await self._agents.update_one(
            {"_id": agent_id, "password": old}, {"$set": {"password": new, "must_change": must_change}}
        )
        return result.modified_count == 1

    async def close(self, agent_id: AgentId, *, now: datetime) -> None:
        """Let an agent in no more. The name stays taken. Idempotent."""
        await self._agents.update_one({"_id": agent_id, "closed_at": None}, {"$set": {"closed_at": now}})


class TryRepository:
    """How often each name was tried, known or not, by its token: what is typed as a name may be a password."""

    collection_name = "agent_tries"
    indexes: ClassVar[tuple[Index, ...]] = (TRIES_EXPIRE,)

    def __init__(self, mongo: Mongo, codec: FieldCodec) -> None:
        self._tries = mongo[self.collection_name]
        self._codec = codec

    async def count(self, name: str, *, most: int, pause: timedelta, now: datetime) -> bool:
        """Count one try before it is made; False where `most` were made and the pause after the last is not over.

        Tries that come while a name is locked do not lengthen its lock.
        """
        over = {"$lte": ["$until", now]}
        counted = {"$cond": [over, 1, {"$add": [{"$ifNull": ["$tries", 0]}, 1]}]}
        until = {"$cond": [{"$lte": ["$tries", most]}, now + pause, "$until"]}
        found = await self._tries.find_one_and_update(
            {"_id": self._token(name)},
            [{"$set": {"tries": counted}}, {"$set": {"until": until}}],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return int(cast("Document", found)["tries"]) <= most

    async def forget(self, name: str) -> None:
        """Forget the tries at a name, after one that was right."""
        await self._tries.delete_one({"_id": self._token(name)})

    def _token(self, name: str) -> bytes:
        return self._codec.token(name, field="agent.try")


def _unpack(document: Document) -> Agent:
    return Agent(
        id=document["_id"],
        name=document["name"],
        grants=tuple(
            AgentGrant(AgentRole(one["role"]), District(one["region"], one["org_path"])) for one in document["grants"]
        ),
        must_change=document["must_change"],
    )


class NameTakenError(ValueError):
    """A name that belongs to somebody, or once did."""

    def __init__(self, name: str) -> None:
        super().__init__(f"name: {name} is taken; a name is given once")

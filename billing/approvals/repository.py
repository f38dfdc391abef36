"""Requests in MongoDB."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.approvals.model import BY_RULE, Kind, Request, RequestId, State
from gridhall.kit.keyset import beyond
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of
from gridhall.kit.units import units_above

BY_UNIT = Index("region", "state", "units", "prepared_at", "_id", name="by_unit")
"""Serves `page`: the requests of a region's units, the longest waiting first."""

OF_ACCOUNT = Index("account_id", "-prepared_at", name="of_account")
"""Serves `approved_by_rule`: what was asked for on an account within a day."""

OF_PREPARER = Index("preparer", "kind", "-prepared_at", name="of_preparer", only={"preparer": {"$type": "string"}})
"""Serves it likewise: what a person prepared of a kind within a day."""

TURN_EXPIRE = Index("at", name="turn_expire", expire_seconds=2 * 86_400)
"""Whose turn it was is of no use once its day is over."""

Position = tuple[datetime, RequestId]
"""A place in the list: when a request was prepared, and its id."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests are listed.

    units: of the organisation, with those below; '' is the whole region. kinds: none for all.
    """

    region: str
    units: tuple[str, ...] = ("",)
    state: State = State.WAITING
    kinds: tuple[Kind, ...] = ()


class ApprovalRepository:
    """Requests. The id follows from kind and key, so that there is one of each. Shard key: _id."""

    collection_name = "approvals"
    indexes: ClassVar[tuple[Index, ...]] = (BY_UNIT, OF_ACCOUNT, OF_PREPARER)

    def __init__(self, mongo: Mongo) -> None:
        self._requests = mongo[self.collection_name]

    async def add(self, request: Request, *, transaction: Transaction) -> Request:
        """Write a request; return it, or the one of its kind and key that was there before."""
        result = await self._requests.update_one(
            {"_id": request.id}, {"$setOnInsert": _pack(request)}, upsert=True, session=transaction.session
        )
        if result.upserted_id is not None:
            return request
        return (await self.load([request.id], transaction=transaction))[request.id]

    async def load(
        self, ids: Iterable[RequestId], *, transaction: Transaction | None = None
    ) -> dict[RequestId, Request]:
        """Return those that exist, by id."""
        found = self._requests.find({"_id": {"$in": list(ids)}}, session=session_of(transaction))
        return {document["_id"]: _unpack(document) async for document in found}

    async def settle(self, request: Request, *, transaction: Transaction) -> bool:
        """Write how a waiting request was decided; False where it does not wait any more."""
        decided = {
            "state": request.state,
            "decided_by": request.decided_by,
            "decided_at": request.decided_at,
            "decision": request.decision,
        }
        result = await self._requests.update_one(
            {"_id": request.id, "state": State.WAITING}, {"$set": decided}, session=transaction.session
        )
        return result.matched_count == 1

    async def page(self, wanted: Wanted, *, after: Position | None, limit: int) -> list[Request]:
        """Return a page of requests, the longest waiting first."""
        query: Document = {"region": wanted.region, "state": wanted.state, "units": {"$in": list(wanted.units)}}
        if wanted.kinds:
            query["kind"] = {"$in": list(wanted.kinds)}
        query |= beyond("prepared_at", after)
        found = self._requests.find(query).sort([("prepared_at", 1), ("_id", 1)]).limit(limit)
        return [_unpack(document) async for document in found]

    async def approved_by_rule(
        self,
        of: Literal["account_id", "preparer"],
        whose: AccountId | str,
        *,
        kind: Kind,
        since: datetime,
        transaction: Transaction,
    ) -> Fen:
        """Return how much of a kind went without a second person, on an account or by a preparer, since an instant."""
        # One index holds none without a preparer, and the server sees that it fits only where the query says so.
        query = {
            of: {"$eq": whose, "$type": "binData" if of == "account_id" else "string"},
            "prepared_at": {"$gt": since},
            "kind": kind,
            "state": State.APPROVED,
            "decided_by": BY_RULE,
        }
        found = self._requests.find(query, {"amount": 1}, session=transaction.session)
        return Fen(sum([abs(document["amount"]) async for document in found]))


class TurnRepository:
    """Whose turn it is: of what one person prepares at once, one counts what the other took. Shard key: _id."""

    collection_name = "approval_turns"
    indexes: ClassVar[tuple[Index, ...]] = (TURN_EXPIRE,)

    def __init__(self, mongo: Mongo) -> None:
        self._turns = mongo[self.collection_name]

    async def take(self, preparer: str, *, kind: Kind, at: datetime, transaction: Transaction) -> None:
        """Take the turn of a preparer. Of two transactions that do, one is tried again after the other."""
        await self._turns.update_one(
            {"_id": f"{kind} {preparer}"},
            {"$set": {"at": at}, "$inc": {"turns": 1}},
            upsert=True,
            session=transaction.session,
        )


def _pack(request: Request) -> Document:
    return {
        "schema": 1,
        "kind": request.kind,
        "key": request.key,
        "account_id": request.account_id,
        "region": request.region,
        "org_path": request.org_path,
        "units": units_above(request.org_path),
        "amount": request.amount,
        "reason": request.reason,
        "prepared_by": request.prepared_by,
        "preparer": request.preparer,
        "prepared_at": request.prepared_at,
        "payload": dict(request.payload),
        "barred": list(request.barred),
        "state": request.state,
        "decided_by": request.decided_by,
        "decided_at": request.decided_at,
        "decision": request.decision,
    }


def _unpack(document: Document) -> Request:
    return Request(
        id=document["_id"],
        kind=Kind(document["kind"]),
        key=document["key"],
        account_id=document["account_id"],
        region=document["region"],
        org_path=document["org_path"],
        amount=Fen(document["amount"]),
        reason=document["reason"],
        prepared_by=document["prepared_by"],
        prepared_at=document["prepared_at"],
        payload=document["payload"],
        barred=tuple(document["barred"]),
        state=State(document["state"]),
        decided_by=document["decided_by"],
        decided_at=document["decided_at"],
        decision=document["decision"],
    )

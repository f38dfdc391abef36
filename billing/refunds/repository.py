"""Refunds in MongoDB."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, ClassVar, Final

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.ledger.model import Book
from gridhall.billing.refunds.model import Origin, Refund, RefundNumber, State, Way
from gridhall.kit.keyset import Before, beyond, earlier
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of
from gridhall.kit.units import units_above

OF_ACCOUNT = Index("account_id", "-asked_at", "-_id", name="of_account")
"""Serves `page`: the refunds of an account, newest first."""

DUE = Index("state", "way", "next_at", "_id", name="due")
"""Serves `due`: the refunds to send to a provider or to ask it about."""

BY_UNIT = Index("region", "state", "units", "asked_at", "_id", name="by_unit")
"""Serves `of_units`: what is to be paid out at the counter and by the bank, the oldest first."""


UNSTATED = Index("origin.provider", "done_at", "_id", name="unstated", only={"state": State.DONE})
"""Serves `unstated`: what a provider gave back in a span, of which no statement of its own has told."""

_STATED: Final = "stated_on"
_BESIDE: Final = frozenset({"_id", "schema", "units", _STATED})
"""Fields that only queries know."""


class RefundRepository:
    """Refunds. Shard key: _id (our number)."""

    collection_name = "refunds"
    indexes: ClassVar[tuple[Index, ...]] = (OF_ACCOUNT, DUE, BY_UNIT, UNSTATED)

    def __init__(self, mongo: Mongo) -> None:
        self._refunds = mongo[self.collection_name]

    async def add(self, refund: Refund, *, transaction: Transaction) -> None:
        """Write a new refund."""
        await self._refunds.insert_one(_pack(refund), session=transaction.session)

    async def load(
        self, numbers: Iterable[RefundNumber], *, transaction: Transaction | None = None
    ) -> dict[RefundNumber, Refund]:
        """Return refunds by number; unknown ones are left out."""
        cursor = self._refunds.find({"_id": {"$in": list(numbers)}}, session=session_of(transaction))
        return {document["_id"]: _unpack(document) async for document in cursor}

    async def put(self, refund: Refund, *, transaction: Transaction) -> None:
        """Write a refund as it is now, in a transaction that has read it."""
        await self._refunds.replace_one({"_id": refund.number}, _pack(refund), session=transaction.session)

    async def page(self, account_id: AccountId, *, before: Before | None, limit: int) -> list[Refund]:
        """Return an account's refunds, newest first, those before a place."""
        query = {"account_id": account_id} | earlier("asked_at", before)
        cursor = self._refunds.find(query).sort([("asked_at", -1), ("_id", -1)]).limit(limit)
        return [_unpack(document) async for document in cursor]

    async def due(self, *, before: datetime, limit: int) -> list[Refund]:
        """Return the online refunds whose turn has come, the longest waiting first."""
        states = [State.APPROVED, State.ACCEPTED]
        query = {"state": {"$in": states}, "way": Way.ONLINE, "next_at": {"$lte": before}}
        cursor = self._refunds.find(query).sort([("next_at", 1), ("_id", 1)]).limit(limit)
        return [_unpack(document) async for document in cursor]

    async def note_stated(self, numbers: Sequence[RefundNumber], *, day: date) -> None:
        """Note that the statement of a day tells of refunds; of one that is done nothing else is written any more."""
        if numbers:
            query = {"_id": {"$in": list(numbers)}, "state": State.DONE}
            await self._refunds.update_many(query, {"$set": {_STATED: day.isoformat()}})

    async def unstated(
        self,
        *,
        provider: str,
        begin: datetime,
        end: datetime,
        after: tuple[datetime, RefundNumber] | None,
        limit: int,
    ) -> list[Refund]:
        """Return what a provider gave back from an instant to another of which no statement tells, after a place."""
        query: Document = {"origin.provider": provider, "state": State.DONE, _STATED: None}
        query["done_at"] = {"$gte": begin, "$lt": end}
        query |= beyond("done_at", after)
        cursor = self._refunds.find(query).sort([("done_at", 1), ("_id", 1)]).limit(limit)
        return [_unpack(document) async for document in cursor]

    async def of_units(
        self,
        *,
        region: str,
        units: Iterable[str],
        state: State,
        after: tuple[datetime, RefundNumber] | None,
        limit: int,
    ) -> list[Refund]:
        """Return the refunds of a region's units that are in a state, the oldest first, those after a place."""
        query: Document = {"region": region, "state": state, "units": {"$in": list(units)}}
        query |= beyond("asked_at", after)
        cursor = self._refunds.find(query).sort([("asked_at", 1), ("_id", 1)]).limit(limit)
        return [_unpack(document) async for document in cursor]


def _pack(refund: Refund) -> Document:
    document = asdict(refund)
    number = document.pop("number")
    return {"_id": number, "schema": 1, "units": units_above(refund.org_path), **document}


def _unpack(document: Document) -> Refund:
    values: dict[str, Any] = {name: document[name] for name in document if name not in _BESIDE}
    origin = values["origin"]
    return Refund(
        number=RefundNumber(document["_id"]),
        **values
        | {
            "amount": Fen(values["amount"]),
            "way": Way(values["way"]),
            "book": Book(values["book"]),
            "state": State(values["state"]),
            "origin": Origin(**origin | {"total": Fen(origin["total"])}) if origin else None,
        },
    )

"""Shifts and receipts in MongoDB."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, ClassVar

from pymongo.errors import DuplicateKeyError

from gridhall.billing.counter.model import Receipt, ReceiptNumber, ReceiptState, Shift, ShiftId, ShiftState
from gridhall.kit.keyset import beyond
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of
from gridhall.kit.units import units_above

ONE_OPEN = Index("cashier", name="one_open", unique=True, only={"state": "open"})
"""Keeps a cashier from having two shifts open, and serves `open_of`."""

BY_UNIT = Index("region", "state", "units", "opened_at", "_id", name="by_unit")
"""Serves `page`: the shifts of a region's units, the oldest first."""

OF_SHIFT = Index("shift_id", "key", name="of_shift", unique=True)
"""Keeps a repeated request from writing a second receipt, and serves `keyed` and `stand`."""


class ShiftRepository:
    """Shifts. Shard key: _id."""

    collection_name = "shifts"
    indexes: ClassVar[tuple[Index, ...]] = (ONE_OPEN, BY_UNIT)

    def __init__(self, mongo: Mongo) -> None:
        self._shifts = mongo[self.collection_name]

    async def add(self, shift: Shift) -> None:
        """Write a new shift. Raises ShiftOpenError where its cashier has one open, or it is there already."""
        try:
            await self._shifts.insert_one(_pack(shift))
        except DuplicateKeyError as error:
            raise ShiftOpenError from error

    async def load(self, ids: Iterable[ShiftId], *, transaction: Transaction | None = None) -> dict[ShiftId, Shift]:
        """Return shifts by id; unknown ones are left out."""
        cursor = self._shifts.find({"_id": {"$in": list(ids)}}, session=session_of(transaction))
        return {document["_id"]: _unpack(document) async for document in cursor}

    async def open_of(self, cashier: str, *, transaction: Transaction | None = None) -> Shift | None:
        """Return the shift that a cashier has open."""
        query = {"cashier": cashier, "state": ShiftState.OPEN}
        found = await self._shifts.find_one(query, session=session_of(transaction))
        return _unpack(found) if found else None

    async def put(self, shift: Shift, *, transaction: Transaction) -> None:
        """Write a shift as it is now, in a transaction that has read it."""
        await self._shifts.replace_one({"_id": shift.id}, _pack(shift), session=transaction.session)

    async def page(
        self,
        *,
        region: str,
        units: Iterable[str],
        state: ShiftState,
        after: tuple[datetime, ShiftId] | None,
        limit: int,
    ) -> list[Shift]:
        """Return the shifts of a region's units that are in a state, the oldest first, those after a place."""
        query: Document = {"region": region, "state": state, "units": {"$in": list(units)}}
        query |= beyond("opened_at", after)
        cursor = self._shifts.find(query).sort([("opened_at", 1), ("_id", 1)]).limit(limit)
        return [_unpack(document) async for document in cursor]


class ReceiptRepository:
    """Receipts. The number is the `_id`."""

    collection_name = "receipts"
    indexes: ClassVar[tuple[Index, ...]] = (OF_SHIFT,)

    def __init__(self, mongo: Mongo) -> None:
        self._receipts = mongo[self.collection_name]

    async def add(self, receipt: Receipt, *, transaction: Transaction) -> None:
        """Write a new receipt."""
        document = asdict(receipt)
        number = document.pop("number")
        await self._receipts.insert_one({"_id": number, "schema": 1, **document}, session=transaction.session)

    async def load(self, number: ReceiptNumber, *, transaction: Transaction | None = None) -> Receipt | None:
        """Return the receipt with a number."""
        found = await self._receipts.find_one({"_id": number}, session=session_of(transaction))
        return _unpack_receipt(found) if found else None

    async def keyed(self, shift_id: ShiftId, key: str, *, transaction: Transaction) -> Receipt | None:
        """Return the receipt that was written in a shift for a request before."""
        found = await self._receipts.find_one({"shift_id": shift_id, "key": key}, session=transaction.session)
        return _unpack_receipt(found) if found else None

    async def set_state(self, number: ReceiptNumber, state: ReceiptState, *, transaction: Transaction) -> None:
        """Note where a receipt stands."""
        await self._receipts.update_one({"_id": number}, {"$set": {"state": state}}, session=transaction.session)

    async def stand(self, shift_id: ShiftId, *, transaction: Transaction) -> None:
        """Let the receipts of a shift stand whose reversal nobody has approved."""
        query = {"shift_id": shift_id, "state": ReceiptState.REVERSING}
        changes = {"$set": {"state": ReceiptState.TAKEN}}
        await self._receipts.update_many(query, changes, session=transaction.session)


class ShiftOpenError(Exception):
    """The cashier has a shift open already."""


def _pack(shift: Shift) -> Document:
    document = asdict(shift)
    identity, counted = document.pop("id"), document.pop("counted")
    pieces = None if counted is None else [[denomination, count] for denomination, count in counted.items()]
    return {"_id": identity, "schema": 1, "units": units_above(shift.org_path), "counted": pieces, **document}


def _unpack(document: Document) -> Shift:
    values: dict[str, Any] = {name: document[name] for name in document if name not in {"_id", "schema", "units"}}
    counted = values["counted"]
    values |= {name: Fen(values[name]) for name in ("float_fen", "taken", "paid_out")}
    values["counted"] = None if counted is None else {int(one): int(pieces) for one, pieces in counted}
    return Shift(id=ShiftId(document["_id"]), **values | {"state": ShiftState(values["state"])})


def _unpack_receipt(document: Document) -> Receipt:
    values: dict[str, Any] = {name: document[name] for name in document if name not in {"_id", "schema"}}
    values |= {name: Fen(values[name]) for name in ("amount", "to_bills", "to_penalties", "to_prepaid")}
    return Receipt(number=ReceiptNumber(document["_id"]), **values | {"state": ReceiptState(values["state"])})

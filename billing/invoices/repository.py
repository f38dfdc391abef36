"""Invoices in MongoDB."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

from pymongo.errors import DuplicateKeyError

from gridhall.billing.bills.model import BillId
from gridhall.billing.invoices.model import OPEN, Invoice, InvoiceId, State, Title, TitleKind
from gridhall.kit.codec import FieldCodec
from gridhall.kit.keyset import beyond
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of
from gridhall.kit.units import units_above

ONE_LIVE = Index("bill_id", name="one_live", unique=True, only={"live": True})
"""Keeps a bill from having two invoices at once."""

OF_BILL = Index("bill_id", "-requested_at", name="of_bill")
"""Serves `of_bills`."""

DUE = Index("next_at", "_id", name="due", only={"open": True})
"""Serves `due`: what the job goes on with."""

BY_UNIT = Index("region", "units", "state", "requested_at", "_id", name="by_unit")
"""Serves `page`: the desk's list of a state, the oldest first."""


class InvoiceRepository:
    """Invoices. Shard key: _id. Titles are sealed."""

    collection_name = "invoices"
    indexes: ClassVar[tuple[Index, ...]] = (ONE_LIVE, OF_BILL, DUE, BY_UNIT)

    def __init__(self, mongo: Mongo, codec: FieldCodec) -> None:
        self._invoices = mongo[self.collection_name]
        self._codec = codec

    async def add(self, invoice: Invoice) -> bool:
        """Write a requested invoice; False where it is there, or the bill has another that is live."""
        try:
            await self._invoices.insert_one(self._pack(invoice))
        except DuplicateKeyError:
            return False
        return True

    async def load(self, ids: Iterable[InvoiceId]) -> dict[InvoiceId, Invoice]:
        """Return invoices by id; unknown ids are left out."""
        found = self._invoices.find({"_id": {"$in": list(ids)}})
        return {document["_id"]: self._unpack(document) async for document in found}

    async def of_bills(self, bill_ids: Iterable[BillId]) -> dict[BillId, list[Invoice]]:
        """Return all invoices of bills, each bill's newest first."""
        cursor = self._invoices.find({"bill_id": {"$in": list(bill_ids)}}).sort("requested_at", -1)
        found: dict[BillId, list[Invoice]] = {}
        async for document in cursor:
            found.setdefault(document["bill_id"], []).append(self._unpack(document))
        return found

    async def due(self, *, now: datetime, limit: int) -> list[Invoice]:
        """Return what is to be gone on with, the longest waiting first."""
        query = {"open": True, "next_at": {"$lte": now}}
        cursor = self._invoices.find(query).sort([("next_at", 1), ("_id", 1)]).limit(limit)
        return [self._unpack(document) async for document in cursor]

    async def put(self, invoice: Invoice, *, was: Invoice, transaction: Transaction | None = None) -> bool:
        """Write an invoice as it is now; False where somebody else wrote it since it was read."""
        result = await self._invoices.replace_one(
            {"_id": was.id, "revision": was.revision}, self._pack(invoice), session=session_of(transaction)
        )
        return result.matched_count == 1

    async def page(
        self,
        *,
        region: str,
        units: Collection[str],
        states: Sequence[State],
        after: tuple[datetime, InvoiceId] | None,
        limit: int,
    ) -> list[Invoice]:
        """Return the invoices of a region's units in some states, the oldest first."""
        query: Document = {"region": region, "units": {"$in": list(units)}, "state": {"$in": list(states)}}
        query |= beyond("requested_at", after)
        cursor = self._invoices.find(query).sort([("requested_at", 1), ("_id", 1)]).limit(limit)
        return [self._unpack(document) async for document in cursor]

    def _pack(self, invoice: Invoice) -> Document:
        title = invoice.title
        return {
            "_id": invoice.id,
            "schema": 1,
            "units": units_above(invoice.org_path),
            "live": invoice.live,
            "open": invoice.state in OPEN,
            **{name: getattr(invoice, name) for name in _FLAT},
            "rate": str(invoice.rate),
            "title_kind": title.kind,
            "title": self._codec.seal(title.name, field="invoice.title"),
            "tax_number": self._codec.seal(title.tax_number, field="invoice.tax_number"),
        }

    def _unpack(self, document: Document) -> Invoice:
        values: dict[str, Any] = {name: document[name] for name in _FLAT}
        values |= {name: Fen(values[name]) for name in ("total", "net", "tax")}
        was = values["was"]
        values |= {"state": State(values["state"]), "was": State(was) if was else None}
        return Invoice(
            id=document["_id"],
            rate=Decimal(document["rate"]),
            title=Title(
                TitleKind(document["title_kind"]),
                self._codec.open(document["title"], field="invoice.title"),
                self._codec.open(document["tax_number"], field="invoice.tax_number"),
            ),
            **values,
        )


_FLAT: Final = tuple(name for name in Invoice.__dataclass_fields__ if name not in {"id", "rate", "title"})

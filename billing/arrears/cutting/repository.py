"""Formal notices in MongoDB."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import ClassVar

from pymongo import InsertOne

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.cutting.model import Notice, NoticeId, NoticeKind, NoticeLine, Proof, ProofWay
from gridhall.kit.keyset import beyond
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of
from gridhall.kit.units import units_above

OF_ACCOUNT = Index("account_id", "-made_at", name="of_account")
"""Serves `of_accounts`: the notices of an account, newest first."""

UNPROVEN = Index("region", "units", "made_at", "_id", name="unproven_by_unit", only={"unproven": True})
"""Serves `unproven`: notices of a region's units of which nobody knows yet that they arrived."""


class NoticeRepository:
    """Formal notices. Shard key: (account_id)."""

    collection_name = "formal_notices"
    indexes: ClassVar[tuple[Index, ...]] = (OF_ACCOUNT, UNPROVEN)

    def __init__(self, mongo: Mongo) -> None:
        self._notices = mongo[self.collection_name]

    async def add(self, notices: Sequence[Notice], *, transaction: Transaction) -> None:
        """Write notices as they are made."""
        if notices:
            await self._notices.bulk_write([InsertOne(_pack(one)) for one in notices], session=transaction.session)

    async def put(self, notice: Notice, *, transaction: Transaction) -> None:
        """Write a notice with a proof more."""
        await self._notices.replace_one({"_id": notice.id}, _pack(notice), session=transaction.session)

    async def load(self, ids: Iterable[NoticeId], *, transaction: Transaction | None = None) -> dict[NoticeId, Notice]:
        """Return notices by id; unknown ids are left out."""
        cursor = self._notices.find({"_id": {"$in": list(ids)}}, session=session_of(transaction))
        return {found["_id"]: _unpack(found) async for found in cursor}

    async def of_accounts(
        self, account_ids: Iterable[AccountId], *, limit: int = 100, transaction: Transaction | None = None
    ) -> list[Notice]:
        """Return the notices of accounts, newest first."""
        cursor = self._notices.find({"account_id": {"$in": list(account_ids)}}, session=session_of(transaction))
        return [_unpack(found) async for found in cursor.sort("made_at", -1).limit(limit)]

    async def unproven(
        self,
        *,
        region: str,
        units: Sequence[str] = ("",),
        since: datetime,
        after: tuple[datetime, NoticeId] | None,
        limit: int,
    ) -> list[Notice]:
        """Return notices of a region's units, made since an instant, that have no proof, the oldest first."""
        query: Document = {
            "region": region,
            "units": {"$in": list(units)},
            "unproven": True,
            "made_at": {"$gte": since},
        }
        query |= beyond("made_at", after)
        cursor = self._notices.find(query).sort([("made_at", 1), ("_id", 1)]).limit(limit)
        return [_unpack(found) async for found in cursor]


def _pack(notice: Notice) -> Document:
    document: Document = {
        "_id": notice.id,
        "schema": 1,
        "kind": notice.kind,
        "account_id": notice.account_id,
        "region": notice.region,
        "org_path": notice.org_path,
        "units": units_above(notice.org_path),
        "lines": [
            {"bill_id": line.bill_id, "due_on": line.due_on.isoformat(), "fen": line.owed} for line in notice.lines
        ],
        "penalty": notice.penalty,
        "days": notice.days,
        "balance": notice.balance,
        "made_at": notice.made_at,
        "proofs": [
            {"way": one.way, "at": one.at, "by": one.by, "reference": one.reference, "photo": one.photo}
            for one in notice.proofs
        ],
    }
    return document if notice.proofs else {**document, "unproven": True}


def _unpack(document: Document) -> Notice:
    return Notice(
        id=document["_id"],
        kind=NoticeKind(document["kind"]),
        account_id=document["account_id"],
        region=document["region"],
        org_path=document["org_path"],
        lines=tuple(
            NoticeLine(line["bill_id"], date.fromisoformat(line["due_on"]), Fen(line["fen"]))
            for line in document["lines"]
        ),
        penalty=Fen(document["penalty"]),
        days=document["days"],
        made_at=document["made_at"],
        proofs=tuple(
            Proof(ProofWay(one["way"]), one["at"], one["by"], one["reference"], one["photo"])
            for one in document["proofs"]
        ),
        # One that was written before balances had notices has none.
        balance=document.get("balance"),
    )

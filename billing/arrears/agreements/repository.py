"""Agreements in MongoDB."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import ClassVar

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.agreements.model import Agreement, AgreementId, AgreementKind, AgreementState, Rate
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of

ONE_OPEN = Index("account_id", name="one_open", unique=True, only={"state": "open"})
"""Keeps an account from having two agreements at a time."""

OF_ACCOUNT = Index("account_id", "-made_at", name="of_account")
"""Serves `of_accounts` and `count_since`: what an account agreed to, newest first."""

NEXT_DUE = Index("region", "next_due", "_id", name="next_due", only={"state": "open"})
"""Serves `due`: the agreements of a region of which a rate was due."""


class AgreementRepository:
    """Agreements. Shard key: (account_id)."""

    collection_name = "arrears_agreements"
    indexes: ClassVar[tuple[Index, ...]] = (ONE_OPEN, OF_ACCOUNT, NEXT_DUE)

    def __init__(self, mongo: Mongo) -> None:
        self._agreements = mongo[self.collection_name]

    async def add(self, agreement: Agreement, *, transaction: Transaction) -> None:
        """Write a new agreement. Raises the driver's DuplicateKeyError where another is open."""
        await self._agreements.insert_one(_pack(agreement, paid=Fen(0)), session=transaction.session)

    async def put(self, agreement: Agreement, *, paid: Fen, transaction: Transaction) -> None:
        """Write an agreement as it stands now."""
        await self._agreements.replace_one(
            {"_id": agreement.id}, _pack(agreement, paid=paid), session=transaction.session
        )

    async def of_accounts(
        self,
        account_ids: Iterable[AccountId],
        *,
        limit: int = 100,
        open_only: bool = False,
        transaction: Transaction | None = None,
    ) -> list[Agreement]:
        """Return what accounts agreed to, newest first."""
        query: Document = {"account_id": {"$in": list(account_ids)}}
        if open_only:
            query["state"] = AgreementState.OPEN
        cursor = self._agreements.find(query, session=session_of(transaction))
        if not open_only:  # of which there is one an account
            cursor = cursor.sort("made_at", -1)
        return [_unpack(found) async for found in cursor.limit(limit)]

    async def count_since(
        self, account_id: AccountId, *, kind: AgreementKind, since: datetime, transaction: Transaction
    ) -> int:
        """Count what an account agreed to of a kind since an instant."""
        query = {"account_id": account_id, "made_at": {"$gte": since}, "kind": kind}
        return await self._agreements.count_documents(query, session=transaction.session)

    async def due(self, *, region: str, before: date, limit: int) -> list[Agreement]:
        """Return open agreements of a region whose next rate was due before a day, the oldest first."""
        query = {"region": region, "state": AgreementState.OPEN, "next_due": {"$lt": before.isoformat()}}
        cursor = self._agreements.find(query).sort([("next_due", 1), ("_id", 1)]).limit(limit)
        return [_unpack(found) async for found in cursor]


def _pack(agreement: Agreement, *, paid: Fen) -> Document:
    due = agreement.next_due(paid=paid)
    return {
        "_id": agreement.id,
        "schema": 1,
        "kind": agreement.kind,
        "account_id": agreement.account_id,
        "region": agreement.region,
        "org_path": agreement.org_path,
        "bill_ids": list(agreement.bill_ids),
        "owed": agreement.owed,
        "rates": [{"due_on": rate.due_on.isoformat(), "fen": rate.amount} for rate in agreement.rates],
        "next_due": due.isoformat() if due else None,
        "made_by": agreement.made_by,
        "made_at": agreement.made_at,
        "state": agreement.state,
        "ended_at": agreement.ended_at,
    }


def _unpack(document: Document) -> Agreement:
    rates: Sequence[Document] = document["rates"]
    return Agreement(
        id=AgreementId(document["_id"]),
        kind=AgreementKind(document["kind"]),
        account_id=document["account_id"],
        region=document["region"],
        org_path=document["org_path"],
        bill_ids=tuple(document["bill_ids"]),
        owed=Fen(document["owed"]),
        rates=tuple(Rate(date.fromisoformat(rate["due_on"]), Fen(rate["fen"])) for rate in rates),
        made_by=document["made_by"],
        made_at=document["made_at"],
        state=AgreementState(document["state"]),
        ended_at=document["ended_at"],
    )

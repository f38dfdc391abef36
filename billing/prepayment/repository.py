"""How accounts that pay ahead stand, and their top-ups, in MongoDB."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

from pymongo import ReplaceOne

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.prepayment.model import Allowance, Cut, DayCharge, Level, Prepayment
from gridhall.billing.prepayment.top_ups import TopUpConsent
from gridhall.kit.keyset import beyond
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of
from gridhall.kit.units import units_above

PROPOSED = Index("region", "units", "cut", "cut_changed_at", "_id", name="proposed")
"""Serves `page`: the accounts of a unit whose cut is at a stage, the longest first."""

_FLAT: Final = ("region", "org_path", "unpriced", "as_of", "spell", "cut_changed_at")


class PrepaymentRepository:
    """One document an account, with its days in columns. Shard key: _id."""

    collection_name = "prepayments"
    indexes: ClassVar[tuple[Index, ...]] = (PROPOSED,)

    def __init__(self, mongo: Mongo) -> None:
        self._accounts = mongo[self.collection_name]

    async def load(
        self, ids: Iterable[AccountId], *, transaction: Transaction | None = None
    ) -> dict[AccountId, Prepayment]:
        """Return those of the accounts that pay ahead, or did."""
        cursor = self._accounts.find({"_id": {"$in": list(ids)}}, session=session_of(transaction))
        return {found["_id"]: _unpack(found) async for found in cursor}

    async def put(self, changed: Sequence[Prepayment], *, transaction: Transaction) -> None:
        """Write how accounts stand, in a transaction that has read them."""
        if changed:
            await self._accounts.bulk_write(
                [ReplaceOne({"_id": one.account_id}, _pack(one), upsert=True) for one in changed],
                ordered=False,
                session=transaction.session,
            )

    async def page(
        self, *, region: str, units: Collection[str], cut: Cut, after: tuple[datetime, AccountId] | None, limit: int
    ) -> list[Prepayment]:
        """Return the accounts of a region's units whose cut is at a stage, the longest first."""
        query: Document = {"region": region, "units": {"$in": list(units)}, "cut": cut}
        query |= beyond("cut_changed_at", after)
        cursor = self._accounts.find(query).sort([("cut_changed_at", 1), ("_id", 1)]).limit(limit)
        return [_unpack(found) async for found in cursor]


class TopUpConsentRepository:
    """Consents to be topped up by collection, one an account. Shard key: _id."""

    collection_name = "top_up_consents"
    indexes: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, mongo: Mongo) -> None:
        self._consents = mongo[self.collection_name]

    async def put(self, consent: TopUpConsent) -> None:
        """Write a consent, in the place of the one before."""
        document = {name: getattr(consent, name) for name in _CONSENT}
        await self._consents.replace_one(
            {"_id": consent.account_id}, {"schema": 1, "revoked_at": None, **document}, upsert=True
        )

    async def revoke(self, account_id: AccountId, *, now: datetime) -> bool:
        """End a consent, which is kept; False where none holds."""
        result = await self._consents.update_one({"_id": account_id, "revoked_at": None}, {"$set": {"revoked_at": now}})
        return result.modified_count == 1

    async def holding(self, ids: Iterable[AccountId]) -> dict[AccountId, TopUpConsent]:
        """Return the consents of accounts that hold."""
        cursor = self._consents.find({"_id": {"$in": list(ids)}, "revoked_at": None})
        return {found["_id"]: _consent(found) async for found in cursor}


_CONSENT: Final = tuple(name for name in TopUpConsent.__dataclass_fields__ if name != "account_id")


def _consent(document: Document) -> TopUpConsent:
    values: dict[str, Any] = {name: document[name] for name in _CONSENT}
    values |= {name: Fen(values[name]) for name in ("below", "amount", "daily_most")}
    return TopUpConsent(account_id=document["_id"], **values)


def _pack(one: Prepayment) -> Document:
    return {
        "schema": 1,
        "units": units_above(one.org_path),
        **{name: getattr(one, name) for name in _FLAT},
        "since": one.since.isoformat(),
        "until": one.until.isoformat(),
        "days": {
            "day": [day.day.isoformat() for day in one.days],
            "kwh": [None if day.kwh is None else str(day.kwh) for day in one.days],
            "fen": [day.amount for day in one.days],
            "quality": [day.quality for day in one.days],
            "whole": [day.whole for day in one.days],
        },
        "allowance": [str(one.allowance.kwh), str(one.allowance.used)] if one.allowance else None,
        "level": one.level,
        "cut": one.cut,
        "empty_since": _iso(one.empty_since),
        "eased_on": _iso(one.eased_on),
    }


def _unpack(document: Document) -> Prepayment:
    columns = document["days"]
    rows = zip(columns["day"], columns["kwh"], columns["fen"], columns["quality"], columns["whole"], strict=True)
    free = document["allowance"]
    return Prepayment(
        account_id=document["_id"],
        since=date.fromisoformat(document["since"]),
        until=date.fromisoformat(document["until"]),
        days=tuple(
            DayCharge(date.fromisoformat(day), None if kwh is None else Decimal(kwh), Fen(fen), quality, whole)
            for day, kwh, fen, quality, whole in rows
        ),
        allowance=Allowance(Decimal(free[0]), Decimal(free[1])) if free else None,
        level=Level(document["level"]),
        cut=Cut(document["cut"]),
        empty_since=_day(document["empty_since"]),
        eased_on=_day(document["eased_on"]),
        **{name: document[name] for name in _FLAT},
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

"""Customers in MongoDB, each with its bindings, so that signing on and the home screen are one read."""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, cast

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from gridhall.billing.accounts.model import AccountId
from gridhall.crm.customers.model import Binding, Customer, CustomerId, Role
from gridhall.kit.codec import FieldCodec
from gridhall.kit.ids import new_id
from gridhall.kit.mongo import Document, Index, Mongo, Transaction

BY_ACCOUNT = Index("bindings.account_id", name="by_account")
"""Serves `bound_to`: who is told about an account."""


class CustomerRepository:
    """Customers. Shard key: _id.

    Phones are unique through the lookup collection `customer_phones`, openids through `customer_openids`.
    """

    collection_name = "customers"
    indexes: ClassVar[tuple[Index, ...]] = (BY_ACCOUNT,)

    def __init__(self, mongo: Mongo, codec: FieldCodec) -> None:
        self._customers = mongo[self.collection_name]
        self._phones = mongo["customer_phones"]
        self._openids = mongo["customer_openids"]
        self._codec = codec

    async def load(self, ids: Iterable[CustomerId]) -> dict[CustomerId, Customer]:
        """Return customers by id; unknown ids are left out."""
        cursor = self._customers.find({"_id": {"$in": list(ids)}})
        return {document["_id"]: self._unpack(document) async for document in cursor}

    async def by_phone(self, phone: str) -> Customer | None:
        """Return the customer who has a phone number, in its normal form."""
        found = await self._phones.find_one({"_id": self._token(phone)})
        if found is None:
            return None
        return (await self.load([found["customer_id"]])).get(found["customer_id"])

    async def by_openid(self, openid: str) -> Customer | None:
        """Return the customer who is linked to a WeChat user."""
        found = await self._openids.find_one({"_id": self._openid_token(openid)})
        if found is None:
            return None
        return (await self.load([found["customer_id"]])).get(found["customer_id"])

    async def link_openid(self, customer_id: CustomerId, openid: str, *, transaction: Transaction) -> list[CustomerId]:
        """Link a customer to a WeChat user and return whose link changed by that; empty where it was so already.

        Both sides have one link: the user is taken from whoever had it, the customer's earlier user signs in no more.
        """
        session, token = transaction.session, self._openid_token(openid)
        before = await self._openids.find_one_and_update(
            {"_id": token}, {"$set": {"schema": 1, "customer_id": customer_id}}, upsert=True, session=session
        )
        if before is not None and before["customer_id"] == customer_id:
            return []
        changed = [customer_id]
        if before is not None:
            changed.append(before["customer_id"])
            await self._customers.update_one(
                {"_id": before["customer_id"]}, {"$unset": {"openid": ""}}, session=session
            )
        earlier = await self._customers.find_one_and_update(
            {"_id": customer_id}, {"$set": {"openid": self._sealed(openid, "customer.openid")}}, session=session
        )
        old = self._opened(earlier.get("openid") if earlier else None, "customer.openid")
        if old is not None and old != openid:
            await self._openids.delete_one({"_id": self._openid_token(old)}, session=session)
        return changed

    async def get_or_add(self, customer: Customer, *, now: datetime) -> Customer:
        """Write a new customer, or return the one who already has that phone. Idempotent by phone."""
        token = self._token(customer.phone)
        try:
            await self._phones.insert_one({"_id": token, "customer_id": customer.id})
        except DuplicateKeyError:
            existing = await self._phones.find_one({"_id": token})
            if existing:
                known = (await self.load([existing["customer_id"]])).get(existing["customer_id"])
                if known is not None:
                    return known
                # The process died between the phone and the customer: the id that the phone names is used.
                customer = Customer(
                    existing["customer_id"], customer.phone, customer.name, customer.mail, customer.language
                )
        written = await self._customers.find_one_and_update(
            {"_id": customer.id},
            {"$setOnInsert": {**self._pack(customer), "since": now}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return self._unpack(cast("Document", written))

    async def bind(self, customer_id: CustomerId, binding: Binding) -> bool:
        """Add a binding; False where the customer is bound to the account already."""
        result = await self._customers.update_one(
            {"_id": customer_id, "bindings.account_id": {"$ne": binding.account_id}},
            {"$push": {"bindings": {"account_id": binding.account_id, "role": binding.role, "since": binding.since}}},
        )
        return result.modified_count == 1

    async def bound_to(self, account_ids: Iterable[AccountId]) -> list[Customer]:
        """Return the customers bound to any of the accounts."""
        cursor = self._customers.find({"bindings.account_id": {"$in": list(account_ids)}})
        return [self._unpack(document) async for document in cursor]

    def _token(self, phone: str) -> bytes:
        return self._codec.token(phone, field="customer.phone")

    def _openid_token(self, openid: str) -> bytes:
        return self._codec.token(openid, field="customer.openid")

    def _sealed(self, text: str | None, field: str) -> bytes | None:
        return self._codec.seal(text, field=field) if text is not None else None

    def _opened(self, sealed: bytes | None, field: str) -> str | None:
        return self._codec.open(sealed, field=field) if sealed is not None else None

    def _pack(self, customer: Customer) -> Document:
        return {
            "schema": 1,
            "phone": self._codec.seal(customer.phone, field="customer.phone"),
            "name": self._sealed(customer.name, "customer.name"),
            "mail": self._sealed(customer.mail, "customer.mail"),
            "language": customer.language,
            "bindings": [],
        }

    def _unpack(self, document: Document) -> Customer:
        return Customer(
            id=document["_id"],
            phone=self._codec.open(document["phone"], field="customer.phone"),
            name=self._opened(document["name"], "customer.name"),
            mail=self._opened(document["mail"], "customer.mail"),
            language=document["language"],
            bindings=tuple(Binding(one["account_id"], Role(one["role"]), one["since"]) for one in document["bindings"]),
            openid=self._opened(document.get("openid"), "customer.openid"),
        )


def new_customer_id() -> CustomerId:
    """Return a fresh id for a customer."""
    return CustomerId(new_id())

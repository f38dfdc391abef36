"""The peer: plain strawberry behind FastAPI's router, as its documentation shows it.

Types, async resolvers, one read where a field needs one by PyMongo's async client; no loaders and no caches.

    uvicorn bench.peers.strawberry_router:app
"""

import os
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import jwt
import orjson
import strawberry
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from fastapi import FastAPI, HTTPException, Request
from pymongo import AsyncMongoClient
from strawberry.fastapi import GraphQLRouter
from strawberry.types.info import Info

Document = dict[str, Any]

_client: AsyncMongoClient[Document] = AsyncMongoClient(os.environ["GRIDHALL_MONGO_URI"])
_options: CodecOptions[Document] = CodecOptions(tz_aware=True, uuid_representation=UuidRepresentation.STANDARD)
db = _client.get_database(os.environ["GRIDHALL_MONGO_DATABASE"], codec_options=_options)
FACTS = orjson.loads(Path(os.environ["BENCH_FACTS"]).read_bytes())
_EVERY_SLOT = 96


@strawberry.enum
class Resolution(Enum):
    """The one resolution that is asked for."""

    DAY = "day"


@strawberry.enum
class BillStatus(Enum):
    """Where a bill stands."""

    ISSUED = "issued"
    PART_PAID = "part_paid"
    PAID = "paid"


Numbers = strawberry.scalar(list, name="Numbers", serialize=lambda value: value)
Labels = strawberry.scalar(list, name="Labels", serialize=lambda value: value)


@strawberry.type
class Money:
    """An amount in fen, shown in yuan."""

    fen: int

    @strawberry.field
    def yuan(self) -> str:
        """Return the amount in yuan."""
        return f"{Decimal(self.fen) / 100:.2f}"


@strawberry.type
class Balance:
    """What is owed and what was paid ahead."""

    owed: Money
    prepaid: Money


@strawberry.type
class Tariff:
    """A tariff."""

    title: str


@strawberry.type
class Tier:
    """Where the account stands in its tiers."""

    tier: int
    used: Decimal
    remaining: Decimal | None
    surcharge: Decimal
    tariff: Tariff


@strawberry.type
class Usage:
    """A usage history by days."""

    total: float
    coverage: float
    labels: Labels  # type: ignore[valid-type]
    kwh: Numbers  # type: ignore[valid-type]


@strawberry.type
class BillLine:
    """One line of a bill."""

    kind: str
    period: str | None
    tier: int
    kwh: Decimal
    price: Decimal
    amount: Money


@strawberry.type
class Bill:
    """A bill."""

    month: str
    kwh: Decimal
    status: BillStatus
    due_on: date | None
    total: Money
    lines: list[BillLine]


@strawberry.type
class BillEdge:
    """An edge."""

    node: Bill


@strawberry.type
class BillConnection:
    """A page of bills."""

    edges: list[BillEdge]


@strawberry.type
class Account:
    """An account."""

    number: str
    region: str
    role: str
    balance: Balance
    record: strawberry.Private[Document]

    @strawberry.field
    async def tier(self) -> Tier | None:
        """Add up what was billed in the year, and what was metered since."""
        today = date.fromisoformat(FACTS["today"])
        year = date(today.year, 1, 1).isoformat()
        query = {"account_id": self.record["_id"], "month": {"$gte": year[:7]}, "status": {"$ne": "rejected"}}
        bills = await db["bills"].find(query).to_list()
        used = sum((Decimal(bill["kwh"]) for bill in bills if bill["from"] >= year), Decimal(0))
        until = date.fromisoformat(max([year, self.record["kept_since"], *(bill["to"] for bill in bills)]))
        for _, _, _, totals in await _days(self.record["points"][0]["point_id"], until, today):
            used += Decimal(sum(totals.values())).scaleb(-3)
        code = self.record["tariffs"][-1]["code"]
        tariff = FACTS["tariffs"][code]
        for number, tier in enumerate(tariff["tiers"], start=1):
            upto = None if tier["upto"] is None else Decimal(tier["upto"])
            if upto is None or used <= upto:
                left = None if upto is None else upto - used
                return Tier(
                    tier=number,
                    used=used,
                    remaining=left,
                    surcharge=Decimal(tier["surcharge"]),
                    tariff=Tariff(title=tariff["title"]),
                )
        return None

    @strawberry.field
    async def usage(
        self,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        resolution: Resolution = Resolution.DAY,
    ) -> Usage | None:
        """Return the energy of each day."""
        del resolution
        if not self.record["points"]:
            return None
        found = {day: rest for day, *rest in await _days(self.record["points"][0]["point_id"], from_, to)}
        labels = [from_ + timedelta(days=count) for count in range((to - from_).days)]
        sums = [sum(found[day][2].values()) if day in found else None for day in labels]
        present = sum(entry[0] for entry in found.values())
        expected = sum(found[day][1] if day in found else _EVERY_SLOT for day in labels)
        return Usage(
            total=sum(one for one in sums if one is not None) / 1000,
            coverage=round(present / expected, 4),
            labels=[day.isoformat() for day in labels],
            kwh=[None if one is None else one / 1000 for one in sums],
        )

    @strawberry.field
    async def bills(self, first: int = 12) -> BillConnection:
        """Return the newest bills."""
        query = {"account_id": self.record["_id"], "status": {"$nin": ["held", "rejected"]}}
        cursor = db["bills"].find(query).sort([("month", -1), ("sequence", -1)]).limit(first)
        return BillConnection(edges=[BillEdge(node=_bill(document)) async for document in cursor])


@strawberry.type
class InboxItem:
    """A message."""

    kind: str
    at: datetime
    title: str
    text: str


@strawberry.type
class InboxEdge:
    """An edge."""

    node: InboxItem


@strawberry.type
class InboxConnection:
    """A page of messages."""

    edges: list[InboxEdge]


@strawberry.type
class Viewer:
    """The signed-in customer."""

    record: strawberry.Private[Document]

    @strawberry.field
    async def accounts(self) -> list[Account]:
        """Return the accounts that the customer is bound to."""
        accounts = []
        for binding in self.record["bindings"]:
            document = await db["accounts"].find_one({"_id": binding["account_id"]})
            if document:
                balance = Balance(owed=Money(fen=document["owed"]), prepaid=Money(fen=document["prepaid"]))
                region = FACTS["regions"][document["region"]]
                accounts.append(
                    Account(
                        number=document["number"],
                        region=region,
                        role=binding["role"],
                        balance=balance,
                        record=document,
                    )
                )
        return accounts

    @strawberry.field
    async def inbox(self, first: int = 20) -> InboxConnection:
        """Return the newest messages."""
        cursor = db["inbox"].find({"customer_id": self.record["_id"]}).sort([("at", -1), ("_id", -1)]).limit(first)
        return InboxConnection(edges=[InboxEdge(node=_item(document)) async for document in cursor])


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field
    async def viewer(self, info: Info) -> Viewer | None:
        """Return the signed-in customer."""
        customer = await db["customers"].find_one({"_id": info.context["customer_id"]})
        return Viewer(record=customer) if customer else None


def _bill(document: Document) -> Bill:
    lines = [
        BillLine(
            kind=line["kind"],
            period=line["period"],
            tier=line["tier"],
            kwh=Decimal(line["kwh"]),
            price=Decimal(line["price"]),
            amount=Money(fen=line["amount"]),
        )
        for line in document["lines"]
    ]
    return Bill(
        month=document["month"],
        kwh=Decimal(document["kwh"]),
        status=BillStatus(document["status"]),
        due_on=date.fromisoformat(document["due_on"]) if document["due_on"] else None,
        total=Money(fen=document["total"]),
        lines=lines,
    )


def _item(document: Document) -> InboxItem:
    data = document["data"]
    facts = {
        **data,
        "kwh": f"{data['kwh']} kWh",
        "total": f"¥{Decimal(data['total']) / 100:,.2f}",
        "to_pay": f"¥{Decimal(data['to_pay']) / 100:,.2f}",
    }
    words = FACTS["words"]
    return InboxItem(
        kind=document["kind"],
        at=document["at"],
        title=words["title"].format(**facts),
        text=words["text"].format(**facts),
    )


async def _days(point_id: UUID, first: date, end: date) -> list[tuple[date, int, int, dict[str, int]]]:
    """Return day, slots present, slots expected and energy a period of the days that are there."""
    months = range(first.year * 12 + first.month - 1, end.year * 12 + end.month)
    keys = [point_id.bytes + b"\x01" + month.to_bytes(4, "big") for month in months]
    days = []
    async for document in db["usage_months"].find({"_id": {"$in": keys}}):
        month = int.from_bytes(document["_id"][17:], "big")
        for number, (_, _, present, expected, _, totals) in document["days"].items():
            day = date(month // 12, month % 12 + 1, int(number))
            if first <= day < end:
                days.append((day, present, expected, totals))
    return days


async def context(request: Request) -> dict[str, UUID]:
    """Read the access token."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        claims = jwt.decode(token, FACTS["key"], algorithms=["EdDSA"], issuer=FACTS["iss"], audience=FACTS["aud"])
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None
    return {"customer_id": UUID(claims["sub"])}


app = FastAPI()
app.include_router(GraphQLRouter(strawberry.Schema(query=Query), context_getter=context), prefix="/graphql")

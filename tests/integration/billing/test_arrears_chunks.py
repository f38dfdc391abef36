"""Work that is split into chunks of accounts: all of them are in one, whatever else the first of a chunk owes."""

from dataclasses import replace
from uuid import UUID

import pytest

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears import days
from gridhall.billing.arrears.outages import freeing
from gridhall.billing.arrears.outages.model import ONLINE, Outage
from gridhall.billing.arrears.outages.operations import KNOWN, note
from gridhall.billing.arrears.penalty import Charge, Penalty
from gridhall.billing.bills.model import BillId
from gridhall.billing.services import Billing
from gridhall.kit.localdays import Days
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from tests.factories.arrears import a_debt, at, day

OWES = [AccountId(UUID(int=one)) for one in (1, 2, 1, 3)]
"""Whose bill each is: the first account has two, and begins two chunks of two bills."""


@pytest.fixture(autouse=True)
async def owed(billing: Billing, mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (days, freeing):
        monkeypatch.setattr(room, "CHUNK", 2)
    penalty = Penalty(day(6), (Charge(Days(day(1), day(6)), Fen(10_000), 100),))
    debts = [
        replace(a_debt(10_000, penalty=penalty), bill_id=BillId(UUID(int=nth)), account_id=account_id, next_on=day(2))
        for nth, account_id in enumerate(OWES)
    ]

    async def write(transaction: Transaction) -> None:
        await billing.arrears.following.debts.add(debts, transaction=transaction)

    await mongo.transact(write)


async def ids(mongo: Mongo, kind: str) -> list[UUID]:
    return [found["_id"] async for found in mongo["outbox"].find({"kind": kind})]


async def listed(mongo: Mongo, kind: str) -> list[list[str]]:
    return sorted([found["payload"]["account_ids"] async for found in mongo["outbox"].find({"kind": kind})])


def chunks(*accounts: tuple[int, int]) -> list[list[str]]:
    return [[str(UUID(int=one)) for one in pair] for pair in accounts]


async def test_a_day_of_arrears_leaves_nobody_out(billing: Billing, mongo: Mongo) -> None:
    await days.begin_days(day=billing.follow_up.day, regions=["zhejiang"], now=at(day(3)))
    for _ in range(2):
        begun = await ids(mongo, days.DAY_BEGUN)
        await days.run_region(day=billing.follow_up.day, event_ids=begun, now=at(day(3)))
    assert await listed(mongo, days.CHUNK_DUE) == chunks((1, 2), (1, 3))


async def test_an_outage_leaves_nobody_out(billing: Billing, mongo: Mongo) -> None:
    outage = Outage(ONLINE, at(day(2)), at(day(3)), "zhao")
    await note(noting=billing.watching.noting, outage=outage, now=at(day(6)))
    for _ in range(2):
        known = await ids(mongo, KNOWN)
        await freeing.spread(arrears=billing.arrears, regions=["zhejiang"], event_ids=known, now=at(day(6)))
    assert await listed(mongo, freeing.CHUNK_DOWN) == chunks((1, 2), (1, 3))

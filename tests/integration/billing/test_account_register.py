"""Accounts as the system of record hands them over, again and again."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from gridhall.billing.accounts.model import Balance, PointLink, TariffLink
from gridhall.billing.accounts.repository import AccountNumberTakenError
from gridhall.billing.services import Billing
from gridhall.kit.ids import new_id
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from tests.factories.accounts import an_account, point_of


async def test_an_account_is_read_as_it_was_written(billing: Billing) -> None:
    account = an_account(
        read_day=15,
        carried_kwh=1234,
        points=(PointLink(new_id(), date(2026, 1, 1), date(2026, 6, 1)), PointLink(new_id(), date(2026, 6, 1))),
        tariffs=(TariffLink("a", date(2026, 1, 1), date(2026, 6, 1)), TariffLink("b", date(2026, 6, 1))),
    )
    await billing.accounts.add([account])
    assert await billing.accounts.load([account.id]) == {account.id: replace(account, version=1)}
    assert await billing.accounts.by_number(account.number) == account.id


async def test_an_account_that_comes_again_keeps_its_money_and_takes_its_new_terms(
    billing: Billing, mongo: Mongo
) -> None:
    account = an_account()
    await billing.accounts.add([account])

    async def owe(transaction: Transaction) -> None:
        await billing.accounts.change_balances({account.id: Balance(owed=Fen(500))}, transaction=transaction)

    await mongo.transact(owe)
    await billing.accounts.add([replace(account, address="成都市")])
    (found,) = (await billing.accounts.load([account.id])).values()
    assert (found.address, found.balance, found.version) == ("成都市", Balance(owed=Fen(500)), 3)


async def test_a_number_belongs_to_one_account_for_ever(billing: Billing) -> None:
    await billing.accounts.add([an_account(1)])
    with pytest.raises(AccountNumberTakenError, match="3301000000001 already belongs to another account"):
        await billing.accounts.add([an_account(1), an_account(2)])
    assert await billing.accounts.by_number(an_account(2).number) is None


async def test_two_accounts_of_one_delivery_cannot_share_a_number(billing: Billing, mongo: Mongo) -> None:
    with pytest.raises(AccountNumberTakenError):
        await billing.accounts.add([an_account(1), an_account(1)])
    assert await mongo["accounts"].count_documents({}) == 0


async def test_of_two_that_claim_a_number_at_once_one_gets_it(billing: Billing, mongo: Mongo) -> None:
    claims = [an_account(1) for _ in range(6)]
    await asyncio.gather(*(billing.accounts.by_number("warms a connection up") for _ in claims))
    outcomes = await asyncio.gather(*(billing.accounts.add([one]) for one in claims), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AccountNumberTakenError"] * 5 + ["NoneType"]
    (written,) = [document["_id"] async for document in mongo["accounts"].find()]
    assert await billing.accounts.by_number(claims[0].number) == written


async def test_the_account_of_a_point_is_found(billing: Billing) -> None:
    accounts = [an_account(1), an_account(2)]
    await billing.accounts.add(accounts)
    wanted = [point_of(accounts[1]), new_id()]
    assert await billing.accounts.of_points(wanted) == {point_of(accounts[1]): accounts[1].id}


async def test_a_region_is_walked_in_chunks_without_leaving_anybody_out(billing: Billing) -> None:
    accounts = [an_account(number) for number in range(7)]
    await billing.accounts.add([*accounts, an_account(99, region="shaanxi")])
    walked, after = [], None
    while ids := await billing.accounts.ids_of_region(region="zhejiang", after=after, limit=3):
        walked += ids
        after = ids[-1]
    assert walked == sorted(account.id for account in accounts)
    assert await billing.accounts.count(region="zhejiang") == 7

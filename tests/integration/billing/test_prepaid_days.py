"""Accounts that pay ahead: charged day by day, warned once a crossing, settled by the bill, freed by money."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from gridhall.billing.accounts.model import Account, PrepaidStay
from gridhall.billing.bank.collecting import make_file
from gridhall.billing.bank.model import Mandate, mandate_id
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.prepayment.consenting import consent
from gridhall.billing.prepayment.days import run_page
from gridhall.billing.prepayment.model import Level, Prepayment
from gridhall.billing.prepayment.top_ups import TopUpConsent
from gridhall.billing.prepayment.watching import CROSSED, watch
from gridhall.billing.services import Billing
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Event, Outbox
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from tests.factories.accounts import an_account, point_of
from tests.integration.billing.conftest import Read

TODAY = date(2026, 3, 11)
NOW = datetime(2026, 3, 11, 2, tzinfo=UTC)
MARCH = date(2026, 3, 1)


async def used(billing: Billing, account: Account, days: Days, *, wh: int = 417, quality: int = 0) -> None:
    """So many Wh in each hour of some days."""
    pieces = [
        DayPiece(
            key=day_key(point_of(account), IMPORT_KWH, day),
            minutes=60,
            scale=3,
            zone="Asia/Shanghai",
            calendar="single",
            values=[wh] * 24,
            quality=bytearray([quality] * 24),
        )
        for day in days
    ]
    await record(pieces=pieces, histories=billing.histories, now=NOW)


@pytest.fixture
async def account(billing: Billing) -> Account:
    """An account that pays ahead, is kept since March, and used 10 kWh on each of ten days."""
    made = an_account(kept_since=MARCH, prepaid_stays=(PrepaidStay(MARCH),))
    await billing.accounts.add([made])
    await used(billing, made, Days(MARCH, TODAY))
    return made


async def paid(billing: Billing, account: Account, fen: int, number: str = "1", *, now: datetime = NOW) -> None:
    money = PaymentReceived.for_account("bank", number, account.id, Fen(fen), now)
    await settle(payments=billing.payments, payment=money, cash=Book.CASH_BANK, now=now)


async def stands(billing: Billing, account: Account) -> Prepayment:
    return (await billing.prepaying.following.prepayments.load([account.id]))[account.id]


async def told(mongo: Mongo) -> Sequence[Event]:
    events = await Outbox(mongo).waiting(before=NOW + timedelta(days=90), limit=100)
    return sorted((one for one in events if one.kind == CROSSED), key=lambda one: one.at)


async def test_days_are_charged_and_posted_nowhere(billing: Billing, account: Account) -> None:
    await paid(billing, account, 10000)
    await run_page(prepaying=billing.prepaying, region="zhejiang", after=None, now=NOW)
    found = await stands(billing, account)
    # 100.08 kWh, of which whole ones are billed, at 0.538.
    assert found.charged == 5380
    assert len(found.days) == 10
    assert [one.firm for one in found.days] == [True] * 10
    fresh = (await billing.accounts.load([account.id]))[account.id]
    assert (fresh.balance.owed, fresh.balance.prepaid, found.balance(fresh)) == (0, 10000, 4620)
    assert found.days_left(fresh) == 8
    assert len(await billing.ledger.of_account(account.id)) == 1


async def test_the_same_readings_write_nothing_and_a_corrected_one_counts(billing: Billing, account: Account) -> None:
    first = await watch(prepaying=billing.prepaying, account_ids=[account.id], now=NOW)
    before = await stands(billing, account)
    again = await watch(prepaying=billing.prepaying, account_ids=[account.id], now=NOW + timedelta(hours=1))
    assert (first.crossed, again.crossed) == (1, 0)
    assert await stands(billing, account) == before
    await used(billing, account, Days(TODAY - timedelta(days=1), TODAY), wh=834)
    await watch(prepaying=billing.prepaying, account_ids=[account.id], now=NOW)
    assert (await stands(billing, account)).charged == 5918


async def test_a_threshold_is_told_once_and_again_after_money(billing: Billing, mongo: Mongo, account: Account) -> None:
    await paid(billing, account, 8000)
    for hour in range(3):
        await watch(prepaying=billing.prepaying, account_ids=[account.id], now=NOW + timedelta(hours=hour))
    (low,) = await told(mongo)
    assert (low.payload["level"], low.payload["balance"]) == ("low", 2620)
    await used(billing, account, Days(TODAY, TODAY + timedelta(days=5)))
    later = NOW + timedelta(days=5)
    await watch(prepaying=billing.prepaying, account_ids=[account.id], now=later)
    assert [one.payload["level"] for one in await told(mongo)] == ["low", "empty"]
    await paid(billing, account, 10000, "2", now=later)
    assert (await stands(billing, account)).level is Level.FINE
    await used(billing, account, Days(TODAY + timedelta(days=5), TODAY + timedelta(days=27)))
    await watch(prepaying=billing.prepaying, account_ids=[account.id], now=NOW + timedelta(days=27))
    # The last one sank through both thresholds at once, and is told of the worse.
    assert [(one.payload["level"], one.payload["spell"]) for one in await told(mongo)] == [
        ("low", 0),
        ("empty", 0),
        ("empty", 1),
    ]


async def test_the_months_bill_settles_its_days(billing: Billing, account: Account, read: Read) -> None:
    await paid(billing, account, 30000)
    await used(billing, account, Days(TODAY, date(2026, 4, 3)))
    april = datetime(2026, 4, 3, 2, tzinfo=UTC)
    await watch(prepaying=billing.prepaying, account_ids=[account.id], now=april)
    before = await stands(billing, account)
    assert len(before.days) == 33
    march = Fen(sum(one.amount for one in before.days if one.day < date(2026, 4, 1)))
    await read(account, MARCH, "1000.00")
    await read(account, date(2026, 4, 1), "1310.24")
    await issue_chunk(issuing=billing.issuing, account_ids=[account.id], month=Month(2026, 3), now=april)
    after = await stands(billing, account)
    assert [one.day for one in after.days] == [date(2026, 4, 1), date(2026, 4, 2)]
    fresh = (await billing.accounts.load([account.id]))[account.id]
    # The bill is what the days were, to the fen.
    assert fresh.balance.prepaid == 30000 - march
    assert after.balance(fresh) == before.balance(replace(fresh, balance=replace(fresh.balance, prepaid=Fen(30000))))


async def test_a_missing_day_costs_nothing_and_is_told(billing: Billing, account: Account) -> None:
    await watch(prepaying=billing.prepaying, account_ids=[account.id], now=NOW + timedelta(days=2))
    found = await stands(billing, account)
    assert [one.kwh for one in found.days[-2:]] == [None, None]
    assert found.last
    assert found.last.day == TODAY - timedelta(days=1)
    assert found.charged == 5380


async def test_money_and_the_nights_look_at_once_lose_neither(billing: Billing, account: Account) -> None:
    looks = [watch(prepaying=billing.prepaying, account_ids=[account.id], now=NOW) for _ in range(4)]
    money = [paid(billing, account, 1000, str(number)) for number in range(4)]
    await asyncio.gather(*looks, *money)
    await watch(prepaying=billing.prepaying, account_ids=[account.id], now=NOW)
    found = await stands(billing, account)
    fresh = (await billing.accounts.load([account.id]))[account.id]
    assert (fresh.balance.prepaid, found.charged) == (4000, 5380)
    assert found.level is Level.EMPTY


async def test_a_consent_lets_the_next_collection_top_the_balance_up_once_a_day(
    billing: Billing, account: Account
) -> None:
    day = TODAY + timedelta(days=1)
    mandate = Mandate(
        id=mandate_id(account_id=account.id, card="6222020000000000001", signed_at=NOW),
        account_id=account.id,
        region="zhejiang",
        bank="icbc",
        card="6222020000000000001",
        holder="王小明",
        from_day=MARCH,
        signed_at=NOW,
    )
    await billing.collecting.mandates.add(mandate)
    await paid(billing, account, 6000)
    await watch(prepaying=billing.prepaying, account_ids=[account.id], now=NOW)
    wish = TopUpConsent(account.id, Fen(3000), Fen(5000), Fen(20000), account.id, NOW)
    mandates = billing.collecting.mandates
    assert await consent(prepaying=billing.prepaying, mandates=mandates, wish=wish, now=NOW) == wish
    made = [
        await make_file(collecting=billing.collecting, region="zhejiang", bank="icbc", day=day, now=NOW)
        for _ in range(2)
    ]
    # 60.00 less 53.80 of ten days is 6.20: one amount lifts it above 30.
    assert [(one.items, one.total) for one in made] == [(1, 5000)] * 2
    assert await billing.prepaying.consents.revoke(account.id, now=NOW)
    later = await make_file(
        collecting=billing.collecting, region="zhejiang", bank="icbc", day=day + timedelta(days=1), now=NOW
    )
    assert (later.items, later.total) == (0, 0)

"""What many requests ask for at one moment is few round trips, and nobody gets another's answer."""

import asyncio
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import Billed, BillStatus
from gridhall.billing.bills.repository import BillRepository
from gridhall.graphql.joined import JoinedBilled, JoinedMonths
from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key, month_key
from gridhall.metering.histories.model import DayPiece, MonthOfDays
from gridhall.metering.histories.operations import record
from gridhall.metering.histories.repository import HistoryRepository
from tests.factories.accounts import an_account, point_of
from tests.factories.bills import a_bill

MONTH = Month(2026, 1)
FEW = 2


class CountingHistories(HistoryRepository):
    """The repository, which also counts its round trips."""

    trips = 0

    async def months(self, keys: Collection[bytes]) -> dict[bytes, MonthOfDays]:
        self.trips += 1
        return await super().months(keys)


class CountingBills(BillRepository):
    """The repository, which also counts its round trips."""

    trips = 0

    async def billed(self, account_ids: Iterable[AccountId], *, month: Month) -> dict[AccountId, list[Billed]]:
        self.trips += 1
        return await super().billed(account_ids, month=month)


async def test_months_of_many_requests_are_few_reads(mongo: Mongo) -> None:
    histories = CountingHistories(mongo)
    accounts = [an_account(number) for number in range(20)]
    pieces = [
        DayPiece(
            key=day_key(point_of(account), IMPORT_KWH, date(2026, 1, 5)),
            minutes=60,
            scale=3,
            zone="Asia/Shanghai",
            calendar="single",
            values=[number] * 24,
            quality=bytearray(24),
        )
        for number, account in enumerate(accounts)
    ]
    await record(pieces=pieces, histories=histories, now=datetime(2026, 2, 1, tzinfo=UTC))
    histories.trips = 0
    keys = [month_key(point_of(account), IMPORT_KWH, MONTH) for account in accounts]
    absent = month_key(point_of(accounts[0]), IMPORT_KWH, MONTH.shift(1))
    joined = JoinedMonths(histories)
    found = await asyncio.gather(*(joined.months([key, absent]) for key in keys for _ in range(2)))
    assert histories.trips <= FEW
    assert [list(months) for months in found] == [[key] for key in keys for _ in range(2)]
    assert [months[key].days[5].totals for months, key in zip(found[::2], keys, strict=True)] == [
        {"total": number * 24} for number in range(20)
    ]


async def test_bills_of_many_requests_are_few_reads_and_rejected_ones_are_left_out(mongo: Mongo) -> None:
    bills = CountingBills(mongo)
    accounts = [an_account(number) for number in range(20)]
    written = [
        a_bill(account, month, 100 + number, status=status)
        for number, account in enumerate(accounts)
        for month, status in (("2026-01", BillStatus.HELD), ("2026-02", BillStatus.REJECTED))
    ]

    async def write(transaction: Transaction) -> None:
        await bills.add(written, transaction=transaction)

    await mongo.transact(write)
    joined = JoinedBilled(bills)
    found = await asyncio.gather(*(joined.billed([account.id], month=MONTH) for account in accounts))
    assert bills.trips <= FEW
    assert found == [
        {account.id: [Billed(account.period(MONTH), 100 + number)]} for number, account in enumerate(accounts)
    ]

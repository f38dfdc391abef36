"""Bills of a month in which tariff or household changed, from register reads to what is stored."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from gridhall.billing.accounts.model import Account, TariffLink, Term
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.bills.model import Bill, BillStatus
from gridhall.billing.services import Billing
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.imports.operations import import_tariff
from gridhall.billing.tariffs.imports.reading import with_dates
from gridhall.billing.tariffs.schema import TariffFile
from gridhall.kit.localdays import Days, Month
from gridhall.kit.mongo import Mongo
from gridhall.metering.calendars.datafile import checked
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from tests.factories.accounts import an_account, point_of
from tests.factories.reads import a_read

JANUARY = Month(2026, 1)
FIRST, LAST = JANUARY.days.start, JANUARY.days.end


async def billed(billing: Billing, mongo: Mongo, account: Account, now: datetime, **kwh: str) -> Bill:
    """Bill January, in which the registers ran from nothing to `kwh`, and read the bill back."""
    await billing.accounts.add([account])
    reads = [
        a_read(point_of(account), FIRST, dict.fromkeys(kwh, "0")),
        a_read(point_of(account), LAST, kwh),
    ]
    await record_reads(reads=reads, registers=RegisterRepository(mongo), now=now)
    (known,) = (await billing.accounts.load([account.id])).values()
    assert known.terms == account.terms
    await issue_chunk(issuing=billing.issuing, account_ids=[account.id], month=JANUARY, now=now)
    (bill,) = (await billing.bills.since([account.id], month=JANUARY))[account.id]
    return bill


async def test_a_household_that_goes_over_to_time_of_use_is_billed_by_both(
    billing: Billing, mongo: Mongo, now: datetime
) -> None:
    change = date(2026, 1, 11)
    tariffs = (
        TariffLink("zhejiang-residential", FIRST, change),
        TariffLink("zhejiang-residential-tou", change),
    )
    bill = await billed(billing, mongo, an_account(tariffs=tariffs), now, peak="310.5", valley="155")
    assert (bill.status, bill.findings) == (BillStatus.ISSUED, ())
    assert [(line.version, line.days, line.period, line.kwh) for line in bill.lines] == [
        ("zhejiang-residential@2021-01-01", Days(FIRST, change), "total", 150),
        ("zhejiang-residential-tou@2021-01-01", Days(change, LAST), "peak", 210),
        ("zhejiang-residential-tou@2021-01-01", Days(change, LAST), "valley", 105),
    ]
    assert bill.total == 8070 + 11928 + 3024


async def test_a_subsidised_household_has_its_free_kwh_on_the_bill(
    billing: Billing, mongo: Mongo, now: datetime
) -> None:
    account = an_account(terms=(Term("subsidised", date(2020, 1, 1)),))
    bill = await billed(billing, mongo, account, now, total="100")
    assert [(line.kind, line.kwh, line.amount) for line in bill.lines] == [
        ("energy", 100, 5380),
        ("allowance", 15, -807),
    ]
    assert (bill.status, bill.total) == (BillStatus.ISSUED, 4573)


class TestAVersionThatWasImported:
    @pytest.fixture(autouse=True)
    def shipped_only(self) -> Iterator[None]:
        yield
        catalogue.adopt([])

    async def test_is_on_the_bill_from_its_first_day(self, billing: Billing, mongo: Mongo, now: datetime) -> None:
        tables = {
            "code": "zhejiang-residential",
            "region": "zhejiang",
            "title": {"zh": "浙江居民阶梯电价", "en": "Zhejiang residential, tiered"},
            "versions": [
                {
                    "effective_from": "2026-01-11",
                    "status": "sourced",
                    "source": "a test",
                    "calendar": "single",
                    "cycle": {"every": "year"},
                    "tiers": [{"surcharge": "0"}],
                    "prices": [{"period": "total", "price": "0.6"}],
                    "quantity": {"step": "1", "rounding": "down", "carried": True},
                }
            ],
        }
        file = checked(with_dates(tables, file="new"), TariffFile, file="new")
        await import_tariff(file=file, named="new", versions=billing.tariff_versions, by="Lin", now=now)
        bill = await billed(billing, mongo, an_account(), now, total="310")
        assert [(line.version, line.kwh, line.amount) for line in bill.lines] == [
            ("zhejiang-residential@2021-01-01", 100, 5380),
            ("zhejiang-residential@2026-01-11", 210, 12600),
        ]
        assert bill.status is BillStatus.ISSUED

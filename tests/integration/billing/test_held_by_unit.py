"""The reviewers' queue of some units: what lies elsewhere is not even looked at."""

import pytest

from gridhall.billing.bills.model import Bill, BillId, BillStatus
from gridhall.billing.bills.repository import BillRepository
from gridhall.kit.mongo import Mongo, Transaction
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill


@pytest.fixture
async def queue(mongo: Mongo) -> dict[BillId, str]:
    """Held bills of three units in turn, oldest first."""
    await mongo.prepare([BillRepository])
    bills = [a_bill(an_account(), "2026-10", status=BillStatus.HELD, org_path=f"grid/{n % 3}/x") for n in range(12)]

    async def write(transaction: Transaction) -> None:
        await BillRepository(mongo).add(bills, transaction=transaction)

    await mongo.transact(write)
    return {bill.id: bill.org_path for bill in bills}


async def test_the_bills_of_two_units_come_in_one_order_page_by_page(mongo: Mongo, queue: dict[BillId, str]) -> None:
    found: list[Bill] = []
    while page := await BillRepository(mongo).held(
        region="zhejiang", units=("grid/0", "grid/2"), after=(None, found[-1].id) if found else None, limit=3
    ):
        found += page
    assert [bill.id for bill in found] == sorted(one for one, path in queue.items() if path != "grid/1/x")

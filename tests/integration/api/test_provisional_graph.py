"""A month without a read, as its customer sees it: provisional first, then settled by what the next read says."""

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from gridhall.api.state import State
from gridhall.billing.accounts.model import Account, TariffLink
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.credits.settling import settle_provisional
from gridhall.crm.customers.model import Binding, Role
from gridhall.kit.localdays import Month
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from tests.factories.accounts import an_account, point_of
from tests.factories.homes import Home
from tests.factories.reads import a_read

JANUARY, FEBRUARY = Month(2026, 1), Month(2026, 2)
SOON, LATER = datetime(2026, 2, 5, 2, tzinfo=UTC), datetime(2026, 4, 20, 2, tzinfo=UTC)
BILLS = """{ viewer { accounts { number bills(first: 5) { edges { node { month kind status total { fen }
  estimate { method } replaces explanation { agrees steps { section text } } } } } } } }"""


@pytest.fixture
async def unread(state: State, home: Home) -> Account:
    """A second account of the home's customer, in Sichuan: billed for January, and not read since."""
    since = JANUARY.first
    account = an_account(7, region="sichuan", tariffs=(TariffLink("sichuan-residential", since),))
    hall = state.hall
    await hall.billing.accounts.add([account])
    await hall.people.customers.bind(home.customer.id, Binding(account.id, Role.OWNER, SOON))
    await read(state, account, since, "1000.00")
    await read(state, account, FEBRUARY.first, "1310.00")
    await issue_chunk(issuing=hall.billing.issuing, account_ids=[account.id], month=JANUARY, now=SOON)
    return account


async def read(state: State, account: Account, day: date, shown: str) -> None:
    one = a_read(point_of(account), day, shown, meter=f"M{account.number}")
    await record_reads(reads=[one], registers=RegisterRepository(state.mongo), now=SOON)


async def bills_seen(http: httpx.AsyncClient, home: Home, account: Account) -> list[dict[str, Any]]:
    answer = (await http.post("/graphql", json={"query": BILLS}, headers=home.headers)).json()
    (mine,) = (one for one in answer["data"]["viewer"]["accounts"] if one["number"] == account.number)
    return [edge["node"] for edge in mine["bills"]["edges"]]


def of_section(bill: dict[str, Any], section: str) -> str:
    return " ".join(step["text"] for step in bill["explanation"]["steps"] if step["section"] == section)


async def test_a_provisional_bill_says_so_and_its_settling_says_how_the_months_shared(
    http: httpx.AsyncClient, state: State, home: Home, unread: Account
) -> None:
    billing = state.hall.billing
    await issue_chunk(issuing=billing.issuing, account_ids=[unread.id], month=FEBRUARY, now=LATER)
    guessed, _ = await bills_seen(http, home, unread)
    assert (guessed["kind"], guessed["estimate"]) == ("PROVISIONAL", {"method": "mean_of_last_bills"})
    assert guessed["explanation"]["agrees"] is True
    assert "暂结" in of_section(guessed, "BILL")

    await read(state, unread, date(2026, 4, 1), "1605.00")
    assert await settle_provisional(settling=billing.running.settling, account_ids=[unread.id], now=LATER) == 1
    march, settled, taken_back, _ = await bills_seen(http, home, unread)
    assert [one["status"] for one in (march, settled, taken_back)] == ["ISSUED", "ISSUED", "CANCELLED"]
    assert (settled["month"], settled["kind"], bool(settled["replaces"])) == ("2026-02", "REGULAR", True)
    assert march["kind"] == "REGULAR"
    for bill, kwh in ((settled, "140"), (march, "155")):
        assert kwh in of_section(bill, "READINGS")
        assert "2026-02-01" in of_section(bill, "READINGS")
        assert bill["explanation"]["agrees"] is True

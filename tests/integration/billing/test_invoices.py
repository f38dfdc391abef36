"""Invoices against a tax platform with real signatures that is slow, refuses, loses answers, forges and is away."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from gridhall.billing.bills.model import Bill, BillStatus
from gridhall.billing.invoices.model import BILL_GONE, Invoice, State, Title, TitleKind
from gridhall.billing.invoices.opening import open_tax_platform
from gridhall.billing.invoices.operations import (
    INVOICED_BEFORE,
    NO_TITLE,
    NOT_PAID,
    Invoicing,
    bills_cancelled,
    go_on,
    request,
    retry,
)
from gridhall.billing.invoices.port import TaxPlatform, TaxUnavailableError
from gridhall.billing.services import Billing
from gridhall.kit.clock import SystemClock
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.outbox import Outbox
from gridhall.kit.settings import Settings
from gridhall.simulators.app import Addresses, running
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill

KEY = b"a key of both sides"
FIRM = Title(TitleKind.FIRM, "杭州某某有限公司", "91330100MA27X12345")
PERSON = Title(TitleKind.PERSON, "王小明")


@pytest.fixture
async def stands() -> AsyncIterator[Addresses]:
    async with running(sms_access_key_id="k", sms_access_key_secret="s", tax=KEY) as addresses:
        yield addresses


@dataclass(frozen=True)
class Tax:
    """The platform, as we call it and as a test tells it what to do wrong."""

    platform: TaxPlatform
    http: httpx.AsyncClient
    stands: Addresses


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=0.5) as client:
        yield client


@pytest.fixture
def tax(stands: Addresses, http: httpx.AsyncClient) -> Tax:
    platform = open_tax_platform(Settings(tax_url=stands.tax_url, tax_key=KEY.decode()), http=http, clock=SystemClock())
    return Tax(platform, http, stands)


@pytest.fixture
def invoicing(billing: Billing) -> Invoicing:
    return billing.invoicing


@pytest.fixture
async def bill(billing: Billing, mongo: Mongo) -> Bill:
    account = an_account()
    made = a_bill(account, "2026-10", status=BillStatus.PAID)
    await kept(billing, mongo, made)
    return made


async def kept(billing: Billing, mongo: Mongo, bill: Bill) -> None:
    async def work(transaction: Transaction) -> None:
        await billing.bills.add([bill], transaction=transaction)

    await mongo.transact(work)


async def requested(invoicing: Invoicing, bill: Bill, title: Title | None = FIRM) -> Invoice:
    made = await request(invoicing=invoicing, bill=bill, title=title, by=uuid4(), now=SystemClock().now())
    assert isinstance(made, Invoice), made
    return made


async def work_on(invoicing: Invoicing, tax: Tax, *, hours: float = 0) -> None:
    now = SystemClock().now() + timedelta(hours=hours)
    await go_on(invoicing=invoicing, platform=tax.platform, now=now)


async def told(tax: Tax, **orders: object) -> dict[str, int]:
    answer = await tax.http.post(f"{tax.stands.tax_url}/control", json=orders)
    assert answer.is_success, answer.text
    return dict(answer.json())


async def stands_now(invoicing: Invoicing, invoice: Invoice) -> Invoice:
    return (await invoicing.invoices.load([invoice.id]))[invoice.id]


async def events(mongo: Mongo) -> list[str]:
    found = await Outbox(mongo).waiting(before=SystemClock().now() + timedelta(days=1), limit=100)
    return sorted(one.kind for one in found)


async def test_a_paid_bill_is_invoiced_once_however_often_it_is_asked_for(
    invoicing: Invoicing, tax: Tax, bill: Bill, mongo: Mongo
) -> None:
    made = await asyncio.gather(*(requested(invoicing, bill) for _ in range(5)))
    assert len({one.id for one in made}) == 1
    await asyncio.gather(*(work_on(invoicing, tax) for _ in range(4)))
    invoice = await stands_now(invoicing, made[0])
    assert (invoice.state, len(invoice.number)) == (State.ISSUED, 20)
    assert (invoice.net + invoice.tax, invoice.title) == (bill.total, FIRM)
    assert (await requested(invoicing, bill)).number == invoice.number
    assert await told(tax) == {"issued": 1, "reversed": 0, "requests": 1}
    assert await events(mongo) == ["billing.invoice_issued"]
    assert (await tax.platform.download(invoice.number, form="pdf")).startswith(b"%PDF")
    other = await request(invoicing=invoicing, bill=bill, title=PERSON, by=uuid4(), now=SystemClock().now())
    assert other == INVOICED_BEFORE


async def test_a_title_is_sealed_at_rest(invoicing: Invoicing, bill: Bill, mongo: Mongo) -> None:
    made = await requested(invoicing, bill)
    kept = str(await mongo["invoices"].find_one({"_id": made.id}))
    assert FIRM.name not in kept
    assert FIRM.tax_number not in kept


async def test_only_a_paid_bill_is_invoiced(invoicing: Invoicing, bill: Bill) -> None:
    owed = replace(bill, status=BillStatus.PART_PAID)
    now = SystemClock().now()
    assert await request(invoicing=invoicing, bill=owed, title=FIRM, by=uuid4(), now=now) == NOT_PAID
    assert await request(invoicing=invoicing, bill=bill, title=None, by=uuid4(), now=now) == NO_TITLE


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param({"status": 503, "times": 2}, id="away"),
        pytest.param({"lose_answers": 2}, id="answers lost"),
        pytest.param({"forge": 2}, id="answers forged"),
        pytest.param({"waiting": 2}, id="slow"),
        pytest.param({"delay_seconds": 0.8}, id="silent"),
    ],
)
async def test_what_goes_wrong_is_tried_again_and_issued_once(
    invoicing: Invoicing,
    tax: Tax,
    bill: Bill,
    trouble: dict[str, float],
) -> None:
    made = await requested(invoicing, bill)
    await told(tax, **trouble)
    await work_on(invoicing, tax)
    waiting = await stands_now(invoicing, made)
    assert waiting.state is State.ISSUING
    assert waiting.next_at is not None
    if "waiting" not in trouble:
        assert waiting.why.startswith("unavailable")
        await told(tax)
    for hour in (1, 3, 6):
        await work_on(invoicing, tax, hours=hour)
    assert (await stands_now(invoicing, made)).state is State.ISSUED
    assert (await told(tax))["issued"] == 1


async def test_what_the_platform_refuses_fails_and_goes_on_when_somebody_has_seen_to_it(
    invoicing: Invoicing, tax: Tax, bill: Bill
) -> None:
    made = await requested(invoicing, bill)
    await told(tax, reject=1)
    await work_on(invoicing, tax)
    failed = await stands_now(invoicing, made)
    assert (failed.state, failed.why) == (State.FAILED, "购方税号不存在")
    page = await invoicing.invoices.page(region="zhejiang", units=[""], states=[State.FAILED], after=None, limit=5)
    assert [one.id for one in page] == [made.id]
    mended = await requested(invoicing, bill, PERSON)
    assert mended.id != made.id
    await work_on(invoicing, tax)
    assert (await stands_now(invoicing, mended)).state is State.ISSUED


async def test_the_invoice_of_a_bill_that_is_taken_back_is_reversed_and_offered_anew(
    billing: Billing,
    invoicing: Invoicing,
    tax: Tax,
    mongo: Mongo,
    bill: Bill,
) -> None:
    made = await requested(invoicing, bill)
    await work_on(invoicing, tax)
    now = SystemClock().now()
    assert [await bills_cancelled(invoicing=invoicing, bill_ids=[bill.id], now=now) for _ in range(2)] == [1, 0]
    await told(tax, lose_answers=2)
    for hour in (0, 1, 2):
        await work_on(invoicing, tax, hours=hour)
    reversed_one = await stands_now(invoicing, made)
    assert reversed_one.state is State.REVERSED
    assert len(reversed_one.reversal_number) == 20
    assert await told(tax) == {"issued": 1, "reversed": 1, "requests": 2}
    assert await events(mongo) == ["billing.invoice_issued", "billing.invoice_reversed"]
    anew = a_bill(an_account(), "2026-10", 180, status=BillStatus.PAID, sequence=2)
    new = replace(anew, account_id=bill.account_id, replaces=bill.id)
    await kept(billing, mongo, new)
    assert (await requested(invoicing, new, None)).title == FIRM


async def test_a_bill_taken_back_while_its_invoice_is_issued_leaves_no_invoice(
    invoicing: Invoicing, tax: Tax, bill: Bill
) -> None:
    made = await requested(invoicing, bill)
    await told(tax, lose_answers=2)
    await work_on(invoicing, tax)
    await bills_cancelled(invoicing=invoicing, bill_ids=[bill.id], now=SystemClock().now())
    for hour in (1, 2):
        await work_on(invoicing, tax, hours=hour)
    assert (await stands_now(invoicing, made)).state is State.REVERSED
    assert (await told(tax))["reversed"] == 1


async def test_a_bill_taken_back_before_the_platform_heard_of_it_leaves_nothing(
    invoicing: Invoicing, tax: Tax, bill: Bill
) -> None:
    made = await requested(invoicing, bill)
    await told(tax, status=503, times=2)
    await work_on(invoicing, tax)
    await bills_cancelled(invoicing=invoicing, bill_ids=[bill.id], now=SystemClock().now())
    await work_on(invoicing, tax, hours=1)
    failed = await stands_now(invoicing, made)
    assert (failed.state, failed.why) == (State.FAILED, BILL_GONE)
    assert (await told(tax))["issued"] == 0


async def test_a_platform_that_is_away_for_long_leaves_it_to_the_desk(
    invoicing: Invoicing,
    bill: Bill,
    tax: Tax,
) -> None:
    made = await requested(invoicing, bill)
    away = open_tax_platform(
        Settings(tax_url="http://127.0.0.1:9", tax_key=KEY.decode()), http=tax.http, clock=SystemClock()
    )
    for hour in range(45):
        await work_on(invoicing, replace(tax, platform=away), hours=2 * hour)
    assert (await stands_now(invoicing, made)).state is State.FAILED
    # It may have been issued, so nobody gets a second one beside it.
    other = await request(invoicing=invoicing, bill=bill, title=PERSON, by=uuid4(), now=SystemClock().now())
    assert other == INVOICED_BEFORE
    again = await retry(invoicing=invoicing, invoice_id=made.id, now=SystemClock().now())
    assert isinstance(again, Invoice)
    await work_on(invoicing, tax)
    assert (await stands_now(invoicing, made)).state is State.ISSUED


async def test_a_key_of_somebody_else_is_refused_by_both_sides(stands: Addresses, http: httpx.AsyncClient) -> None:
    stranger = open_tax_platform(Settings(tax_url=stands.tax_url, tax_key="guessed"), http=http, clock=SystemClock())
    with pytest.raises(TaxUnavailableError, match="not signed"):
        await stranger.query("0" * 32)


async def test_a_bill_taken_back_while_its_invoice_is_asked_for_leaves_no_invoice(
    invoicing: Invoicing, tax: Tax, bill: Bill, mongo: Mongo
) -> None:
    """Whoever takes it back looks for invoices before the request, which knows it as paid, has written one."""
    await mongo["bills"].update_one({"_id": bill.id}, {"$set": {"status": BillStatus.CANCELLED}})
    now = SystemClock().now()
    assert await bills_cancelled(invoicing=invoicing, bill_ids=[bill.id], now=now) == 0
    assert await request(invoicing=invoicing, bill=bill, title=FIRM, by=uuid4(), now=now) == NOT_PAID
    await work_on(invoicing, tax)
    assert (await told(tax))["issued"] == 0


async def test_two_titles_at_once_are_one_invoice(invoicing: Invoicing, tax: Tax, bill: Bill) -> None:
    now = SystemClock().now()
    asked = (request(invoicing=invoicing, bill=bill, title=title, by=uuid4(), now=now) for title in (FIRM, PERSON) * 3)
    made = await asyncio.gather(*asked)
    assert len({one.id for one in made if isinstance(one, Invoice)}) == 1
    assert sum(one == INVOICED_BEFORE for one in made) == 3
    await work_on(invoicing, tax)
    assert (await told(tax))["issued"] == 1


async def test_a_reversal_and_the_issue_at_once_leave_no_invoice(invoicing: Invoicing, tax: Tax, bill: Bill) -> None:
    made = await requested(invoicing, bill)
    gone = bills_cancelled(invoicing=invoicing, bill_ids=[bill.id], now=SystemClock().now())
    await asyncio.gather(work_on(invoicing, tax), gone, work_on(invoicing, tax))
    await bills_cancelled(invoicing=invoicing, bill_ids=[bill.id], now=SystemClock().now())
    for hours in (1, 2, 3, 4):
        await work_on(invoicing, tax, hours=hours)
    left = await stands_now(invoicing, made)
    counts = await told(tax)
    assert left.state in {State.REVERSED, State.FAILED}
    assert counts["issued"] == counts["reversed"]

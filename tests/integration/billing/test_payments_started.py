"""Starting an online payment, with the stand-in that takes the orders."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import httpx
import pytest

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.model import Bill, BillId, BillStatus
from gridhall.billing.payments.model import Part
from gridhall.billing.payments.port import OnlineProvider, ProviderUnavailableError
from gridhall.billing.payments.starting import KeyReused, NothingToPay, Refused, Started, Wanted, start
from gridhall.billing.services import Billing
from gridhall.kit.ids import new_id
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.simulators.app import Addresses, running
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill
from tests.factories.paying import pay_keys, providers_at

NOW = datetime.now(UTC).replace(microsecond=0)

Outcome = Started | Refused


@pytest.fixture
async def stands() -> AsyncIterator[Addresses]:
    async with running(pay=pay_keys(), sms_access_key_id="k", sms_access_key_secret="s") as addresses:
        yield addresses


@pytest.fixture
async def provider(stands: Addresses) -> AsyncIterator[OnlineProvider]:
    async with httpx.AsyncClient(trust_env=False) as http:
        yield providers_at(stands, http)["wechatpay"]


@pytest.fixture
async def account(billing: Billing) -> Account:
    account = an_account()
    await billing.accounts.add([account])
    return account


@pytest.fixture
async def bills(billing: Billing, mongo: Mongo, account: Account) -> list[Bill]:
    """An open bill of 100 kWh, one of 200 kWh, one that is paid and one that is held."""
    made = [
        a_bill(account, "2026-01", 100),
        a_bill(account, "2026-02", 200),
        a_bill(account, "2026-03", 300, status=BillStatus.PAID, paid=Fen(16140)),
        a_bill(account, "2026-04", 400, status=BillStatus.HELD),
    ]

    async def write(transaction: Transaction) -> None:
        await billing.bills.add(made, transaction=transaction)

    await mongo.transact(write)
    return made


async def started(
    billing: Billing, provider: OnlineProvider, account: Account, bill_ids: Sequence[BillId], key: str = "1"
) -> Outcome:
    return await start(
        payments=billing.payments,
        provider=provider,
        wanted=[Wanted(account, tuple(bill_ids))],
        payer="wang",
        key=key,
        description="电费",
        now=NOW,
        payer_at_provider="o-wang",
    )


async def test_a_payment_of_two_bills_asks_for_both_and_says_where_to_confirm(
    billing: Billing, provider: OnlineProvider, account: Account, bills: list[Bill]
) -> None:
    outcome = await started(billing, provider, account, [bills[0].id, bills[1].id])
    assert isinstance(outcome, Started)
    assert (outcome.intent.amount, outcome.intent.parts[0].account_id) == (5380 + 10760, account.id)
    assert outcome.intent.client is not None
    assert outcome.intent.client["package"].startswith("prepay_id=")


async def test_the_same_request_again_is_the_same_payment(
    billing: Billing, provider: OnlineProvider, account: Account, bills: list[Bill], mongo: Mongo
) -> None:
    both = [bills[0].id, bills[1].id]
    first = await started(billing, provider, account, both)
    assert await started(billing, provider, account, both[::-1]) == first
    assert await mongo["payment_intents"].count_documents({}) == 1


async def test_the_same_request_eight_times_at_once_is_one_payment(
    billing: Billing, provider: OnlineProvider, account: Account, bills: list[Bill], mongo: Mongo
) -> None:
    asks = (started(billing, provider, account, [bills[0].id]) for _ in range(8))
    outcomes = await asyncio.gather(*asks)
    assert {outcome.intent.number for outcome in outcomes if isinstance(outcome, Started)} == {
        document["_id"] async for document in mongo["payment_intents"].find()
    }
    assert all(isinstance(outcome, Started) and outcome.intent.client for outcome in outcomes)


async def test_a_bill_that_is_named_twice_is_asked_for_once(
    billing: Billing, provider: OnlineProvider, account: Account, bills: list[Bill]
) -> None:
    outcome = await started(billing, provider, account, [bills[0].id, bills[0].id])
    assert isinstance(outcome, Started)
    assert outcome.intent.parts == (Part(account.id, (bills[0].id,), Fen(5380)),)


async def test_a_key_that_was_used_for_other_bills_is_refused(
    billing: Billing, provider: OnlineProvider, account: Account, bills: list[Bill]
) -> None:
    await started(billing, provider, account, [bills[0].id])
    for others in ([bills[1].id], [bills[0].id, bills[1].id]):
        assert await started(billing, provider, account, others) == KeyReused()


async def test_a_key_that_was_used_for_another_account_is_refused(
    billing: Billing, provider: OnlineProvider, account: Account, bills: list[Bill]
) -> None:
    await started(billing, provider, account, [bills[0].id])
    assert await started(billing, provider, an_account(2), [bills[0].id]) == KeyReused()


@pytest.mark.parametrize("which", [2, 3], ids=["paid", "held"])
async def test_a_bill_that_asks_for_no_money_cannot_be_paid(
    billing: Billing, provider: OnlineProvider, account: Account, bills: list[Bill], which: int
) -> None:
    outcome = await started(billing, provider, account, [bills[0].id, bills[which].id])
    assert outcome == NothingToPay(bills[which].id)


async def test_bills_of_others_and_bills_that_are_none_cannot_be_paid(
    billing: Billing, provider: OnlineProvider, account: Account, bills: list[Bill], mongo: Mongo
) -> None:
    unknown = BillId(new_id())
    assert await started(billing, provider, account, [unknown]) == NothingToPay(unknown)
    stranger = an_account(2)
    assert await started(billing, provider, stranger, [bills[0].id]) == NothingToPay(bills[0].id)
    assert await mongo["payment_intents"].count_documents({}) == 0


async def test_while_the_provider_is_away_nothing_is_lost_and_asking_again_goes_on(
    billing: Billing, stands: Addresses, account: Account, bills: list[Bill], mongo: Mongo
) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        away = providers_at(stands, http, wechatpay_url="http://127.0.0.1:9")["wechatpay"]
        with pytest.raises(ProviderUnavailableError):
            await started(billing, away, account, [bills[0].id])
        (kept,) = [document["_id"] async for document in mongo["payment_intents"].find()]
        back = providers_at(stands, http)["wechatpay"]
        outcome = await started(billing, back, account, [bills[0].id])
    assert isinstance(outcome, Started)
    assert outcome.intent.number == kept
